package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// RFC 9700 §2.1.1, OpenID Connect Core §3.1.2.1: what a request for a code must
// bring, by the client's entry.
func TestWhatBindsACode(t *testing.T) {
	withoutPKCE := all(del("code_challenge"), del("code_challenge_method"))
	for _, row := range []struct {
		name    string
		request func(url.Values)
		begin   map[client.PKCE]bool
	}{
		{"both", nil, map[client.PKCE]bool{client.PKCERequired: true, client.PKCEOrNonce: true, client.PKCEOptional: true}},
		{"PKCE", del("nonce"), map[client.PKCE]bool{client.PKCERequired: true, client.PKCEOrNonce: true, client.PKCEOptional: true}},
		{"a nonce", withoutPKCE, map[client.PKCE]bool{client.PKCEOrNonce: true, client.PKCEOptional: true}},
		{"neither", all(withoutPKCE, del("nonce")), map[client.PKCE]bool{client.PKCEOptional: true}},
		{"an empty nonce and an empty challenge", all(set("code_challenge", ""), set("code_challenge_method", ""), set("nonce", "")), map[client.PKCE]bool{client.PKCEOptional: true}},
		{"plain", set("code_challenge_method", "plain"), nil},
		{"plain by omission", del("code_challenge_method"), nil},
		{"a method alone", del("code_challenge"), nil},
		{"no hash", set("code_challenge", "short"), nil},
		{"Core §3.3.2.11: an ID token beside the code without a nonce", all(set("response_type", "code id_token"), withoutPKCE, del("nonce")), nil},
		{"Core §3.3.2.11: an ID token beside the code without a nonce, with PKCE", all(set("response_type", "code id_token"), del("nonce")), nil},
		{"Core §3.2.2.1: an ID token alone without a nonce", all(set("response_type", "id_token"), withoutPKCE, del("nonce")), nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, pkce := range []client.PKCE{client.PKCERequired, client.PKCEOrNonce, client.PKCEOptional} {
				s := With(t, Options{App: func(c *client.Client) { c.PKCE, c.ResponseTypes = pkce, client.ResponseTypes() }})
				answer := s.Browser().Authorize(row.request)
				if begun := strings.HasPrefix(answer.Leads(), s.Sandbox.URL); begun != row.begin[pkce] {
					t.Errorf("at /authorize, %d: %d leads to %q", pkce, answer.Status, answer.Leads())
				} else if !begun && !strings.Contains(answer.Leads(), "error=invalid_request") {
					t.Errorf("at /authorize, %d: leads to %q", pkce, answer.Leads())
				}
				if pushed := pushing(t, s, row.request); (pushed.Status == http.StatusCreated) != row.begin[pkce] {
					t.Errorf("at /par, %d: %d %s", pkce, pushed.Status, pushed.Body)
				}
			}
		})
	}
}

// A login that nothing binds goes the whole way, and whoever brings a verifier
// without a challenge, or no verifier for one, is refused all the same (RFC 7636
// §4.6, RFC 9700 §2.1.1).
func TestCodesThatNothingBinds(t *testing.T) {
	s := With(t, Options{App: func(c *client.Client) { c.PKCE = client.PKCEOptional }})
	bare := all(del("code_challenge"), del("code_challenge_method"), del("nonce"))
	code := func(change func(url.Values)) string { return s.Login(change).Get("code") }

	got := s.Exchange(code(bare), del("code_verifier"))
	got.Wants(t, http.StatusOK, "")
	raw, _ := got.JSON()["id_token"].(string)
	if token, claims := checked(t, s, raw); token.Nonce != "" || claims["nonce"] != nil {
		t.Errorf("a nonce that nobody asked for: %v", claims)
	}
	s.Exchange(code(bare), nil).Wants(t, http.StatusBadRequest, "invalid_grant")
	s.Exchange(code(nil), del("code_verifier")).Wants(t, http.StatusBadRequest, "invalid_grant")
	s.Exchange(code(nil), set("code_verifier", strings.Repeat("x", 43))).Wants(t, http.StatusBadRequest, "invalid_grant")
	s.Exchange(code(nil), nil).Wants(t, http.StatusOK, "")
}
