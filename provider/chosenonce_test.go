package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	. "itsme-bridge/provider/providertest"
)

// trailsIn is how many trails an answer gives to its browser.
func trailsIn(a *Answer) (n int) {
	for _, cookie := range a.Header.Values("Set-Cookie") {
		if strings.HasPrefix(cookie, "itsme-"+"trail=") {
			n++
		}
	}
	return n
}

// A language is chosen once: the page that comes back does not choose it again, and so
// two tabs of one login in two languages do not fight. The choice is kept at once, before
// another tab begins something.
func TestALanguageIsChosenOnceAndNotByEachReload(t *testing.T) {
	s := light(t, Options{})
	b := s.Browser()
	back, _ := undecided(t, s, b)
	page := reloader(b).Get(back + "?page_lang=fr")
	speaks(t, page, "waiting", "fr")
	if n := trailsIn(page); n != 1 || strings.Contains(s.Log.String(), `"held":`) {
		t.Errorf("%d trails; the request must not be held:\n%s", n, s.Log)
	}
	if _, _, ok := page.Form(path(t, back)); page.Leads() != path(t, back) || !ok ||
		!strings.Contains(page.Body, `id="check" href="`+path(t, back)+`"`) {
		t.Errorf("the page chooses the language again: it leads to %q\n%s", page.Leads(), page.Body)
	}
	page = b.Get(page.Leads())
	speaks(t, page, "waiting", "fr")
	if n := trailsIn(page); n != 0 {
		t.Errorf("a reload brings %d trails", n)
	}
}

// The same where CM does not answer: its "try again" is the same address.
func TestALanguageIsChosenOnceWhereCMDoesNotAnswer(t *testing.T) {
	v := visiting(t, nil)
	back := v.begin(sandbox.Script{Outcome: itsme.Success, Fault: sandbox.HTML500})
	page := v.get(back + "?page_lang=fr")
	speaks(t, page, "unavailable", "fr")
	if !strings.Contains(page.Body, `href="`+path(t, back)+`"`) {
		t.Errorf("the page chooses the language again: %s", page.Body)
	}
}

// Where the browser remembers nothing of the login, the address does.
func TestALanguageStaysInTheAddressWithoutATrail(t *testing.T) {
	v := visiting(t, nil)
	back := v.begin(sandbox.Script{Outcome: itsme.Success, OpenFor: 9}) + "?page_lang=fr"
	page := v.send(http.MethodGet, back, nil, func(r *http.Request) {
		cookies := r.Cookies()
		r.Header.Del("Cookie")
		for _, cookie := range cookies {
			if !strings.HasSuffix(cookie.Name, "itsme-"+"trail") {
				r.AddCookie(cookie)
			}
		}
	})
	speaks(t, page, "waiting", "fr")
	if page.Leads() != path(t, back) {
		t.Errorf("the page leads to %q", page.Leads())
	}
}

// insecure_fixed_return_url: the language is chosen for the login that is shown, and not
// for the others that are looked at on the way to it.
func TestALanguageChosenAtTheFixedReturn(t *testing.T) {
	s := light(t, Options{Config: fixed})
	b := s.Browser()
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 99})
	_, shown := loginCookieOf(t, b.Authorize(nil))
	s.Advance(time.Second) // cookies are ordered by the second
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
	_, looked := loginCookieOf(t, b.Authorize(nil))
	back := s.ReturnURL()
	speaks(t, b.Get(back), "cancelled", "en")

	for _, want := range []int{1, 0} { // the second time it is that already
		page := b.Get(back + "?page_lang=fr")
		speaks(t, page, "waiting", "fr")
		if n := trailsIn(page); n != want {
			t.Errorf("%d trails, want %d", n, want)
		}
	}
	speaks(t, b.Get(standsAt(s, looked)), "cancelled", "en")
	speaks(t, b.Get(standsAt(s, shown)), "waiting", "fr")
	speaks(t, b.Get(back), "waiting", "fr")
}
