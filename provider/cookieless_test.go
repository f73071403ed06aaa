package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider"
	"itsme-bridge/provider/authorize"
	. "itsme-bridge/provider/providertest"
)

// unmoved is a browser whose navigations no person's act is behind.
func unmoved(s *Server) *Browser {
	b := s.Browser()
	b.Header.Del("Sec-Fetch-User")
	return b
}

// A browser that may keep no cookie pays for nothing before its click has shown that it does.
func TestABrowserWithoutCookiesPaysForNothing(t *testing.T) {
	s := New(t)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		get := func() *Answer {
			if method == http.MethodPost {
				return unmoved(s).Post(s.Issuer+"/authorize", Request(nil))
			}
			return unmoved(s).Authorize(nil)
		}
		s.ResetRoundtrips()
		page := get() // each time in a browser that has forgotten
		if page.Page() != "continue" || s.Roundtrips() != 0 {
			t.Fatalf("%s: %d %q after %d round trips", method, page.Status, page.Page(), s.Roundtrips())
		}
		for range 2 {
			page = unmoved(s).Submit(page, "/itsme/continue")
			if page.Status != http.StatusBadRequest || page.Page() != "no_cookies" || !strings.Contains(page.Body, `href="`+Home+`"`) {
				t.Fatalf("%s: the click: %d %q\n%s", method, page.Status, page.Page(), page.Body)
			}
		}
	}
	if n := s.Sandbox.Starts(); n != 0 {
		t.Errorf("%d transactions", n)
	}
}

// Who keeps cookies is asked once at most: a cookie of ours, of whatever login or session, says enough.
func TestABrowserWithCookiesIsAskedOnce(t *testing.T) {
	s := withSessions(t, Options{})
	b := unmoved(s)
	toItsme(t, s, b.Submit(b.Authorize(nil), "/itsme/continue"))
	toItsme(t, s, b.Authorize(nil))
	s.Approve()
	if s.Response(b.Get(s.ReturnURL())).Get("code") == "" {
		t.Error("no code")
	}
	toItsme(t, s, b.Authorize(set("prompt", "login")))
	b.Header.Set("Cookie", "itsme-session=x") // and no other
	toItsme(t, s, b.Authorize(nil))

	stranger := unmoved(s)
	stranger.Header.Set("Cookie", "itsmes=x; theme=itsme-dark")
	if page := stranger.Authorize(nil).Page(); page != "continue" {
		t.Errorf("somebody else's cookies: %q", page)
	}
}

// A person's act begins a login at once, also the first one; in other modes nobody cares.
func TestAFirstLoginByHand(t *testing.T) {
	s := New(t)
	toItsme(t, s, s.Browser().Authorize(nil))
	for _, said := range []string{"?0", "1", "true", ""} {
		b := s.Browser()
		b.Header.Set("Sec-Fetch-User", said)
		if page := b.Authorize(nil).Page(); page != "continue" {
			t.Errorf("Sec-Fetch-User: %s: %q", said, page)
		}
	}
	s = With(t, Options{Config: func(c *provider.Config) { c.Start = authorize.StartDirect }})
	toItsme(t, s, unmoved(s).Authorize(nil))
}

// What a browser guesses at starts nothing, whatever it calls that; the real request that follows does.
func TestNothingIsStartedAhead(t *testing.T) {
	s := New(t)
	b := s.Browser()
	address := pushed(t, s, nil)
	for name, value := range map[string]string{
		"Sec-Purpose": "prefetch;anonymous-client-ip", "Purpose": "PREFETCH", "X-Purpose": "preview", "X-Moz": "Prefetch",
	} {
		b.Header.Set(name, value)
		for _, to := range []string{address, s.Issuer + "/authorize?" + Request(nil).Encode()} {
			answer := b.Get(to)
			if answer.Status != http.StatusServiceUnavailable || len(answer.Header.Values("Set-Cookie")) != 0 {
				t.Errorf("%s: %s: %d %q", name, value, answer.Status, answer.Page())
			}
		}
		b.Header.Del(name)
	}
	if n := s.Sandbox.Starts(); n != 0 {
		t.Errorf("%d transactions", n)
	}
	toItsme(t, s, b.Get(address))
}

// A request that was pushed waits for the click like others, and is not used up by who keeps nothing.
func TestAPushedRequestAndABrowserWithoutCookies(t *testing.T) {
	s := New(t)
	address := pushed(t, s, nil)
	for range s.Config.MaxAttempts + 1 {
		page := unmoved(s).Get(address)
		if answer := unmoved(s).Submit(page, "/itsme/continue"); answer.Page() != "no_cookies" {
			t.Errorf("%d %q", answer.Status, answer.Page())
		}
	}
	s.Advance(time.Second)
	b := unmoved(s)
	toItsme(t, s, b.Submit(b.Get(address), "/itsme/continue"))
	s.Approve()
	got := s.Response(b.Get(s.ReturnURL()))
	s.Exchange(got.Get("code"), func(url.Values) {}).Wants(t, http.StatusOK, "")
}
