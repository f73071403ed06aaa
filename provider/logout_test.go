package provider_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/keys"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	. "itsme-bridge/provider/providertest"
)

const bye = "https://app.example/bye"

// parting is a client that people come back to after a logout.
func parting(c *client.Client) {
	c.PostLogoutRedirectURIs = []string{bye, bye + "?tenant=1"}
}

// loggingOut asks for a logout with nothing wrong but what is changed.
func loggingOut(hint string, change func(url.Values)) url.Values {
	v := url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {bye}, "state": {"a state&more"}}
	if change != nil {
		change(v)
	}
	return v
}

// lives reports whether the session of an ID token can still be used in this browser.
func lives(t *testing.T, b *Browser) bool {
	t.Helper()
	_, got := responseOf(t, b.Authorize(set("prompt", "none")))
	return got.Get("code") != ""
}

// RP-Initiated Logout §2 and §3: with a valid hint and a registered address, the
// person is led there, with the state, and the session is over.
func TestLogout(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(url.Values)
		wait   time.Duration
		to     string // "": the logged-out page
	}{
		{name: "§3 a registered address, with state", to: bye + "?state=a+state%26more"},
		{name: "§3 without state", change: del("state"), to: bye},
		{name: "§3 an address with a query", change: set("post_logout_redirect_uri", bye+"?tenant=1"), to: bye + "?tenant=1&state=a+state%26more"},
		{name: "§2 client_id is the hint's audience", change: set("client_id", App), to: bye + "?state=a+state%26more"},
		{name: "§2 an expired hint", wait: 30 * time.Minute, to: bye + "?state=a+state%26more"},
		{name: "§2 parameters that nobody knows, and logout_hint", change: all(set("logout_hint", "x"), set("foo", "bar")), to: bye + "?state=a+state%26more"},
		{name: "§2 no address", change: del("post_logout_redirect_uri")},
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			t.Run(row.name+" "+method, func(t *testing.T) {
				s := withSessions(t, Options{App: parting})
				b := s.Browser()
				hint := logIn(t, s, b, nil)
				s.Advance(row.wait)
				answer := leaveBy(b, method, loggingOut(hint, row.change))
				if answer.Leads() != row.to || row.to == "" && answer.Page() != "logged_out" {
					t.Errorf("%d leads to %q, page %q", answer.Status, answer.Leads(), answer.Page())
				}
				if cookie := sessionCookie(t, answer); cookie == nil || cookie.MaxAge >= 0 || cookie.Value != "" {
					t.Errorf("the cookie stays: %+v", cookie)
				}
				if method == http.MethodPost && answer.Status != http.StatusOK {
					t.Errorf("a POST must not redirect: %d", answer.Status)
				}
				if slices.Contains(recordsOf(s, sessionIn(s, payloadOf(t, hint))), "browser") || lives(t, b) {
					t.Error("the session lives on")
				}
			})
		}
	}
}

func leaveBy(b *Browser, method string, parameters url.Values) *Answer {
	if method == http.MethodPost {
		return b.Post("/logout", parameters)
	}
	return b.Get("/logout?" + parameters.Encode())
}

// A browser's guess at what the person may want next ends nothing.
func TestLogoutIsNotFetchedAhead(t *testing.T) {
	s := withSessions(t, Options{App: parting})
	b := s.Browser()
	hint := logIn(t, s, b, nil)
	b.Header.Set("Sec-Purpose", "prefetch")
	if answer := b.Get("/logout?" + loggingOut(hint, nil).Encode()); answer.Status != http.StatusServiceUnavailable || answer.Leads() != "" {
		t.Errorf("%d %q", answer.Status, answer.Leads())
	}
	b.Header.Del("Sec-Purpose")
	if !lives(t, b) {
		t.Error("the session is over")
	}
}

// What a logout request is refused for, by a page.
func TestLogoutRefused(t *testing.T) {
	s := withSessions(t, Options{App: parting})
	mine := logIn(t, s, s.Browser(), nil)
	for _, row := range []struct {
		name   string
		change func(url.Values)
	}{
		{"§2 a repeated hint", func(v url.Values) { v.Add("id_token_hint", "x") }},
		{"§2 a repeated address", func(v url.Values) { v.Add("post_logout_redirect_uri", "https://evil.example/") }},
		{"§2 a repeated client_id", func(v url.Values) { v["client_id"] = []string{App, "other"} }},
		{"§2 a repeated state", func(v url.Values) { v.Add("state", "x") }},
		{"a state without end", set("state", strings.Repeat("x", edge.MaxState+1))},
	} {
		b := s.Browser()
		logIn(t, s, b, nil)
		if answer := b.Post("/logout", loggingOut(mine, row.change)); answer.Status != http.StatusBadRequest || answer.Page() != "bad_request" || answer.Leads() != "" || !lives(t, b) {
			t.Errorf("%s: %d %q", row.name, answer.Status, answer.Page())
		}
	}
}

// §2: the browser's session is another than the hint's. The person is asked, and
// then the browser's own is over, and no other; the client has them back.
func TestLogoutWithAnotherSession(t *testing.T) {
	s := withSessions(t, Options{App: parting})
	one, two := s.Browser(), s.Browser()
	hint := logIn(t, s, one, nil)
	own := logIn(t, s, two, nil)
	asked := two.Get("/logout?" + loggingOut(hint, nil).Encode())
	if asked.Page() != "logout" || !lives(t, one) || !lives(t, two) {
		t.Fatalf("page %q", asked.Page())
	}
	for _, value := range []string{bye, "a state"} {
		if strings.Contains(asked.Body, value) {
			t.Errorf("the page shows %q", value)
		}
	}
	done := two.Submit(asked, "/itsme/logout")
	if done.Leads() != bye+"?state=a+state%26more" || done.Status != http.StatusOK || !lives(t, one) || lives(t, two) {
		t.Errorf("%d leads to %q", done.Status, done.Leads())
	}
	if slices.Contains(recordsOf(s, sessionIn(s, payloadOf(t, own))), "browser") {
		t.Error("the browser's session is still there")
	}
	again := two.Submit(asked, "/itsme/logout")
	if again.Leads() != done.Leads() || !lives(t, one) {
		t.Errorf("a double click: %d %q", again.Status, again.Page())
	}
}

// Nobody logs a person out behind their back: the form is worth something only
// with the cookie of the session that it was made for.
func TestLogoutFormIsBound(t *testing.T) {
	s := withSessions(t, Options{App: parting})
	one, two := s.Browser(), s.Browser()
	logIn(t, s, one, nil)
	logIn(t, s, two, nil)
	_, theirs, _ := one.Get("/logout").Form("/itsme/logout")
	_, mine, _ := two.Get("/logout").Form("/itsme/logout")
	for name, form := range map[string]url.Values{
		"another session's": theirs,
		"another's token":   {"request": mine["request"], "token": theirs["token"]},
		"no token":          {"request": mine["request"]},
	} {
		if answer := two.Post("/itsme/logout", form); answer.Page() != "logout" || !lives(t, two) || !lives(t, one) {
			t.Errorf("%s: %d %q", name, answer.Status, answer.Page())
		}
	}
	for name, form := range map[string]url.Values{"none": {}, "not ours": {"request": {"x"}, "token": mine["token"]}} {
		if answer := two.Post("/itsme/logout", form); answer.Status != http.StatusBadRequest || !lives(t, two) {
			t.Errorf("%s: %d %q", name, answer.Status, answer.Page())
		}
	}
	if answer := s.Browser().Post("/itsme/logout", mine); answer.Page() != "logged_out" || !lives(t, two) {
		t.Errorf("without the cookie: %d %q", answer.Status, answer.Page())
	}
	if answer := two.Post("/itsme/logout", mine); answer.Page() != "logged_out" || lives(t, two) || !lives(t, one) {
		t.Errorf("the right one: %d %q", answer.Status, answer.Page())
	}
}

// Redis goes away before the session is over: the click that comes again ends it.
func TestLogoutFormAfterHalfOfIt(t *testing.T) {
	s := withSessions(t, Options{App: parting, Config: func(c *provider.Config) { c.WriteBudget = time.Second }})
	one, two := s.Browser(), s.Browser()
	hint := logIn(t, s, one, nil)
	logIn(t, s, two, nil)
	asked := two.Get("/logout?" + loggingOut(hint, nil).Encode())
	reached, release := s.Faults().Hold(3) // the browser's own has been looked at, and read: now it would end
	done := later(func() *Answer { return two.Submit(asked, "/itsme/logout") })
	<-reached
	s.Faults().Down()
	release()
	failed := <-done
	s.Faults().Up()
	if failed.Status != http.StatusServiceUnavailable || !lives(t, two) || !lives(t, one) {
		t.Fatalf("%d %q", failed.Status, failed.Page())
	}
	if again := two.Submit(failed, "/itsme/logout"); again.Leads() != bye+"?state=a+state%26more" || lives(t, two) || !lives(t, one) {
		t.Errorf("%d leads to %q", again.Status, again.Leads())
	}
}

// What was registered when the person was asked may not be any more.
func TestLogoutFormAfterAReload(t *testing.T) {
	s := withSessions(t, Options{App: parting})
	b := s.Browser()
	hint := logIn(t, s, s.Browser(), nil)
	logIn(t, s, b, nil)
	asked := b.Get("/logout?" + loggingOut(hint, nil).Encode())
	s.Provider.Register(Clients(nil))
	if done := b.Submit(asked, "/itsme/logout"); done.Page() != "logged_out" || done.Leads() != "" {
		t.Errorf("%d %q leads to %q", done.Status, done.Page(), done.Leads())
	}
}

// Promise 9: every page leads on, in the person's language.
func TestLogoutPages(t *testing.T) {
	s := withSessions(t, Options{App: func(c *client.Client) { parting(c); c.Locale = "fr" }})
	b := s.Browser()
	hint := logIn(t, s, b, nil)
	for _, row := range []struct {
		name   string
		change func(url.Values)
		lang   string
		home   bool
	}{
		{"ui_locales", all(del("post_logout_redirect_uri"), set("ui_locales", "de-AT nl")), "de", true},
		{"the client's", del("post_logout_redirect_uri"), "fr", true},
		{"client_id alone", all(func(v url.Values) { clear(v) }, set("client_id", App)), "fr", true},
		{"the browser's, and where all clients are at home", func(v url.Values) { clear(v) }, "en", true},
	} {
		page := s.Browser().Get("/logout?" + loggingOut(hint, row.change).Encode())
		if page.Page() != "logged_out" || !strings.Contains(page.Body, `lang="`+row.lang+`"`) || strings.Contains(page.Body, Home) != row.home {
			t.Errorf("%s: %s", row.name, page.Body)
		}
	}
	if stray := b.Get("/itsme/logout"); stray.Status != http.StatusSeeOther || stray.Location() != s.Issuer+"/logout" {
		t.Errorf("the form's address: %d %q", stray.Status, stray.Location())
	}
	if stray := b.Get("/logout"); stray.Page() != "logout" {
		t.Errorf("and then: %q", stray.Page())
	}
}

// A POST from another site comes without the cookie: the page is told apart from none.
func TestLogoutFromAnotherSite(t *testing.T) {
	s := withSessions(t, Options{App: parting})
	b := s.Browser()
	logIn(t, s, b, nil)
	sent := loggingOut("x", all(set("ui_locales", "nl"), set("client_id", App), set("logout_hint", "y")))
	page := crossSite(s, b).Post("/logout", sent)
	to, fields, _ := page.Form("/logout")
	if page.Page() != "resubmit" {
		t.Fatalf("%d %q", page.Status, page.Page())
	}
	for name := range sent {
		if fields.Get(name) != sent.Get(name) {
			t.Errorf("%s: %q", name, fields.Get(name))
		}
	}
	if asked := b.Post(to, fields); asked.Page() != "logout" {
		t.Errorf("then: %d %q", asked.Status, asked.Page())
	}
}

// Without sessions there is nothing to end, and nothing is asked of Redis; but
// brokers call this address all the same.
func TestLogoutWithoutSessions(t *testing.T) {
	s := With(t, Options{App: parting})
	claims := payloadOf(t, idTokenOf(t, s))
	claims["sid"] = s.Store.Keyring().Seal("sid", []byte(strings.Repeat("A", 26))) // of days when there were sessions
	payload, _ := json.Marshal(claims)
	hint, err := s.Ring.SignTyped(t.Context(), keys.RS256, "JWT", payload)
	if err != nil {
		t.Fatal(err)
	}
	b := s.Browser()
	b.Header.Set("Cookie", "itsme-session="+strings.Repeat("A", 26)+"."+strings.Repeat("B", 26))
	s.ResetRoundtrips()
	if answer := b.Get("/logout?" + loggingOut(hint, nil).Encode()); answer.Status != http.StatusSeeOther || answer.Leads() != bye+"?state=a+state%26more" {
		t.Errorf("%d %q", answer.Status, answer.Leads())
	}
	if answer := b.Get("/logout"); answer.Page() != "logged_out" {
		t.Errorf("%q", answer.Page())
	}
	if n := s.Roundtrips(); n != 0 {
		t.Errorf("%d round trips: %v", n, s.Commands())
	}
}

// Where Redis does not answer nothing is over, and the page says so.
func TestLogoutWithoutRedis(t *testing.T) {
	s := withSessions(t, Options{App: parting, Config: func(c *provider.Config) { c.WriteBudget = time.Second }})
	b := s.Browser()
	hint := logIn(t, s, b, nil)
	asked := b.Get("/logout")
	s.Faults().Down()
	for name, answer := range map[string]*Answer{
		"with the cookie": b.Get("/logout?" + loggingOut(hint, nil).Encode()),
		"by the form":     b.Submit(asked, "/itsme/logout"),
	} {
		if answer.Status != http.StatusServiceUnavailable || answer.Leads() != "" || !leadsOn(answer) {
			t.Errorf("%s: %d %q\n%s", name, answer.Status, answer.Leads(), answer.Body)
		}
	}
	sent := url.Values{"state": {"a state"}, "ui_locales": {"nl"}}
	posted := b.Post("/logout", sent) // nobody knows whose person this is
	s.Faults().Up()
	if _, fields, _ := posted.Form("/logout"); posted.Status != http.StatusServiceUnavailable || fields.Encode() != sent.Encode() {
		t.Errorf("a POST: %d %v", posted.Status, fields)
	}
	if !lives(t, b) {
		t.Error("the session is over")
	}
}
