package provider_test

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"itsme-bridge/keys"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// front is a client that may have every response type.
func front(c *client.Client) { c.ResponseTypes = []string{"code", "id_token", "code id_token"} }

// frontRequest asks for a response type, without PKCE where no code comes.
func frontRequest(responseType, mode string) func(url.Values) {
	return func(v url.Values) {
		v.Set("response_type", responseType)
		if mode != "" {
			v.Set("response_mode", mode)
		}
		if responseType == "id_token" {
			v.Del("code_challenge")
			v.Del("code_challenge_method")
		}
	}
}

// checked verifies an ID token of App with somebody else's code.
func checked(t *testing.T, s *Server, raw string) (*oidc.IDToken, map[string]any) {
	t.Helper()
	found, err := oidc.NewProvider(t.Context(), s.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	token, err := found.VerifierContext(context.Background(), &oidc.Config{ClientID: App, Now: s.Now}).Verify(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{}
	if err := token.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	return token, claims
}

// Multiple Response Type Encoding Practices §3 and §5, OpenID Connect Core
// §3.2.2.5 and §3.3.2.5: what comes back, and how.
func TestResponseTypes(t *testing.T) {
	for _, row := range []struct {
		name          string
		responseType  string
		mode          string
		wantMode      string
		code, idToken bool
	}{
		{"code", "code", "", "query", true, false},
		{"id_token", "id_token", "", "fragment", false, true},
		{"id_token by form_post", "id_token", "form_post", "form_post", false, true},
		{"code id_token", "code id_token", "", "fragment", true, true},
		{"id_token code", "id_token code", "fragment", "fragment", true, true},
		{"code id_token by form_post", "code id_token", "form_post", "form_post", true, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := With(t, Options{App: front})
			b := s.Browser()
			back := b.Begin(frontRequest(row.responseType, row.mode))
			s.Approve()
			mode, got := responseOf(t, b.Get(back))
			if mode != row.wantMode || got.Has("code") != row.code || got.Has("id_token") != row.idToken || got.Has("access_token") {
				t.Fatalf("%s %v", mode, got)
			}
			if got.Get("state") != "a state" || got.Get("iss") != s.Issuer {
				t.Errorf("state %q, iss %q", got.Get("state"), got.Get("iss"))
			}
			if row.idToken {
				checkFrontToken(t, s, got)
			}
		})
	}
}

// checkFrontToken: OpenID Connect Core §3.2.2.10, §3.3.2.11 and §3.3.3.6.
func checkFrontToken(t *testing.T, s *Server, got url.Values) {
	t.Helper()
	token, claims := checked(t, s, got.Get("id_token"))
	if token.Nonce != "a nonce" || claims["at_hash"] != nil {
		t.Errorf("nonce %q, at_hash %v", token.Nonce, claims["at_hash"])
	}
	code := got.Get("code")
	if code == "" {
		if claims["c_hash"] != nil || claims["email"] != "lucas.maes@example.com" || claims["email_verified"] != false {
			t.Errorf("without an access token the claims of scopes are in the ID token (OpenID Connect Core §5.4): %v", claims)
		}
		return
	}
	if want := halfHash(keys.RS256, code); claims["c_hash"] != want {
		t.Errorf("c_hash %v, want %s", claims["c_hash"], want)
	}
	if claims["email"] != nil {
		t.Errorf("the claims are at userinfo: %v", claims)
	}
	answer := s.Exchange(code, nil)
	answer.Wants(t, http.StatusOK, "")
	raw, _ := answer.JSON()["id_token"].(string)
	second, _ := checked(t, s, raw)
	if second.Subject != token.Subject || second.Nonce != token.Nonce {
		t.Errorf("the two ID tokens are about %q and %q", token.Subject, second.Subject)
	}
}

// What is asked for and may not be, in the right mode.
func TestResponseTypesRefused(t *testing.T) {
	s := With(t, Options{App: func(c *client.Client) { c.ResponseTypes = []string{"id_token"} }})
	for _, row := range []struct {
		name   string
		change func(url.Values)
		mode   string
		code   string
	}{
		{"not registered: code", frontRequest("code", ""), "query", "unauthorized_client"},
		{"not registered: code id_token", frontRequest("code id_token", ""), "fragment", "unauthorized_client"},
		{"RFC 9700 §2.1.2 token", frontRequest("token", ""), "fragment", "unsupported_response_type"},
		{"RFC 9700 §2.1.2 id_token token", frontRequest("id_token token", "form_post"), "form_post", "unsupported_response_type"},
		{"RFC 9700 §2.1.2 code token", frontRequest("code token", ""), "fragment", "unsupported_response_type"},
		{"RFC 9700 §2.1.2 code id_token token", frontRequest("code id_token token", ""), "fragment", "unsupported_response_type"},
		{"a word twice", frontRequest("id_token id_token", ""), "fragment", "unsupported_response_type"},
		{"none", frontRequest("none", ""), "fragment", "unsupported_response_type"},
		{"Multiple Response Types §2.1 an ID token in the query", frontRequest("id_token", "query"), "fragment", "invalid_request"},
		{"OIDC Core §3.2.2.1 no nonce", func(v url.Values) { frontRequest("id_token", "")(v); v.Del("nonce") }, "fragment", "invalid_request"},
		{"OIDC Core §3.1.2.1 no openid", func(v url.Values) { frontRequest("id_token", "form_post")(v); v.Del("scope") }, "form_post", "invalid_scope"},
	} {
		t.Run(row.name, func(t *testing.T) {
			mode, got := responseOf(t, s.Browser().Authorize(row.change))
			if mode != row.mode || got.Get("error") != row.code || got.Get("state") != "a state" {
				t.Errorf("%s %v, want %s %s", mode, got, row.mode, row.code)
			}
		})
	}
	if n := s.Sandbox.Starts(); n != 0 {
		t.Errorf("%d transactions", n)
	}
}

// A reload gets the same person again while it can be of use, and a page after that.
func TestFrontChannelReload(t *testing.T) {
	s := With(t, Options{App: front})
	b := s.Browser()
	back := b.Begin(frontRequest("code id_token", ""))
	s.Approve()
	_, first := responseOf(t, b.Get(back))
	s.Advance(10 * time.Second)
	_, second := responseOf(t, b.Get(back))
	one, two := payloadOf(t, first.Get("id_token")), payloadOf(t, second.Get("id_token"))
	if first.Get("code") != second.Get("code") || !maps.Equal(one, two) {
		t.Errorf("a reload gets another response:\n%v\n%v", one, two)
	}
	s.Exchange(first.Get("code"), nil).Wants(t, http.StatusOK, "")
	if answer := b.Get(back); answer.Page() != "finished" {
		t.Errorf("after the code was used: %q", answer.Page())
	}

	back = b.Begin(frontRequest("id_token", ""))
	s.Approve()
	_, third := responseOf(t, b.Get(back))
	s.Advance(2 * time.Minute)
	if answer := b.Get(back); answer.Page() != "finished" || strings.Contains(answer.Body, third.Get("id_token")) {
		t.Errorf("long after an id_token: %q", answer.Page())
	}
}

// The grant of a response without a code is nobody's: its handle never leaves.
func TestNoCodeWithoutACode(t *testing.T) {
	s := With(t, Options{App: front})
	b := s.Browser()
	back := b.Begin(frontRequest("id_token", "form_post"))
	s.Approve()
	answer := b.Get(back)
	_, fields, _ := answer.Form("")
	if names := slices.Sorted(maps.Keys(fields)); !slices.Equal(names, []string{"id_token", "iss", "state"}) {
		t.Errorf("fields %v", names)
	}
}

// An ID token that cannot be signed now is signed later: CM's answer is kept.
func TestFrontChannelWithoutAKey(t *testing.T) {
	broken := &moody{}
	s := With(t, Options{App: front, Parts: func(p *provider.Parts) { broken.Signer = p.Signer; p.Signer = broken }})
	b := s.Browser()
	back := b.Begin(frontRequest("id_token", ""))
	s.Approve()
	broken.silent.Store(true)
	answer := b.Get(back)
	if answer.Status != http.StatusServiceUnavailable || answer.Page() != "unavailable" || !strings.Contains(answer.Body, Home) {
		t.Fatalf("%d %q\n%s", answer.Status, answer.Page(), answer.Body)
	}
	broken.silent.Store(false)
	_, got := responseOf(t, b.Get(back))
	if token, _ := checked(t, s, got.Get("id_token")); token.Subject == "" {
		t.Error("no subject")
	}
}

// A reload while Redis is away is answered later, and the same.
func TestFrontChannelReloadWithoutRedis(t *testing.T) {
	s := With(t, Options{App: front})
	b := s.Browser()
	back := b.Begin(frontRequest("code id_token", ""))
	s.Approve()
	_, first := responseOf(t, b.Get(back))
	s.Faults().Down()
	if away := b.Get(back); away.Status != http.StatusServiceUnavailable || away.Page() != "unavailable" {
		t.Errorf("%d %q", away.Status, away.Page())
	}
	s.Faults().Up()
	if _, again := responseOf(t, b.Get(back)); again.Get("code") != first.Get("code") || !again.Has("id_token") {
		t.Errorf("%v", again)
	}
}
