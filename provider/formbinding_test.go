package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	"itsme-bridge/provider/login"
	. "itsme-bridge/provider/providertest"
)

// impostor is a browser with a cookie of this name, and a secret of its own making.
func impostor(s *Server, name string) *Browser {
	b := s.Browser()
	b.Header.Set("Cookie", name+"="+strings.Repeat("A", 26))
	return b
}

// A login's id stands in its return URL, so anybody who was sent that URL can
// name a cookie by it. Without the secret such a cookie is worth nothing: neither
// CM is asked, nor a lease taken, nor anything done.
func TestACookieWithoutItsSecret(t *testing.T) {
	for _, shape := range []login.ReturnShape{login.ReturnPath, login.ReturnQuery} {
		s := withoutRSA(t, Options{Config: func(c *provider.Config) { c.ReturnShape = shape }})
		s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 1})
		b := s.Browser()
		name, id := loginCookieOf(t, b.Authorize(nil))
		back := s.ReturnURL()
		form := formIn(t, b.Get(back)) // somebody has seen the page, too
		s.Advance(time.Second)
		asked := s.Sandbox.Fetches(last(s).Token)
		for way, row := range map[string]struct {
			send func(*Browser) *Answer
			page string
		}{
			"the return":        {func(b *Browser) *Answer { return b.Get(back) }, "other_browser"},
			"try again":         {func(b *Browser) *Answer { return b.Post(s.Issuer+"/itsme/retry", form) }, "other_browser"},
			"leave":             {func(b *Browser) *Answer { return b.Post(s.Issuer+"/itsme/leave", form) }, "other_browser"},
			"where it stands":   {func(b *Browser) *Answer { return b.Get(standsAt(s, id)) }, "late"},
			"a reload of forms": {func(b *Browser) *Answer { return b.Get(b.Get(s.Issuer + "/itsme/retry").Leads()) }, "late"},
		} {
			s.ResetRoundtrips()
			if answer := row.send(impostor(s, name)); answer.Page() != row.page || answer.Leads() != "" {
				t.Errorf("%s, %s: page %q, leads to %q, want %q", shape, way, answer.Page(), answer.Leads(), row.page)
			}
			for _, sent := range s.Commands() {
				if strings.HasPrefix(sent, "eval") {
					t.Errorf("%s, %s: a lease was asked for: %s", shape, way, sent)
				}
			}
		}
		if n := s.Sandbox.Fetches(last(s).Token); n != asked || s.Sandbox.Starts() != 1 {
			t.Errorf("%s: CM was asked %d times, want %d; %d transactions", shape, n, asked, s.Sandbox.Starts())
		}
		if s.Response(b.Get(back)).Get("code") == "" {
			t.Errorf("%s: the right browser cannot finish any more", shape)
		}
	}
}

// A Continue page is for the browser that it was made for. Another one, whatever
// logins it has, is shown a page of its own, and its logins stay what they are.
func TestAContinuePageInAnotherBrowser(t *testing.T) {
	for _, row := range []struct {
		name string
		has  func(t *testing.T, s *Server, b *Browser) (finish func() *Answer)
	}{
		{"with a login at itsme", func(t *testing.T, s *Server, b *Browser) func() *Answer {
			t.Helper()
			b.Header = s.Browser().Header
			back := b.Begin(set("state", "theirs"))
			b.Header = http.Header{}
			s.Approve()
			return func() *Answer { return b.Get(back) }
		}},
		{"with a Continue page of its own", func(t *testing.T, s *Server, b *Browser) func() *Answer {
			t.Helper()
			page := b.Authorize(set("state", "theirs"))
			return func() *Answer {
				toItsme(t, s, b.Submit(page, "/itsme/continue"))
				s.Approve()
				return b.Get(s.ReturnURL())
			}
		}},
		{"with a login that was cancelled", func(t *testing.T, s *Server, b *Browser) func() *Answer {
			t.Helper()
			b.Header = s.Browser().Header
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
			page := b.Get(b.Begin(set("state", "theirs")))
			b.Header = http.Header{}
			return func() *Answer {
				toItsme(t, s, b.Submit(page, "/itsme/retry"))
				s.Approve()
				return b.Get(s.ReturnURL())
			}
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := withoutRSA(t, Options{})
			_, form, _ := plain(s).Authorize(nil).Form("/itsme/continue")
			b := plain(s)
			finish := row.has(t, s, b)
			before := s.Sandbox.Starts()
			answer := b.Post(s.Issuer+"/itsme/continue", form)
			if answer.Page() != "no_cookies" || answer.Leads() != "" || s.Sandbox.Starts() != before {
				t.Errorf("page %q, leads to %q, %d transactions more", answer.Page(), answer.Leads(), s.Sandbox.Starts()-before)
			}
			if got := s.Response(finish()); got.Get("code") == "" || got.Get("state") != "theirs" {
				t.Errorf("the browser's own login ends with %v", got)
			}
		})
	}
}

// Two Continue pages in one browser begin two logins, each its own.
func TestTwoContinuePages(t *testing.T) {
	for name, order := range map[string][]int{"the older first": {0, 1}, "the newer first": {1, 0}} {
		s := withoutRSA(t, Options{})
		b := plain(s)
		states := []string{"first", "second"}
		pages := []*Answer{b.Authorize(set("state", states[0])), b.Authorize(set("state", states[1]))}
		for _, i := range order {
			toItsme(t, s, b.Submit(pages[i], "/itsme/continue"))
			s.Approve()
			if got := s.Response(b.Get(s.ReturnURL())); got.Get("code") == "" || got.Get("state") != states[i] {
				t.Errorf("%s: the page of %q ends with %v", name, states[i], got)
			}
		}
		if n := s.Sandbox.Starts(); n != 2 {
			t.Errorf("%s: %d transactions, want 2", name, n)
		}
	}
}

// What a page about one login offers is done to that login, whatever others there
// are in the browser, and in no browser that has not got its cookie.
func TestFormsAreAboutTheirLogin(t *testing.T) {
	for _, action := range []string{"/itsme/retry", "/itsme/leave"} {
		t.Run(action, func(t *testing.T) {
			s := withoutRSA(t, Options{})
			b, stranger := s.Browser(), s.Browser()
			stopped := func(b *Browser, state string) *Answer {
				s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
				page := b.Get(b.Begin(set("state", state)))
				s.Advance(time.Second)
				return page
			}
			older, newer := stopped(b, "older"), stopped(b, "newer")
			own := stopped(stranger, "own")

			for _, page := range []*Answer{older, newer} {
				if answer := stranger.Submit(page, action); answer.Page() != "other_browser" || answer.Leads() != "" || s.Sandbox.Starts() != 3 {
					t.Errorf("in another browser: page %q, leads to %q", answer.Page(), answer.Leads())
				}
			}
			for _, row := range []struct {
				b     *Browser
				page  *Answer
				state string
			}{{b, older, "older"}, {b, newer, "newer"}, {stranger, own, "own"}} {
				if got := ends(t, s, row.b, row.page, action); got.Get("state") != row.state {
					t.Errorf("the form of %s: %v", row.state, got)
				}
			}
		})
	}
}

// ends is what the client is told once a form has been sent, and, where it has
// begun another attempt, that has been approved.
func ends(t *testing.T, s *Server, b *Browser, page *Answer, action string) url.Values {
	t.Helper()
	answer := b.Submit(page, action)
	if action == "/itsme/leave" {
		return s.Response(answer)
	}
	toItsme(t, s, answer)
	if want := formIn(t, page).Get("login"); idIn(s.ReturnURL()) != want {
		t.Errorf("the attempt is of login %s, want %s", idIn(s.ReturnURL()), want)
	}
	s.Approve()
	return s.Response(b.Get(s.ReturnURL()))
}

// The page that shows where a login stands is about the login in its address, and
// shown to no browser that has not got its cookie.
func TestWhereALoginStandsIsItsOwn(t *testing.T) {
	s := withoutRSA(t, Options{})
	b, stranger := s.Browser(), s.Browser()
	leads := map[string]string{}
	for range 2 {
		id := idIn(b.Begin(nil))
		leads[id] = last(s).AuthenticationURL
		s.Advance(time.Second)
	}
	stranger.Begin(nil)
	for id, want := range leads {
		if got := b.Get(standsAt(s, id)).Leads(); got != want {
			t.Errorf("the login's page leads to %q, want %q", got, want)
		}
		if answer := stranger.Get(standsAt(s, id)); answer.Page() != "other_browser" || answer.Leads() != "" {
			t.Errorf("in another browser: page %q, leads to %q", answer.Page(), answer.Leads())
		}
	}
}

// What one kind of page has sealed opens nothing at another.
func TestSealedFormsAreForTheirPage(t *testing.T) {
	s := withSessions(t, Options{App: parting})
	_, continuing, _ := plain(s).Authorize(nil).Form("/itsme/continue")
	b := s.Browser()
	logIn(t, s, b, nil)
	_, leaving, ok := b.Get("/logout").Form("/itsme/logout")
	if !ok {
		t.Fatal("no logout page")
	}
	other := s.Browser() // without a session, whose logout needs no click
	for name, answer := range map[string]*Answer{
		"a Continue page's at the logout": other.Post(s.Issuer+"/itsme/logout", url.Values{"request": continuing["request"]}),
		"a logout page's at the login":    b.Post(s.Issuer+"/itsme/continue", url.Values{"request": leaving["request"]}),
	} {
		if answer.Page() != "bad_request" || !strings.Contains(answer.Body, "This form is not one of ours.") {
			t.Errorf("%s: page %q", name, answer.Page())
		}
	}
}
