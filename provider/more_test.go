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

// undecided is a login whose browser is back and whose person has not decided.
func undecided(t *testing.T, s *Server, b *Browser) (back string, page *Answer) {
	t.Helper()
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 99})
	back = b.Begin(nil)
	if page = b.Get(back); page.Page() != "waiting" {
		t.Fatalf("page %q", page.Page())
	}
	return back, page
}

// path is an address without its origin, as forms have it.
func path(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.RequestURI()
}

// A person who says that they need more time gets a minute from then on, with and
// without scripts, in every shape of the address. CM is not asked for that.
func TestMoreTime(t *testing.T) {
	for _, shape := range []login.ReturnShape{login.ReturnPath, login.ReturnQuery, login.ReturnFixed} {
		t.Run(string(shape), func(t *testing.T) {
			s := With(t, Options{Path: "/one", Config: func(c *provider.Config) { c.ReturnShape = shape }})
			b := s.Browser()
			back, page := undecided(t, s, b)
			to, fields, ok := page.Form(path(t, back))
			if !ok {
				t.Fatalf("no form to %s in %s", back, page.Body)
			}
			s.Advance(40 * time.Second)
			asked := s.Sandbox.Fetches(last(s).Token)
			if told := watcher(b).Post(to, fields).JSON(); told["left"] != float64(60) || told["more"] != true {
				t.Errorf("with scripts: %v", told)
			}
			s.Advance(40 * time.Second)
			answer := b.Post(to, fields)
			if answer.Status != http.StatusSeeOther || answer.Location() != path(t, back) {
				t.Errorf("without: %d to %q", answer.Status, answer.Location())
			}
			if n := s.Sandbox.Fetches(last(s).Token); n != asked {
				t.Errorf("CM was asked %d times for it", n-asked)
			}
			s.Advance(59 * time.Second)
			if page := b.Get(answer.Location()).Page(); page != "waiting" {
				t.Errorf("after 139 s: page %q", page)
			}
		})
	}
}

// The deadline of the login stays where it is.
func TestMoreTimeEndsWithTheLogin(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back, page := undecided(t, s, b)
	began := s.Now()
	to, fields, _ := page.Form(path(t, back))
	deadline := Clients(nil)[0].Deadline
	for s.Now().Sub(began) < deadline-30*time.Second {
		s.Advance(30 * time.Second)
		told := watcher(b).Post(to, fields).JSON()
		left := min(time.Minute, deadline-s.Now().Sub(began))
		if told["left"] != left.Seconds() || (told["more"] == true) != s.Now().Add(left).Before(began.Add(deadline)) {
			t.Errorf("after %v: %v, want %v", s.Now().Sub(began), told, left)
		}
	}
	if page := b.Get(back); strings.Contains(page.Body, `id="more"`) || page.Page() != "waiting" {
		t.Errorf("page %q offers what it cannot give", page.Page())
	}
	s.Advance(31 * time.Second)
	if page := b.Get(back).Page(); page != "expired" {
		t.Errorf("after the deadline: page %q", page)
	}
}

// The minute is there so that an approval is not taken for a page that somebody has
// walked away from: what is over is not begun again.
func TestMoreTimeIsNotGivenAfterwards(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back, page := undecided(t, s, b)
	to, fields, _ := page.Form(path(t, back))
	s.Advance(66 * time.Second)
	nothingToWaitFor(t, watcher(b).Post(to, fields))
	if answer := b.Post(to, fields); answer.Location() != path(t, back) {
		t.Errorf("%d to %q", answer.Status, answer.Location())
	}
	asked := s.Sandbox.Fetches(last(s).Token)
	if page := b.Get(back).Page(); page != "expired" || s.Sandbox.Fetches(last(s).Token) != asked {
		t.Errorf("page %q, CM was asked %d times", page, s.Sandbox.Fetches(last(s).Token)-asked)
	}
}

// Only the page of the browser that has come back can ask for more time.
func TestMoreTimeNeedsBothHalvesAndTheForm(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back, page := undecided(t, s, b)
	to, fields, _ := page.Form(path(t, back))
	with := func(name, value string) url.Values {
		changed := url.Values{}
		for key := range fields {
			changed.Set(key, fields.Get(key))
		}
		changed.Set(name, value)
		return changed
	}
	s.Advance(40 * time.Second)
	for name, ask := range map[string]func() *Answer{
		"another browser": func() *Answer { return s.Browser().Post(to, fields) },
		"a forged token":  func() *Answer { return b.Post(to, with("token", fields.Get("token")[1:]+"x")) },
		"another attempt": func() *Answer { return b.Post(to, with("attempt", "2")) },
		"a forged proof":  func() *Answer { return b.Post(to[:len(to)-1]+"x", fields) },
		"no proof":        func() *Answer { return b.Post("/itsme/return", fields) },
	} {
		if answer := ask(); answer.Status != http.StatusForbidden || answer.Page() != "other_browser" {
			t.Errorf("%s: %d %s", name, answer.Status, answer.Body)
		}
	}
	if answer := b.Post(to, url.Values{}); answer.Status != http.StatusBadRequest {
		t.Errorf("no form: %d", answer.Status)
	}
	if told := watcher(b).Get(back).JSON(); told["left"] != float64(20) {
		t.Errorf("%v, want 20 s", told)
	}
	// Where the cookie alone leads, and at the address of an older attempt, it is not offered.
	if page := b.Get(standsAt(s, loginID(back))); page.Page() != "waiting" || strings.Contains(page.Body, `id="more"`) {
		t.Errorf("page %q\n%s", page.Page(), page.Body)
	}
}

// Somebody asks for more time while CM is being asked: what CM says is kept, and so
// is the time.
func TestMoreTimeWhileCMIsAsked(t *testing.T) {
	for name, script := range map[string]sandbox.Script{
		"it says open":    {Outcome: itsme.Success, OpenFor: 99},
		"it says success": {Outcome: itsme.Success, OpenFor: 1},
	} {
		t.Run(name, func(t *testing.T) {
			cm := &meanwhile{happens: func() {}}
			s := With(t, Options{Parts: func(p *provider.Parts) { cm.Upstream, p.Upstream = p.Upstream, cm }})
			b := s.Browser()
			s.Sandbox.Next(script)
			back := b.Begin(nil)
			to, fields, _ := b.Get(back).Form(path(t, back))
			s.Advance(40 * time.Second)
			cm.happens = func() {
				cm.happens = func() {}
				if told := watcher(b).Post(to, fields).JSON(); told["left"] != float64(60) {
					t.Errorf("%v", told)
				}
			}
			got := b.Get(back)
			if script.OpenFor == 1 {
				if s.Response(got).Get("code") == "" {
					t.Error("no code")
				}
				return
			}
			if got.Page() != "waiting" || !strings.Contains(got.Body, " 60 seconds") {
				t.Errorf("page %q, %d\n%s", got.Page(), got.Status, got.Body)
			}
			waits(t, watcher(b).Get(back), 1) // nobody asks CM before its pause is over
			if n := s.Sandbox.Fetches(last(s).Token); n != 2 {
				t.Errorf("CM was asked %d times", n)
			}
		})
	}
}

// Where it is we who stopped waiting, the request in the app may still be open: the page does not say that it has closed.
func TestWhoStoppedWaitingIsSaid(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back := b.Begin(nil)
	if page := b.Get(back).Page(); page != "waiting" {
		t.Fatalf("page %q", page)
	}
	s.Advance(70 * time.Second)
	if page := b.Get(back); page.Page() != "expired" || !strings.Contains(page.Body, "we have stopped waiting") {
		t.Errorf("ours: page %q\n%s", page.Page(), page.Body)
	}
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Expired})
	b = s.Browser()
	if page := b.Get(b.Begin(nil)); page.Page() != "expired" || !strings.Contains(page.Body, "it has closed") {
		t.Errorf("itsme's: page %q\n%s", page.Page(), page.Body)
	}
}
