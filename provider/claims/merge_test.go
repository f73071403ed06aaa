package claims_test

import (
	"encoding/json"
	"strings"
	"testing"

	"itsme-bridge/provider/claims"
)

// Claims come from CM by a table of ours, and even if they did not: they can
// never say who somebody is, or for whom a token is.
func TestClaimsNeverOverride(t *testing.T) {
	type protocol struct {
		Issuer  string `json:"iss"`
		Subject string `json:"sub"`
	}
	ours := protocol{"https://issuer", "lucas"}
	for _, row := range []struct{ name, claims, want string }{
		{"none", ``, `{"iss":"https://issuer","sub":"lucas"}`},
		{"an empty object", `{}`, `{"iss":"https://issuer","sub":"lucas"}`},
		{"an empty object with spaces", "{ \n}", `{"iss":"https://issuer","sub":"lucas"}`},
		{"null", `null`, `{"iss":"https://issuer","sub":"lucas"}`},
		{"with spaces", " {\"name\" : \"L\"} ", `{"iss":"https://issuer","sub":"lucas","name":"L"}`},
		{"an ordinary one", `{"name":"L"}`, `{"iss":"https://issuer","sub":"lucas","name":"L"}`},
		{"false", `{"email_verified":false}`, `{"iss":"https://issuer","sub":"lucas","email_verified":false}`},
		{"a reserved name as a value", `{"name":"sub"}`, `{"iss":"https://issuer","sub":"lucas","name":"sub"}`},
		{"a letter as its number", `{"name":"\u004c"}`, `{"iss":"https://issuer","sub":"lucas","name":"\u004c"}`},
		{"sub", `{"sub":"eve","name":"L"}`, `{"iss":"https://issuer","sub":"lucas","name":"L"}`},
		{"sub alone", `{"sub":"eve"}`, `{"iss":"https://issuer","sub":"lucas"}`},
		{"in another case", `{"Sub":"eve","ISS":"https://eve"}`, `{"iss":"https://issuer","sub":"lucas"}`},
		{"escaped", `{"\u0073ub":"eve"}`, `{"iss":"https://issuer","sub":"lucas"}`},
		{"names of ours that are not there", `{"nonce":"x","acr":"high","nbf":1,"cnf":{}}`, `{"iss":"https://issuer","sub":"lucas"}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := claims.Merge(ours, json.RawMessage(row.claims))
			if err != nil || string(got) != row.want {
				t.Errorf("got %s, %v\nwant %s", got, err, row.want)
			}
		})
	}
	for _, broken := range []string{`[]`, `"lucas"`, `{"name":`, `{"name":"lucas"}}`} {
		if got, err := claims.Merge(ours, json.RawMessage(broken)); err == nil || strings.Contains(err.Error(), "lucas") {
			t.Errorf("%s: %s, %v", broken, got, err)
		}
	}
}
