package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	. "itsme-bridge/provider/providertest"
)

// What is asked of CM, for what was asked of us.
func TestAuthorizeStartsOneTransaction(t *testing.T) {
	for _, row := range []struct {
		name    string
		app     func(*client.Client)
		request func(url.Values)
		accept  string
		service string
		scopes  string
		locale  string
		phone   string
	}{
		{name: "as it is", service: "login", scopes: "profile email phone address", locale: "en"},
		{name: "scopes one to one", request: set("scope", "openid email"), service: "login", scopes: "email", locale: "en"},
		{name: "openid alone", request: set("scope", "openid"), service: "login", locale: "en"},
		{name: "unknown scopes are ignored", request: set("scope", "openid groups email"), service: "login", scopes: "email", locale: "en"},
		{name: "only what the client may have", app: func(c *client.Client) { c.Scopes = []string{"email"} }, service: "login", scopes: "email", locale: "en"},
		{name: "prompt=create", request: set("prompt", "create"), service: "register", scopes: "profile email phone address", locale: "en"},
		{name: "scope service:register", request: set("scope", "openid service:register"), service: "register", locale: "en"},
		{name: "the client's default service", app: func(c *client.Client) { c.Service = itsme.Register }, service: "register", scopes: "profile email phone address", locale: "en"},
		{name: "prompt=login", request: set("prompt", "login"), service: "login", scopes: "profile email phone address", locale: "en"},
		{name: "max_age", request: set("max_age", "0"), service: "login", scopes: "profile email phone address", locale: "en"},
		{name: "ui_locales, first supported", request: set("ui_locales", "it nl-BE fr"), service: "login", scopes: "profile email phone address", locale: "nl"},
		{name: "the client's locale", app: func(c *client.Client) { c.Locale = "fr" }, accept: "de", service: "login", scopes: "profile email phone address", locale: "fr"},
		{name: "the browser's language", accept: "de-BE,de;q=0.9", service: "login", scopes: "profile email phone address", locale: "de"},
		{name: "login_hint", request: set("login_hint", "0471 23 45 67"), service: "login", scopes: "profile email phone address", locale: "en", phone: "+32471234567"},
		{name: "a login_hint that is no phone number", request: set("login_hint", "lucas"), service: "login", scopes: "profile email phone address", locale: "en"},
		{name: "display and claims_locales", request: all(set("display", "popup"), set("claims_locales", "fr de")), service: "login", scopes: "profile email phone address", locale: "en"},
		{name: "parameters that nobody knows, repeated", request: func(v url.Values) { v["resource"] = []string{"a", "b"} }, service: "login", scopes: "profile email phone address", locale: "en"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := With(t, Options{App: row.app})
			b := s.Browser()
			if row.accept != "" {
				b.Header.Set("Accept-Language", row.accept)
			}
			b.Begin(row.request)
			asked, _ := s.Sandbox.Last()
			got := []string{asked.Service, strings.Join(asked.Scopes, " "), asked.Locale, asked.PhoneNumber}
			if want := []string{row.service, row.scopes, row.locale, row.phone}; strings.Join(got, "|") != strings.Join(want, "|") {
				t.Errorf("CM was asked for %q, want %q", got, want)
			}
			if n := s.Sandbox.Starts(); n != 1 {
				t.Errorf("%d transactions, want 1", n)
			}
		})
	}
}

// RFC 6749 §4.1.2.1: what is wrong with the client or the redirect URI is told
// to the person; everything else to the client.
func TestAuthorizeRefuses(t *testing.T) {
	const page = "page"
	s := With(t, Options{Clients: []client.Client{lax()}})
	for _, row := range []struct {
		name   string
		change func(url.Values)
		told   string // page, or where the client is told
		code   string
	}{
		{"RFC 6749 §3.1 a repeated parameter", func(v url.Values) { v["state"] = []string{"a", "b"} }, page, "invalid_request"},
		{"RFC 6749 §3.1 a repeated redirect_uri", func(v url.Values) { v.Add("redirect_uri", "https://evil.example/") }, page, "invalid_request"},
		{"RFC 6749 §4.1.2.1 no client_id", del("client_id"), page, "invalid_request"},
		{"RFC 6749 §4.1.2.1 an unknown client", set("client_id", "nobody"), page, "unauthorized_client"},
		{"OIDC Core §3.1.2.1 no redirect_uri", del("redirect_uri"), page, "invalid_request"},
		{"RFC 9700 §2.1 another redirect_uri", set("redirect_uri", "https://evil.example/callback"), page, "invalid_request"},
		{"RFC 9700 §2.1 an added query", set("redirect_uri", Callback+"?a=b"), page, "invalid_request"},
		{"RFC 9700 §2.1 an added fragment", set("redirect_uri", Callback+"#a"), page, "invalid_request"},
		{"RFC 9700 §2.1 another case", set("redirect_uri", "https://app.example/Callback"), page, "invalid_request"},
		{"RFC 9700 §2.1 a trailing slash", set("redirect_uri", Callback+"/"), page, "invalid_request"},
		{"RFC 9700 §2.1 a trailing dot in the host", set("redirect_uri", "https://app.example./callback"), page, "invalid_request"},
		{"RFC 9700 §2.1 an encoded slash", set("redirect_uri", "https://app.example%2Fcallback"), page, "invalid_request"},
		{"RFC 9700 §2.1 a user in the URI", set("redirect_uri", "https://app.example@evil.example/callback"), page, "invalid_request"},
		{"RFC 9700 §2.1 another client's", func(v url.Values) { v.Set("client_id", "lax"); v.Set("redirect_uri", Callback) }, page, "invalid_request"},

		{"RFC 6749 §3.1.1 no response_type", del("response_type"), "query", "invalid_request"},
		{"RFC 6749 §3.1.1 an unknown response_type", set("response_type", "cod"), "fragment", "unsupported_response_type"},
		{"RFC 9700 §2.1.2 a token in the front channel", set("response_type", "token"), "fragment", "unsupported_response_type"},
		{"OIDC Core §3.2 an ID token, unregistered", set("response_type", "id_token"), "fragment", "unauthorized_client"},
		{"Multiple Response Types §2.1 a token in the query", func(v url.Values) { v.Set("response_type", "code token"); v.Set("response_mode", "query") }, "fragment", "invalid_request"},
		{"Multiple Response Types §2.1 an unknown response_mode", set("response_mode", "web_message"), "query", "invalid_request"},
		{"OIDC Core §3.1.2.6 request", set("request", "e30.e30."), "query", "request_not_supported"},
		{"OIDC Core §3.1.2.6 request_uri", set("request_uri", "https://app.example/r"), "query", "request_uri_not_supported"},
		{"OIDC Core §3.1.2.6 registration", set("registration", "{}"), "query", "registration_not_supported"},
		{"OIDC Core §3.1.2.1 no scope", del("scope"), "query", "invalid_scope"},
		{"OIDC Core §3.1.2.1 no openid", set("scope", "profile"), "query", "invalid_scope"},
		{"RFC 7636 §4.4.1 no code_challenge", func(v url.Values) { v.Del("code_challenge"); v.Del("code_challenge_method") }, "query", "invalid_request"},
		{"RFC 7636 §4.3 plain", set("code_challenge_method", "plain"), "query", "invalid_request"},
		{"RFC 7636 §4.3 plain by omission", del("code_challenge_method"), "query", "invalid_request"},
		{"RFC 7636 §4.3 a method alone", del("code_challenge"), "query", "invalid_request"},
		{"RFC 7636 §4.2 a short challenge", set("code_challenge", "short"), "query", "invalid_request"},
		{"RFC 7636 §4.2 a challenge with a newline", set("code_challenge", strings.Repeat("a", 42)+"\n"), "query", "invalid_request"},
		{"RFC 9700 §2.1.1 neither PKCE nor nonce", func(v url.Values) {
			v.Set("client_id", "lax")
			v.Set("redirect_uri", "https://lax.example/cb")
			v.Del("code_challenge")
			v.Del("code_challenge_method")
			v.Del("nonce")
		}, "query", "invalid_request"},
		{"OIDC Core §3.1.2.1 max_age", set("max_age", "soon"), "query", "invalid_request"},
		{"OIDC Core §3.1.2.1 a negative max_age", set("max_age", "-1"), "query", "invalid_request"},
		{"OIDC Core §3.1.2.1 none and login", set("prompt", "none login"), "query", "invalid_request"},
		{"OIDC Core §3.1.2.6 none without a session", set("prompt", "none"), "query", "login_required"},
		{"RFC 6749 §A.5 a line break in the state", set("state", "a\r\nX-Injected: yes"), "query", "invalid_request"},
		{"RFC 6749 §A.5 a state that is not text", set("state", "\xff"), "query", "invalid_request"},
		{"RFC 6749 §A.5 a state that is not text, beside another fault", all(set("state", "\xff"), set("response_mode", "x")), "query", "invalid_request"},
		{"a state beyond all reason, beside another fault", all(set("state", strings.Repeat("s", edge.MaxState+1)), set("request", "e30.e30.")), "query", "request_not_supported"},
		{"RFC 6749 §A.5 a line break in the nonce", set("nonce", "a\nb"), "query", "invalid_request"},
		{"a login_hint beyond all reason", set("login_hint", strings.Repeat("0", 2049)), "query", "invalid_request"},
		{"ui_locales beyond all reason", set("ui_locales", strings.Repeat("n", 2049)), "query", "invalid_request"},
		{"acr_values beyond all reason", set("acr_values", strings.Repeat("n", 2049)), "query", "invalid_request"},
		{"a prompt beyond all reason", set("prompt", strings.Repeat("n", 2049)), "query", "invalid_request"},
		{"a display beyond all reason", set("display", strings.Repeat("n", 2049)), "query", "invalid_request"},
		{"a nonce beyond all reason", set("nonce", strings.Repeat("n", 2049)), "query", "invalid_request"},
		{"errors in the mode that was asked for: fragment", func(v url.Values) { v.Set("response_mode", "fragment"); v.Del("scope") }, "fragment", "invalid_scope"},
		{"errors in the mode that was asked for: form_post", func(v url.Values) { v.Set("response_mode", "form_post"); v.Del("scope") }, "form_post", "invalid_scope"},
	} {
		t.Run(row.name, func(t *testing.T) {
			answer := s.Browser().Authorize(row.change)
			if row.told == page {
				if answer.Status != http.StatusBadRequest || answer.Page() != "bad_request" || !strings.Contains(answer.Body, row.code) || answer.Leads() != "" {
					t.Errorf("%d, page %q, leads to %q; want a page that says %s\n%s", answer.Status, answer.Page(), answer.Leads(), row.code, answer.Body)
				}
				return
			}
			mode, fields := responseOf(t, answer)
			state := Request(row.change).Get("state")
			if state != "a state" {
				state = "" // what is refused is not sent back
			}
			if mode != row.told || fields.Get("error") != row.code || fields.Get("state") != state || fields.Get("iss") != s.Issuer {
				t.Errorf("told by %s: %v; want %s by %s", mode, fields, row.code, row.told)
			}
			if fields.Has("code") || strings.ContainsAny(fields.Get("error_description"), "\"\\\r\n") {
				t.Errorf("RFC 6749 §4.1.2.1: %v", fields)
			}
		})
	}
	if n := s.Sandbox.Starts(); n != 0 {
		t.Errorf("%d transactions for requests that were refused", n)
	}
}

// lax is a client of which a nonce may take the place of PKCE.
func lax() client.Client {
	c := Clients(nil)[0]
	c.ID, c.PKCE, c.RedirectURIs = "lax", client.PKCEOrNonce, []string{"https://lax.example/cb"}
	return c
}

// OIDC Core §3.1.2.1: GET and POST alike; nothing of a POST is taken from its URL.
func TestAuthorizeByPost(t *testing.T) {
	s := New(t)
	b := s.Browser()
	answer := b.Post(s.Issuer+"/authorize", Request(nil))
	if !strings.HasPrefix(answer.Leads(), s.Sandbox.URL) || answer.Location() != "" {
		t.Errorf("POST: %d leads to %q; want a page, not a redirect, to itsme", answer.Status, answer.Leads())
	}
	if answer := b.Post(s.Issuer+"/authorize?"+Request(nil).Encode(), url.Values{"state": {"x"}}); answer.Status != http.StatusBadRequest {
		t.Errorf("a POST with its parameters in the URL: %d, want 400", answer.Status)
	}
}

// The response goes the way that was asked for, and what is echoed comes back intact.
func TestAuthorizationResponse(t *testing.T) {
	state := strings.Repeat("s", 124) + "-._~"
	hostile := `a X-Injected: yes"'<script>&=#%0d%0a\`
	for _, row := range []struct {
		name, mode, redirect, state, want string
	}{
		{"query", "", Callback, state, "query"},
		{"query beside a query", "query", "https://app.example/callback?tenant=1", state, "query"},
		{"fragment", "fragment", Callback, state, "fragment"},
		{"form_post", "form_post", Callback, state, "form_post"},
		{"a hostile state by query", "query", Callback, hostile, "query"},
		{"a hostile state by fragment", "fragment", Callback, hostile, "fragment"},
		{"a hostile state by form_post", "form_post", Callback, hostile, "form_post"},
		{"no state", "query", Callback, "", "query"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := With(t, Options{App: func(c *client.Client) { c.RedirectURIs = []string{row.redirect} }})
			b := s.Browser()
			back := b.Begin(func(v url.Values) {
				v.Set("response_mode", row.mode)
				v.Set("redirect_uri", row.redirect)
				v.Set("state", row.state)
			})
			s.Approve()
			answer := b.Get(back)
			mode, fields := responseOf(t, answer)
			if mode != row.want || fields.Get("state") != row.state || fields.Get("iss") != s.Issuer || fields.Get("code") == "" {
				t.Errorf("by %s: %v, want by %s with state %q", mode, fields, row.want, row.state)
			}
			if len(answer.Header["X-Injected"]) != 0 {
				t.Error("a header was injected")
			}
			if row.redirect != Callback && fields.Get("tenant") != "1" {
				t.Errorf("the redirect URI lost its query: %q", answer.Leads())
			}
		})
	}
}

// OpenID Connect Core §3.1.2.1: a nonce comes back in each ID token as it was, also one as long as conformance tests send.
func TestNonce(t *testing.T) {
	for _, nonce := range []string{strings.Repeat("n", 380) + "-._~", strings.Repeat("n", edge.MaxParameter), `a "nonce" \ of <all> signs &=#%0d%0a`} {
		s := With(t, Options{App: front})
		got := s.Login(all(frontRequest("code id_token", ""), set("nonce", nonce)))
		second, _ := s.Exchange(got.Get("code"), nil).JSON()["id_token"].(string)
		for _, raw := range []string{got.Get("id_token"), second} {
			if token, _ := checked(t, s, raw); token.Nonce != nonce {
				t.Errorf("%q came back as %q", nonce, token.Nonce)
			}
		}
	}
}

// An error never goes to a URI that is not registered, whatever is asked.
func FuzzAuthorizationRequest(f *testing.F) {
	s := New(f)
	f.Add("client_id=app&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&scope=openid")
	f.Add("client_id=app&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback%0d%0a&response_mode=form_post")
	f.Add("client_id=app&client_id=spa&redirect_uri=//evil.example")
	f.Add("client_id=app&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&redirect_uri=https%3A%2F%2Fevil.example&response_type=token&response_mode=fragment")
	f.Fuzz(func(t *testing.T, query string) {
		answer := authorizeRaw(t, s, query)
		to := answer.Leads()
		if answer.Page() == "form_post" {
			to = formTarget(t, answer)
		}
		rest, ours := strings.CutPrefix(to, Callback)
		itsmes := strings.HasPrefix(to, s.Sandbox.URL+"/")
		if to != "" && !itsmes && !(ours && (rest == "" || rest[0] == '?' || rest[0] == '#')) {
			t.Errorf("%q leads to %q", query, to)
		}
		if answer.Status >= 500 {
			t.Errorf("%q: %d\n%s", query, answer.Status, answer.Body)
		}
	})
}
