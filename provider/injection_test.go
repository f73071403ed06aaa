package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	. "itsme-bridge/provider/providertest"
)

// smuggled would be a header and a script, if anything echoed it as it is.
const smuggled = "x\r\nX-Injected: yes\r\nSet-Cookie: owned=1\r\n\r\n<script>alert(1)</script>\"'`\u2028"

// unharmed fails the test if what was smuggled has become something.
func unharmed(t *testing.T, name string, a *Answer) {
	t.Helper()
	if a.Header.Get("X-Injected") != "" || strings.Contains(strings.Join(a.Header.Values("Set-Cookie"), ""), "owned") {
		t.Errorf("%s: a header was injected: %v", name, a.Header)
	}
	if strings.Contains(a.Body, "<script>alert") {
		t.Errorf("%s: a script was injected\n%s", name, a.Body)
	}
	if strings.ContainsAny(a.Location()+a.Leads(), "\r\n<\"") {
		t.Errorf("%s: leads to %q", name, a.Leads())
	}
	if told, _ := a.JSON()["error_description"].(string); strings.ContainsAny(told, "\"\\\r\n<") {
		t.Errorf("%s: says %q", name, told)
	}
}

// Whatever is echoed, in a header, a page, a redirect or an error, stays a value.
func TestNothingIsInjected(t *testing.T) {
	s := withSessions(t, Options{App: parting})
	requests := []string{
		"client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
		"prompt", "max_age", "ui_locales", "login_hint", "acr_values", "claims", "display", "id_token_hint", "request", "request_uri",
		"registration", "dpop_jkt", smuggled,
	}
	for _, name := range requests {
		for _, mode := range []string{"query", "fragment", "form_post"} {
			asked := all(set("response_mode", mode), set(name, smuggled))
			unharmed(t, "/authorize "+name, s.Browser().Authorize(asked))
			unharmed(t, "/authorize by POST "+name, s.Browser().Post("/authorize", Request(asked)))
		}
		unharmed(t, "/par "+name, pushing(t, s, set(name, smuggled)))
	}
	b := s.Browser()
	hint := logIn(t, s, b, nil)
	for _, name := range []string{"id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales", smuggled} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			asking := s.Browser()
			logIn(t, s, asking, nil)
			unharmed(t, method+" /logout "+name, leaveBy(asking, method, loggingOut(hint, set(name, smuggled))))
			unharmed(t, method+" /logout without a session "+name, leaveBy(s.Browser(), method, loggingOut(hint, set(name, smuggled))))
		}
	}
	for path, names := range map[string][]string{
		"/token":        {"grant_type", "refresh_token", "client_assertion", "client_assertion_type", "scope"},
		"/introspect":   {"token", "token_type_hint", "client_id"},
		"/revoke":       {"token", "token_type_hint", "client_id"},
		"/userinfo":     {"access_token"},
		"/itsme/retry":  {"login", "attempt"},
		"/itsme/logout": {"request", "token"},
	} {
		for _, name := range names {
			unharmed(t, path+" "+name, calls(t, s, path, url.Values{name: {smuggled}}))
		}
	}
}

// RP-Initiated Logout §3: the state goes back as it came, and is all that is added.
func TestLogoutState(t *testing.T) {
	s := withSessions(t, Options{App: parting})
	for _, state := range []string{strings.Repeat("s", 124) + "-._~", smuggled, "&post_logout_redirect_uri=https://evil.example/#x"} {
		b := s.Browser()
		to, err := url.Parse(b.Get("/logout?" + loggingOut(logIn(t, s, b, nil), set("state", state)).Encode()).Leads())
		if err != nil || to.Host != "app.example" || to.Path != "/bye" || to.Fragment != "" || len(to.Query()) != 1 || to.Query().Get("state") != state {
			t.Errorf("%q leads to %v (%v)", state, to, err)
		}
	}
}
