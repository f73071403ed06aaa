package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	. "itsme-bridge/provider/providertest"
)

// reloader is a browser without scripts whose page loads again by itself.
func reloader(b *Browser) *Browser {
	again := *b
	again.Header = b.Header.Clone()
	again.Header.Set("Sec-Fetch-Site", "same-origin")
	again.Header.Del("Sec-Fetch-User")
	return &again
}

// A page that loads again by itself is answered when itsme has decided: one request in
// place of several, and CM is asked no more often than by them.
func TestAReloadIsAnsweredWhenItIsDecided(t *testing.T) {
	t.Parallel() // it takes as long as the pauses
	s := New(t)
	b := s.Browser()
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 3})
	back := b.Begin(nil)
	page := b.Get(back)
	if page.Page() != "waiting" || !strings.Contains(page.Body, `<noscript><meta http-equiv="refresh" content="1;`) {
		t.Fatalf("page %q\n%s", page.Page(), page.Body)
	}
	s.Pass()
	began := time.Now()
	if s.Response(reloader(b).Get(back)).Get("code") == "" {
		t.Error("no code")
	}
	if took := time.Since(began); took < 3*time.Second {
		t.Errorf("it took %v; the pauses are 1 + 2 + 3 s, and the first has begun before", took)
	}
	if n := s.Sandbox.Fetches(last(s).Token); n != 4 {
		t.Errorf("CM was asked %d times, want 4", n)
	}
	if n := strings.Count(s.Log.String(), `"msg":"request"`); n != 3 {
		t.Errorf("%d lines for three requests", n)
	}
	line := s.Log.String()[strings.LastIndex(s.Log.String(), `"held":`):]
	if strings.Count(line, `"cm_status"`) != 1 || strings.Count(line, `"attempt"`) != 1 {
		t.Errorf("the line says something twice: %s", line)
	}
	if steps := metered(t, s, "login_steps_total"); !strings.Contains(steps, "returned=2 ") {
		t.Errorf("counted: %s", steps)
	}
}

// Nothing is held for longer than half of the lease: the page comes, and loads again.
func TestAReloadIsAnsweredAfterAWhile(t *testing.T) {
	t.Parallel() // it takes that while
	s := With(t, Options{Config: func(c *provider.Config) { c.Upstream, c.WriteBudget, c.Lease = time.Second, time.Second, 5*time.Second }})
	b := s.Browser()
	back, _ := undecided(t, s, b)
	s.Pass()
	began := time.Now()
	page := reloader(b).Get(back)
	if took := time.Since(began); page.Page() != "waiting" || took < 900*time.Millisecond || took > 7*time.Second {
		t.Errorf("page %q after %v", page.Page(), took)
	}
}

// Whoever is there themselves is answered at once.
func TestNobodyIsHeldWhoActs(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back, _ := undecided(t, s, b)
	for name, change := range map[string]func(http.Header){
		"a click on Check now": func(h http.Header) { h.Set("Sec-Fetch-User", "?1") },
		"from itsme":           func(h http.Header) { h.Set("Sec-Fetch-Site", "cross-site") },
		"the address bar":      func(h http.Header) { h.Set("Sec-Fetch-Site", "none") },
		"the script":           func(h http.Header) { h.Set("Sec-Fetch-Mode", "cors"); h.Set("Sec-Fetch-Dest", "empty") },
		"an old browser":       func(h http.Header) { h.Del("Sec-Fetch-Mode"); h.Del("Sec-Fetch-Site"); h.Del("Sec-Fetch-Dest") },
	} {
		at := reloader(b)
		change(at.Header)
		page := at.Get(back)
		if page.Page() != "waiting" || strings.Contains(s.Log.String(), `"held":`) {
			t.Errorf("%s: page %q\n%s", name, page.Page(), s.Log)
		}
		if slow := strings.Contains(page.Body, `content="10;`); slow != (name == "an old browser") {
			t.Errorf("%s: comes back slowly: %t", name, slow)
		}
	}
}

// A server that stops answers whoever is held, and holds nobody from then on.
func TestNobodyIsHeldWhenTheServerStops(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back, _ := undecided(t, s, b)
	reached := make(chan struct{})
	answer := later(func() *Answer {
		close(reached)
		return reloader(b).Get(back)
	})
	<-reached
	s.Provider.Hurry()
	s.Provider.Hurry()
	began := time.Now()
	for range 3 {
		if page := reloader(b).Get(back).Page(); page != "waiting" {
			t.Errorf("page %q", page)
		}
	}
	if page := (<-answer).Page(); page != "waiting" || time.Since(began) > 7*time.Second {
		t.Errorf("page %q after %v", page, time.Since(began))
	}
}

// The time that is left is named as it is when the page is shown, and not as it was when
// the request began to wait.
func TestTheLimitOfAHeldPage(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back, page := undecided(t, s, b)
	if !strings.Contains(page.Body, `data-left="60"`) {
		t.Fatalf("page %q: %s", page.Page(), page.Body)
	}
	s.ResetRoundtrips()
	answer := later(func() *Answer { return reloader(b).Get(back) })
	for deadline := time.Now().Add(5 * time.Second); s.Roundtrips() < 2; time.Sleep(time.Millisecond) { // a second look: it waits
		if time.Now().After(deadline) {
			t.Fatal("it is not held")
		}
	}
	s.Advance(20 * time.Second)
	s.Provider.Hurry()
	if page := <-answer; !strings.Contains(page.Body, `data-left="40"`) {
		t.Errorf("page %q: %s", page.Page(), page.Body)
	}
}

// A browser that hangs up holds nothing.
func TestABrowserThatHangsUpIsNotHeld(t *testing.T) {
	d := newDoor()
	s := With(t, Options{Wrap: d.wrap})
	b := s.Browser()
	back, _ := undecided(t, s, b)
	for range 4 { // until the pause is five seconds
		s.Advance(5 * time.Second)
		b.Get(back)
	}
	s.ResetRoundtrips()
	leave := reloader(b).Leave(back)
	for deadline := time.Now().Add(5 * time.Second); s.Roundtrips() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nobody came")
		}
	}
	leave()
	began := time.Now()
	<-d.served
	if took := time.Since(began); took > 4*time.Second { // the pause is five
		t.Errorf("it was held for %v", took)
	}
}
