package signed_test

import (
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"itsme-bridge/provider/signed"
)

func plainRequest() members {
	return members{
		"iss": client, "aud": issuer, "exp": at(time.Minute), "nbf": at(0), "iat": at(0), "jti": "one",
		"client_id": client, "response_type": "code", "scope": "openid",
	}
}

func TestReadRequest(t *testing.T) {
	rules := signed.RequestRules{ClientID: client, Issuer: issuer, Now: now}
	strict := rules
	strict.MustExpire = true
	const (
		nobodys      = "The request object names its client neither as client_id nor as iss."
		notTheClient = "The claim iss is not the client_id."
		otherClient  = "The claim client_id is not the client_id of the request."
		badAudience  = "The claim aud is not the issuer."
		nested       = "The request object contains request or request_uri."
		asAssertion  = "The claim sub is the client_id, as in a client assertion."
	)
	for _, row := range []struct {
		name    string
		changes members
		rules   signed.RequestRules
		want    string
	}{
		{"as it should be", nil, rules, ""},
		{"as it must be", nil, strict, ""},
		{"nothing but parameters", members{"iss": nil, "aud": nil, "exp": nil, "nbf": nil, "iat": nil, "jti": nil}, rules, ""},
		{"no client_id, but iss", members{"client_id": nil}, rules, ""},
		{"of nobody", members{"iss": nil, "client_id": nil}, rules, nobodys},
		{"for several", members{"aud": []string{"https://other.example", issuer}}, strict, ""},
		{"about somebody", members{"sub": "somebody"}, rules, ""},

		{"of another client", members{"iss": "other"}, rules, notTheClient},
		{"iss is null", members{"iss": json.RawMessage("null")}, rules, notTheClient},
		{"no iss", members{"iss": nil}, strict, notTheClient},
		{"another client_id", members{"client_id": "other"}, rules, otherClient},
		{"client_id is a list", members{"client_id": []string{client}}, rules, otherClient},
		{"sub is the client", members{"sub": client}, rules, asAssertion},
		{"a foreign aud", members{"aud": hostile}, rules, badAudience},
		{"foreign auds", members{"aud": []string{endpoint, client}}, rules, badAudience},
		{"an empty aud", members{"aud": []string{}}, rules, badAudience},
		{"aud is null", members{"aud": json.RawMessage("null")}, rules, badAudience},
		{"no aud", members{"aud": nil}, strict, badAudience},

		{"expired", members{"exp": at(0)}, rules, "The claim exp lies in the past."},
		{"nbf 10 s ahead", members{"nbf": at(10 * time.Second)}, strict, ""},
		{"nbf 11 s ahead", members{"nbf": at(11 * time.Second)}, rules, "The claim nbf lies in the future."},
		{"iat 11 s ahead", members{"iat": at(11 * time.Second)}, rules, "The claim iat lies in the future."},
		{"exp is a string", members{"exp": hostile}, rules, "The claim exp is not a number of seconds since 1970."},
		{"lives long", members{"nbf": at(-24 * time.Hour), "exp": at(24 * time.Hour)}, rules, ""},
		{"must expire: no nbf", members{"nbf": nil}, strict, "The claim nbf is missing."},
		{"must expire: no exp", members{"exp": nil}, strict, "The claim exp is missing."},
		{"must expire: expired", members{"exp": at(-time.Second)}, strict, "The claim exp lies in the past."},
		{"must expire: an hour", members{"exp": at(time.Hour)}, strict, ""},
		{"must expire: longer", members{"exp": at(time.Hour + time.Second)}, strict, "The claim exp lies too far behind nbf."},
		{"must expire: an old one", members{"nbf": at(-time.Hour), "exp": at(time.Second)}, strict, "The claim exp lies too far behind nbf."},
		{"must expire: an older one", members{"nbf": at(-time.Hour - time.Second)}, strict, "The claim nbf lies too far in the past."},

		{"another one in it", members{"request": hostile}, rules, nested},
		{"a reference in it", members{"request_uri": hostile}, rules, nested},
		{"null in it", members{"request": json.RawMessage("null")}, rules, nested},
	} {
		got, err := signed.ReadRequest(plainRequest().with(row.changes).json(t), row.rules)
		if row.want != "" {
			refused(t, row.name, err, row.want)
			if got != nil {
				t.Errorf("%s: %v", row.name, got)
			}
			continue
		}
		if err != nil || got.Encode() != "client_id=app&response_type=code&scope=openid" {
			t.Errorf("%s: %v, %v", row.name, got, err)
		}
	}
	_, err := signed.ReadRequest(repeated(plainRequest().json(t), "scope"), rules)
	refused(t, "scope twice", err, badPayload)
}

func TestParameters(t *testing.T) {
	for _, row := range []struct{ claim, want string }{
		{`"openid profile"`, "openid profile"},
		{`""`, ""},
		{`"a\"b\u00e9\\&=+"`, "a\"b\u00e9\\&=+"},
		{`86400`, "86400"},
		{`0`, "0"},
		{`-1`, "-1"},
		{`8.64e4`, "86400"},
		{`86400.0`, "86400"},
		{`1.5`, "1.5"},
		{`123456789012345678901234567890`, "123456789012345678901234567890"},
		{`true`, "true"},
		{`false`, "false"},
		{"[ \"a\" ,\n 1 ]", `["a",1]`},
		{`{ "userinfo" : { "z" : null , "a" : "<&>" , "n" : 1.0 } }`, `{"userinfo":{"z":null,"a":"<&>","n":1.0}}`},
	} {
		got, err := signed.ReadRequest([]byte(`{ "iss" : "`+client+`", "claim" : `+row.claim+` }`), signed.RequestRules{ClientID: client})
		want := url.Values{"client_id": {client}, "claim": {row.want}}
		if err != nil || got.Encode() != want.Encode() {
			t.Errorf("%s: %v, %v", row.claim, got, err)
		}
	}
	got, err := signed.ReadRequest([]byte(`{"iss": "`+client+`", "claim": null}`), signed.RequestRules{ClientID: client})
	if err != nil || got.Has("claim") {
		t.Errorf("null: %v, %v", got, err)
	}
}
