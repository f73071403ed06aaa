package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// brings sends a logout request with these headers and no others, and where it is
// said with the cookie of a login that is under way.
func brings(t *testing.T, s *Server, method string, form url.Values, headers map[string]string, ours bool) *Answer {
	t.Helper()
	path, body := "/logout?"+form.Encode(), url.Values(nil)
	if method == http.MethodPost {
		path, body = "/logout", form
	}
	answer, err := s.Call(path, body, func(r *http.Request) {
		for name, value := range headers {
			r.Header.Set(name, value)
		}
		if ours {
			b := s.Browser()
			begun := b.Authorize(nil)
			for _, cookie := range (&http.Response{Header: begun.Header}).Cookies() {
				r.AddCookie(cookie)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// An ID token that somebody has found ends nobody's session, in whichever way a
// browser is made to bring it. A client's server may do without a browser, where
// the client's entry says so, and then everybody hears.
func TestAFoundIDTokenEndsNobodysSession(t *testing.T) {
	navigation := map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
	embedded := func(mode, destination string) map[string]string {
		return map[string]string{"Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": destination, "Sec-Fetch-Site": "cross-site"}
	}
	for _, row := range []struct {
		name    string
		headers map[string]string
		ours    bool // it brings a cookie of ours
		status  int  // of a GET
		server  bool // it is what a client's server sends
	}{
		{name: "a navigation", headers: navigation, status: http.StatusSeeOther},
		{name: "a navigation of a browser that is logging in", headers: navigation, ours: true, status: http.StatusSeeOther},
		{name: "an old browser that is logging in", ours: true, status: http.StatusSeeOther},
		{name: "an image", headers: embedded("no-cors", "image"), status: http.StatusForbidden},
		{name: "a frame", headers: embedded("navigate", "iframe"), status: http.StatusForbidden},
		{name: "a script", headers: embedded("cors", "empty"), status: http.StatusForbidden},
		{name: "a browser that says only where it comes from", headers: map[string]string{"Sec-Fetch-Site": "cross-site"}, status: http.StatusSeeOther},
		{name: "an origin", headers: map[string]string{"Origin": "https://evil.example"}, status: http.StatusSeeOther},
		{name: "no browser", status: http.StatusSeeOther, server: true},
		{name: "no browser, with a language", headers: map[string]string{"Accept-Language": "*"}, status: http.StatusSeeOther, server: true},
	} {
		for _, allowed := range []bool{false, true} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				t.Run(row.name+" "+method, func(t *testing.T) {
					app, other := newReceiver(t), newReceiver(t)
					s := withReceivers(t, app, other, func(o *Options) {
						change := o.App
						o.App = func(c *client.Client) { change(c); parting(c); c.LogoutByServer = allowed }
					})
					mine := s.Browser()
					hint := logIn(t, s, mine, nil)
					responseOf(t, mine.Authorize(asOther))
					s.Advance(10 * time.Minute) // the ID token has expired
					answer := brings(t, s, method, loggingOut(hint, nil), row.headers, row.ours)
					ends := row.server && allowed
					if lives(t, mine) == ends {
						t.Errorf("the session lives: %t", !ends)
					}
					deliver(t, s.Provider)
					heard := len(app.heard(t)) + len(other.heard(t))
					if ends && heard != 2 || !ends && heard != 0 {
						t.Errorf("%d clients hear", heard)
					}
					if ends != strings.Contains(s.Log.String(), `"client":"app","logout":"ended by the client's server"`) {
						t.Errorf("the log: %s", s.Log)
					}
					if method == http.MethodGet && answer.Status != row.status {
						t.Errorf("%d %q", answer.Status, answer.Page())
					}
					if row.status == http.StatusForbidden && (answer.Status != row.status || answer.Leads() != "") {
						t.Errorf("%s: %d leads to %q", method, answer.Status, answer.Leads())
					}
				})
			}
		}
	}
}

// What a client's server may end is the session of an ID token of its own.
func TestLogoutByServerIsForItsOwn(t *testing.T) {
	app, other := newReceiver(t), newReceiver(t)
	s := withReceivers(t, app, other, func(o *Options) {
		change := o.App
		o.App = func(c *client.Client) { change(c); parting(c); c.LogoutByServer = true }
	})
	mine := s.Browser()
	own := logIn(t, s, mine, nil)
	second := own
	if _, got := responseOf(t, mine.Authorize(asOther)); got.Get("code") != "" {
		answer, err := s.Call("/token", exchanging(got.Get("code")), func(r *http.Request) { r.SetBasicAuth(Other, AppSecret) })
		if err != nil {
			t.Fatal(err)
		}
		second, _ = answer.JSON()["id_token"].(string)
	}
	for name, parameters := range map[string]map[string]string{
		"another client's, which has no such entry": {"id_token_hint": second},
		"another client's, by its name":             {"id_token_hint": second, "client_id": App},
		"its own, by another's name":                {"id_token_hint": own, "client_id": Other},
		"an altered one":                            {"id_token_hint": own[:len(own)-2] + "AA"},
		"none":                                      {"client_id": App},
		"an address that is not registered":         {"id_token_hint": own, "post_logout_redirect_uri": bye + "/"},
	} {
		form := loggingOut("", nil)
		clear(form)
		for key, value := range parameters {
			form.Set(key, value)
		}
		if answer, err := s.Call("/logout?"+form.Encode(), nil, nil); err != nil || !lives(t, mine) {
			t.Errorf("%s: %+v %v", name, answer, err)
		}
	}
	if answer, err := s.Call("/logout?id_token_hint="+own, nil, nil); err != nil || answer.Status != http.StatusOK || lives(t, mine) {
		t.Errorf("%+v %v", answer, err)
	}
}
