package provider_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/login"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/provider/request"
	"itsme-bridge/storage"
)

// tokensOf goes the whole way, and returns what the ID token and userinfo say.
func tokensOf(t *testing.T, s *Server, change func(url.Values)) (idToken, userinfo map[string]any) {
	t.Helper()
	answer := s.Exchange(s.Login(change).Get("code"), nil)
	answer.Wants(t, http.StatusOK, "")
	raw, _ := answer.JSON()["id_token"].(string)
	access, _ := answer.JSON()["access_token"].(string)
	_, idToken = checked(t, s, raw)
	return idToken, s.UserInfo(access).JSON()
}

// OpenID Connect Core §5.5: claims by name.
func TestClaimsParameter(t *testing.T) {
	for _, row := range []struct {
		name             string
		scope, claims    string
		app              func(*client.Client)
		idToken, persons []string // beside what every ID token has, and sub
		scopes           string   // that CM was asked for
	}{
		{"none", "openid", ``, nil, nil, nil, ""},
		{"userinfo", "openid", `{"userinfo":{"given_name":null}}`, nil, nil, []string{"given_name"}, "profile"},
		{"id_token", "openid", `{"id_token":{"birthdate":{"essential":true}}}`, nil, []string{"birthdate"}, nil, "profile"},
		{"beside a scope", "openid email", `{"id_token":{"email":null},"userinfo":{"name":{"essential":true}}}`, nil, []string{"email", "email_verified"}, []string{"email", "email_verified", "name"}, "email profile"},
		{"unknown claims", "openid", `{"userinfo":{"picture":null,"http://claims.example/x":{"value":1}},"other":{}}`, nil, nil, nil, ""},
		{
			"what the client may not have", "openid", `{"userinfo":{"email":null,"name":null}}`,
			func(c *client.Client) { c.Scopes = []string{"email"} }, nil,
			[]string{"email", "email_verified"},
			"email",
		},
		{"protocol claims cannot be chosen", "openid", `{"id_token":{"iss":{"value":"x"},"aud":{"value":"x"},"nonce":{"value":"x"},"auth_time":{"essential":true}}}`, nil, nil, nil, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := With(t, Options{App: row.app})
			idToken, userinfo := tokensOf(t, s, func(v url.Values) { v.Set("scope", row.scope); v.Set("claims", row.claims) })
			wantMembers(t, "ID token", idToken, append([]string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash"}, row.idToken...))
			wantMembers(t, "userinfo", userinfo, append([]string{"sub"}, row.persons...))
			if asked, _ := s.Sandbox.Last(); strings.Join(asked.Scopes, " ") != row.scopes {
				t.Errorf("CM was asked for %v, want %q", asked.Scopes, row.scopes)
			}
			if idToken["iss"] != s.Issuer || idToken["nonce"] != "a nonce" {
				t.Errorf("%v", idToken)
			}
		})
	}
}

func wantMembers(t *testing.T, where string, got map[string]any, want []string) {
	t.Helper()
	slices.Sort(want)
	if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, want) {
		t.Errorf("%s: %v, want %v", where, names, want)
	}
}

// OpenID Connect Core §5.5: what is no claims parameter.
func TestClaimsParameterRefused(t *testing.T) {
	s := New(t)
	for _, claims := range []string{
		`[`, `[]`, `"x"`, `{"userinfo":[]}`, `{"id_token":{"email":true}}`, `{"id_token":{"acr":{"essential":"yes"}}}`,
		`{"id_token":{"sub":{"value":7}}}`, `{"id_token":{"sub":{"value":""}}}`,
		`{"id_token":{"sub":{"value":"a"}},"userinfo":{"sub":{"value":"b"}}}`,
		`{"userinfo":{"` + strings.Repeat("x", request.MaxClaims) + `":null}}`,
	} {
		_, got := responseOf(t, s.Browser().Authorize(set("claims", claims)))
		if got.Get("error") != "invalid_request" {
			t.Errorf("%.60s: %v", claims, got)
		}
	}
}

// OpenID Connect Core §3.1.2.1 and §5.5.1.1: what a login is worth, by which name.
func TestACR(t *testing.T) {
	asserted := func(c *client.Client) {
		c.ACR, c.ACRAliases = "https://example.be/high", []string{"urn:old:high", "urn:older:high"}
	}
	const refused = "unmet_authentication_requirements"
	for _, row := range []struct {
		name           string
		app            func(*client.Client)
		acrValues, acr string // acr_values, and claims.id_token.acr
		want           string // in the ID token, or the error
	}{
		{"nothing asked, nothing asserted", nil, "", "", ""},
		{"nothing asked", asserted, "", "", "https://example.be/high"},
		{"the name itself", asserted, "https://example.be/high", "", "https://example.be/high"},
		{"an alias", asserted, "urn:old:high", "", "urn:old:high"},
		{"in the order of preference", asserted, "urn:highest urn:older:high urn:old:high", "", "urn:older:high"},
		{"only others: voluntary", asserted, "urn:highest", "", "https://example.be/high"},
		{"asked, but nothing is asserted", nil, "urn:highest", "", ""},
		{"voluntary by claims", asserted, "", `{"values":["urn:highest","urn:old:high"]}`, "urn:old:high"},
		{"essential, and reached", asserted, "", `{"essential":true,"values":["urn:highest","urn:old:high"]}`, "urn:old:high"},
		{"essential by value", asserted, "", `{"essential":true,"value":"https://example.be/high"}`, "https://example.be/high"},
		{"essential, whichever", asserted, "", `{"essential":true}`, "https://example.be/high"},
		{"essential, and out of reach", asserted, "urn:old:high", `{"essential":true,"values":["urn:highest"]}`, refused},
		{"essential, and nothing is asserted", nil, "", `{"essential":true}`, refused},
		{"essential, and no text", asserted, "", `{"essential":true,"value":1}`, refused},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := With(t, Options{App: row.app})
			change := func(v url.Values) {
				v.Set("acr_values", row.acrValues)
				if row.acr != "" {
					v.Set("claims", `{"id_token":{"acr":`+row.acr+`}}`)
				}
			}
			if row.want == refused {
				_, got := responseOf(t, s.Browser().Authorize(change))
				if got.Get("error") != refused || s.Sandbox.Starts() != 0 {
					t.Errorf("%v", got)
				}
				return
			}
			idToken, _ := tokensOf(t, s, change)
			if got, _ := idToken["acr"].(string); got != row.want {
				t.Errorf("acr %q, want %q", got, row.want)
			}
		})
	}
}

// Without an access token nobody can ask userinfo (OpenID Connect Core §5.4): CM
// is not asked for what would be told there, and nothing of it is kept.
func TestNothingForUserinfoWithoutAnAccessToken(t *testing.T) {
	s := With(t, Options{App: front})
	b := s.Browser()
	back := b.Begin(all(frontRequest("id_token", ""), set("scope", "openid phone"), set("claims", `{"userinfo":{"email":null}}`)))
	if asked, _ := s.Sandbox.Last(); !slices.Equal(asked.Scopes, []string{"phone"}) {
		t.Errorf("CM is asked for %v", asked.Scopes)
	}
	s.Approve()
	responseOf(t, b.Get(back))
	id, _, _ := strings.Cut(back[strings.LastIndex(back, "/")+1:], ".")
	login, _, err := storage.NewBucket[login.Login](s.Store, "login").Get(t.Context(), storage.HandleOf(id, secretOf(t, b)))
	if err != nil || login.Outcome == nil {
		t.Fatal("the login does not open", err)
	}
	code, _ := storage.ParseHandle(login.Outcome.Code)
	grant, ok, err := storage.NewBucket[grant.Grant](s.Store, "grant").Get(t.Context(), code)
	if err != nil || !ok || grant.Claims != nil || grant.IDTokenClaims == nil {
		t.Errorf("%v %v: kept for userinfo %s", ok, err, grant.Claims)
	}
}
