package provider_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/login"
	. "itsme-bridge/provider/providertest"
)

// notLost is what a page says where CM can be asked once more for what a person has approved.
const notLost = "that is not lost"

// watcher is the script of a waiting page in a browser.
func watcher(b *Browser) *Browser {
	script := *b
	script.Header = http.Header{
		"Accept": {"application/json"}, "Sec-Fetch-Site": {"same-origin"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"},
	}
	return &script
}

// waits wants the script to be told to ask again after some seconds.
func waits(t *testing.T, answer *Answer, seconds int) {
	t.Helper()
	if told := answer.JSON(); answer.Status != http.StatusOK || told["wait"] != float64(seconds) || told["done"] != nil {
		t.Errorf("%d %s, want to wait for %d s", answer.Status, answer.Body, seconds)
	}
}

// nothingToWaitFor wants the script to be told to go to the page, and nothing else.
func nothingToWaitFor(t *testing.T, answer *Answer) {
	t.Helper()
	told := answer.Status != http.StatusOK || answer.Body != `{"done":true}`
	if told || answer.Location() != "" || len(answer.Header.Values("Set-Cookie")) > 0 {
		t.Errorf("%d %s %v, want that there is nothing to wait for", answer.Status, answer.Body, answer.Header)
	}
	if kept, vary := answer.Header.Get("Cache-Control"), answer.Header.Get("Vary"); kept != "no-store" || vary != "Accept" {
		t.Errorf("Cache-Control %q, Vary %q", kept, vary)
	}
}

// The script asks at the address of the page, in each of its shapes: CM is asked as
// often as for a page that reloads, and the page finds what came of it.
func TestTheScriptOfAWaitingPageIsToldHowThingsStand(t *testing.T) {
	for shape, returned := range map[login.ReturnShape]string{ // the last of them finds the outcome
		login.ReturnPath: "returned=2 ", login.ReturnQuery: "returned=2 ", login.ReturnFixed: "returned=1 ",
	} {
		t.Run(string(shape), func(t *testing.T) {
			s := With(t, Options{Path: "/one", Config: func(c *provider.Config) { c.ReturnShape = shape }})
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 5})
			b := s.Browser()
			back := b.Begin(nil)
			if page := b.Get(back).Page(); page != "waiting" {
				t.Fatalf("page %q", page)
			}
			s.Advance(time.Second)
			script := watcher(b)
			for i, pause := range []int{2, 3, 5, 5} {
				waits(t, script.Get(back), pause)
				if n := s.Sandbox.Fetches(last(s).Token); n != i+2 {
					t.Errorf("CM was asked %d times, want %d", n, i+2)
				}
				waits(t, script.Get(back), 1)
				if n := s.Sandbox.Fetches(last(s).Token); n != i+2 {
					t.Error("a script that cannot wait asked CM again")
				}
				s.Advance(time.Duration(pause) * time.Second)
			}
			nothingToWaitFor(t, script.Get(back))
			nothingToWaitFor(t, script.Get(back))
			if code := s.Response(b.Get(back)).Get("code"); code == "" {
				t.Error("the page has no code")
			}
			if n := s.Sandbox.Fetches(last(s).Token); n != 6 {
				t.Errorf("CM was asked %d times in all, want 6", n)
			}
			if steps := metered(t, s, "login_steps_total"); !strings.Contains(steps, returned) || !strings.Contains(steps, "waiting=5") {
				t.Errorf("counted: %s", steps)
			}
		})
	}
}

// What is left of the time is that of the page.
func TestTheScriptIsToldWhatIsLeft(t *testing.T) {
	s := New(t)
	s.Sandbox.Next(sandbox.Script{OpenFor: 99})
	b := s.Browser()
	back := b.Begin(nil)
	b.Get(back)
	for range 3 {
		s.Advance(15 * time.Second)
		watcher(b).Get(back)
	}
	if told := watcher(b).Get(back).JSON(); told["left"] != float64(15) {
		t.Errorf("%v, want 15 s", told)
	}
	s.Advance(16 * time.Second)
	nothingToWaitFor(t, watcher(b).Get(back))
	if page := b.Get(back).Page(); page != "expired" {
		t.Errorf("page %q", page)
	}
}

// Whatever ends the waiting is for the page to tell, and told once.
func TestThePageTellsWhatTheScriptHasFound(t *testing.T) {
	for _, row := range []struct {
		name   string
		script sandbox.Script
		page   string
	}{
		{name: "cancelled", script: sandbox.Script{Outcome: itsme.Cancelled}, page: "cancelled"},
		{name: "failed", script: sandbox.Script{Outcome: itsme.Failure}, page: "failed"},
		{name: "no data", script: sandbox.Script{Outcome: itsme.Success, NoData: true}, page: "no_data"},
		{name: "refused", script: sandbox.Script{Fault: sandbox.BadRequest}, page: "refused"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := New(t)
			s.Sandbox.Next(row.script)
			b := s.Browser()
			back := b.Begin(nil)
			nothingToWaitFor(t, watcher(b).Get(back))
			if page := b.Get(back).Page(); page != row.page {
				t.Errorf("page %q, want %q", page, row.page)
			}
			if n := s.Sandbox.Fetches(last(s).Token); n != 1 {
				t.Errorf("CM was asked %d times, want once", n)
			}
		})
	}
}

// A client that hears of failures hears of them by the page.
func TestThePageTellsTheClientWhatTheScriptHasFound(t *testing.T) {
	s := With(t, Options{App: func(c *client.Client) { c.RedirectFailures = true }})
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
	b := s.Browser()
	back := b.Begin(nil)
	nothingToWaitFor(t, watcher(b).Get(back))
	if got := s.Response(b.Get(back)).Get("error"); got != "access_denied" {
		t.Errorf("error %q", got)
	}
}

// CM is silent while the script asks: the page says so, and CM is not asked again
// for that. What a person does then asks it.
func TestThePageTellsThatCMWasSilent(t *testing.T) {
	s := New(t)
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, Fault: sandbox.ServerError, FaultTimes: 1})
	b := s.Browser()
	back := b.Begin(nil)
	waits(t, watcher(b).Get(back), 1)
	s.Advance(time.Second)
	nothingToWaitFor(t, watcher(b).Get(back))
	if page := b.Get(back); page.Page() != "unavailable" || page.Status != http.StatusServiceUnavailable {
		t.Errorf("%d, page %q", page.Status, page.Page())
	} else if !strings.Contains(page.Body, notLost) {
		t.Errorf("the page does not say that an approval is not lost\n%s", page.Body)
	}
	if n := s.Sandbox.Fetches(last(s).Token); n != 1 {
		t.Errorf("CM was asked %d times, want once", n)
	}
	if s.Response(b.Get(back)).Get("code") == "" {
		t.Error("trying again has no code")
	}
}

// Promise 2 holds for the script too: without both halves CM is not asked, and
// nobody learns anything.
func TestTheScriptNeedsBothHalves(t *testing.T) {
	s := New(t)
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success})
	b := s.Browser()
	back := b.Begin(nil)
	for name, answer := range map[string]*Answer{
		"another browser": watcher(s.Browser()).Get(back),
		"a forged proof":  watcher(b).Get(back[:len(back)-1] + "x"),
	} {
		if answer.Status != http.StatusForbidden || answer.Page() != "other_browser" {
			t.Errorf("%s: %d %s", name, answer.Status, answer.Body)
		}
	}
	stands := standsAt(s, loginID(back))
	nothingToWaitFor(t, watcher(b).Get(stands)) // it goes on to itsme
	giveBack := takeLease(t, s, loginID(back))
	waits(t, watcher(b).Get(stands), 1)
	giveBack()
	if n := s.Sandbox.Fetches(last(s).Token); n != 0 {
		t.Errorf("CM was asked %d times", n)
	}
}

// What a browser says to be the script of another site gets what it would get
// without saying so: a page, which it cannot read.
func TestScriptsOfOthersGetThePage(t *testing.T) {
	s := New(t)
	b := s.Browser()
	s.Sandbox.Next(sandbox.Script{OpenFor: 99})
	back := b.Begin(nil)
	for _, site := range []string{"cross-site", "same-site", "none"} {
		script := watcher(b)
		script.Header.Set("Sec-Fetch-Site", site)
		if answer := script.Get(back); answer.Page() != "waiting" || answer.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %s", site, answer.Body)
		}
	}
	old := watcher(b) // that says nothing
	old.Header.Del("Sec-Fetch-Site")
	waits(t, old.Get(back), 1)
}

// A look of the script costs Redis what a reload costs.
func TestRoundTripsOfTheScript(t *testing.T) {
	s := New(t)
	b := s.Browser()
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 1})
	back := b.Begin(nil)
	var spent []int
	for _, look := range []func(string) *Answer{b.Get, watcher(b).Get, watcher(b).Get} {
		s.ResetRoundtrips()
		look(back)
		spent = append(spent, s.Roundtrips())
		if len(spent) == 2 {
			s.Advance(time.Second)
		}
	}
	if want := []int{2, 1, 2}; !slices.Equal(spent, want) { // open; impatient; approved
		t.Errorf("%v pipelines, want %v", spent, want)
	}
}

// A store that is away for a moment does not end the waiting.
func TestTheScriptIsToldToTryAgain(t *testing.T) {
	s := New(t)
	b := s.Browser()
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 1})
	back := b.Begin(nil)
	b.Get(back)
	s.Faults().Down()
	if answer := watcher(b).Get(back); answer.Status != http.StatusServiceUnavailable {
		t.Errorf("%d %s", answer.Status, answer.Body)
	}
	s.Faults().Up()
	s.Advance(time.Second)
	nothingToWaitFor(t, watcher(b).Get(back))
}

// No waiting page that a person sees before the return asks at the return URL.
func TestAClickBesideAnotherAsksWhereTheCookieIsEnough(t *testing.T) {
	s := New(t)
	b := s.Browser()
	page := cancelled(s, b)
	id := idOf(t, s, page)
	giveBack := takeLease(t, s, id)
	defer giveBack()
	waiting := b.Submit(page, "/itsme/retry")
	if waiting.Page() != "waiting" || !strings.Contains(waiting.Body, `<a id="check" href="`+standsAt(s, id)+`"`) {
		t.Errorf("%s\nwant %s", waiting.Body, standsAt(s, id))
	}
}

// What CM said cannot be written. Only where CM has given nothing out does the page say
// that an approval is not lost; and where it has given an identity out, the log says that it is.
func TestOnlyWhatCMStillHasIsSaidToBeKept(t *testing.T) {
	for name, row := range map[string]struct {
		script sandbox.Script
		kept   bool
		lost   bool
	}{
		"open":     {sandbox.Script{Outcome: itsme.Success, OpenFor: 99}, true, false},
		"approved": {sandbox.Script{Outcome: itsme.Success}, false, true},
		"no data":  {sandbox.Script{Outcome: itsme.Success, NoData: true}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each waits for the end of a lease
			cm := &meanwhile{happens: func() {}}
			s := With(t, Options{
				Parts: func(p *provider.Parts) { cm.Upstream, p.Upstream = p.Upstream, cm },
				Config: func(c *provider.Config) {
					c.Upstream, c.WriteBudget, c.Lease = 300*time.Millisecond, 200*time.Millisecond, time.Second
				},
			})
			s.Sandbox.Next(row.script)
			b := s.Browser()
			back := b.Begin(nil)
			cm.happens = func() { s.Faults().Down() }
			page := b.Get(back)
			if page.Page() != "unavailable" || strings.Contains(page.Body, notLost) != row.kept {
				t.Errorf("%d, page %q\n%s", page.Status, page.Page(), page.Body)
			}
			if log := s.Log.String(); strings.Contains(log, "an identity was lost") != row.lost {
				t.Errorf("the log says\n%s", log)
			}
		})
	}
}
