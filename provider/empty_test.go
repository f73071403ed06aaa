package provider_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/provider/request"
)

// empty adds those of the parameters without a value that are not there, before and behind what is.
func empty(form url.Values, names ...string) string {
	pairs := []string{form.Encode()}
	for i, name := range names {
		switch {
		case form.Has(name):
		case i%2 == 0:
			pairs = append([]string{name + "="}, pairs...)
		default:
			pairs = append(pairs, name)
		}
	}
	return strings.Join(pairs, "&")
}

// RFC 6749 §3.1: a parameter without a value is as one that was left out, whichever it is, and wherever it comes.
func TestEmptyMeansLeftOut(t *testing.T) {
	s := withSessions(t, Options{App: parting})
	code := func() url.Values {
		return url.Values{"grant_type": {"authorization_code"}, "code": {s.Login(nil).Get("code")}, "redirect_uri": {Callback}, "code_verifier": {Verifier}}
	}
	access, _ := s.Exchange(code().Get("code"), nil).JSON()["access_token"].(string)
	bearer := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+access) }
	ofClients := []string{"client_id", "client_secret", "client_assertion", "client_assertion_type"}
	forToken := append(slices.Clone(ofClients), "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "scope")
	aboutToken := append(slices.Clone(ofClients), "token", "token_type_hint")
	leaving := []string{"id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"}
	for _, row := range []struct {
		name   string
		answer *Answer
		status int
	}{
		{"/authorize", authorizeRaw(t, s, empty(Request(nil), request.Parameters()...)), http.StatusSeeOther},
		{"/authorize by POST", raw(t, s, http.MethodPost, "/authorize", "", empty(Request(nil), request.Parameters()...), nil), http.StatusOK},
		{"/par", raw(t, s, http.MethodPost, "/par", empty(nil, ofClients...), empty(Request(nil), append(ofClients, request.Parameters()...)...), asApp), http.StatusCreated},
		{"/token", raw(t, s, http.MethodPost, "/token", empty(nil, forToken...), empty(code(), forToken...), asApp), http.StatusOK},
		{"/introspect", raw(t, s, http.MethodPost, "/introspect", empty(nil, aboutToken...), empty(url.Values{"token": {access}}, aboutToken...), asApp), http.StatusOK},
		{"/revoke", raw(t, s, http.MethodPost, "/revoke", empty(nil, aboutToken...), empty(url.Values{"token": {"x"}}, aboutToken...), asApp), http.StatusOK},
		{"/userinfo", raw(t, s, http.MethodPost, "/userinfo", "access_token=", "access_token=", bearer), http.StatusOK},
		{"/logout", raw(t, s, http.MethodGet, "/logout", empty(url.Values{"client_id": {App}}, leaving...), "", nil), http.StatusOK},
		{"/token without a code", raw(t, s, http.MethodPost, "/token", "", "grant_type=authorization_code&code=&redirect_uri=x", asApp), http.StatusBadRequest},
	} {
		if row.answer.Status != row.status {
			t.Errorf("%s: %d, want %d\n%s", row.name, row.answer.Status, row.status, row.answer.Body)
		}
	}
	_, got := responseOf(t, authorizeRaw(t, s, Request(del("scope")).Encode()+"&scope="))
	if got.Get("error") != "invalid_scope" {
		t.Errorf("an empty scope: %v", got)
	}
	for _, beside := range []string{"&state=", "&display=&display=", "&registration&registration="} {
		if answer := authorizeRaw(t, s, Request(nil).Encode()+beside); answer.Status != http.StatusBadRequest || !strings.Contains(answer.Body, "is repeated.") {
			t.Errorf("what is repeated is refused, also where it is empty: %s: %d", beside, answer.Status)
		}
	}
}

// The same holds for what a request object contains.
func TestEmptyMeansLeftOutInARequestObject(t *testing.T) {
	app := newParty(t, "app-1")
	s := With(t, Options{App: func(c *client.Client) { c.Keys = app.keys() }})
	b := s.Browser()
	toItsme(t, s, b.Get(s.Issuer+"/authorize?"+withObject(app.sign(t, "JWT", objectOf(s, func(c map[string]any) {
		for _, name := range request.Parameters() {
			if c[name] == nil && name != "request" && name != "request_uri" { // RFC 9101 §4 wants neither there
				c[name] = ""
			}
		}
	}))).Encode()))
}

// A max_age is a number of seconds, of any length (OpenID Connect Core §3.1.2.1).
func TestMaxAgeOfAnyLength(t *testing.T) {
	s := withSessions(t, Options{})
	b := s.Browser()
	logIn(t, s, b, nil)
	s.Advance(time.Minute)
	for _, row := range []struct {
		age  string
		want string // the code of an error, or "code"
	}{
		{"59", "login_required"},
		{"60", "code"},
		{"00060", "code"},
		{"2147483648", "code"},
		{"99999999999", "code"},
		{"9223372036854775807", "code"},
		{"18446744073709551615", "code"},
		{"99999999999999999999999999999999", "code"},
		{"60.0", "invalid_request"},
		{"+60", "invalid_request"},
		{"6e1", "invalid_request"},
		{" 60", "invalid_request"},
		{"-99999999999", "invalid_request"},
		{"٦٠", "invalid_request"},
	} {
		_, got := responseOf(t, b.Authorize(all(set("max_age", row.age), set("prompt", "none"))))
		if got.Get("error") != row.want && !(row.want == "code" && got.Has("code")) {
			t.Errorf("max_age %s: %v, want %s", row.age, got, row.want)
		}
	}
}
