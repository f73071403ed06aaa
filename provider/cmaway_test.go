package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// impatiently gives CM little time, for faults that take as long as that.
func impatiently(c *provider.Config) { c.Upstream, c.Status = time.Second, time.Second }

// person is somebody who has approved, and has not come back yet.
type person struct {
	*Browser

	back string
}

func allApproved(s *Server, n int) []person {
	s.Sandbox.Always(sandbox.Script{Outcome: itsme.Success})
	people := make([]person, n)
	for i := range people {
		people[i].Browser = s.Browser()
		people[i].back = people[i].Begin(nil)
	}
	return people
}

const awaySentence = "itsme® is not answering at the moment."

// A CM that is away is asked by one call at a time, and nobody loses an approval by that:
// the page says so and looks again, until CM is back. Nothing is restarted.
func TestACMThatIsAway(t *testing.T) {
	for _, fault := range []string{"dead", "500", "hangs"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel() // it takes as long as CM may
			s, line := onLine(t, Options{Config: impatiently})
			people := allApproved(s, 9)
			line.breaks(fault)
			before := line.asked.Load()
			for _, p := range people[:5] {
				if page := p.Get(p.back); page.Page() != "unavailable" || page.Status != http.StatusServiceUnavailable {
					t.Fatalf("%d, page %q", page.Status, page.Page())
				}
			}
			for range 2 {
				for _, p := range people {
					page := p.Get(p.back)
					if page.Page() != "waiting" || page.Status != http.StatusOK || !strings.Contains(page.Body, awaySentence) {
						t.Fatalf("%d, page %q\n%s", page.Status, page.Page(), page.Body)
					}
					if page.Leads() == "" {
						t.Fatal("the page does not look again by itself")
					}
				}
			}
			if n := line.asked.Load() - before; n != 5 {
				t.Errorf("CM was asked %d times while it was away, want 5", n)
			}
			s.Advance(time.Second)
			people[0].Get(people[0].back) // finds out in vain
			people[1].Get(people[1].back)
			if n := line.asked.Load() - before; n != 6 {
				t.Errorf("CM was asked %d times while it was away, want 6", n)
			}
			line.mend()
			s.Advance(5 * time.Second)
			for i, p := range people {
				if s.Response(p.Get(p.back)).Get("code") == "" {
					t.Errorf("login %d is lost", i)
				}
			}
			for _, says := range []string{"CM does not answer", "CM answers again"} {
				if n := strings.Count(s.Log.String(), says); n != 1 {
					t.Errorf("the log says %q %d times", says, n)
				}
			}
		})
	}
}

// The script of a waiting page is told, too, and when it is over.
func TestTheScriptIsToldThatCMIsAway(t *testing.T) {
	s, line := onLine(t, Options{})
	people := allApproved(s, 6)
	line.breaks("dead")
	for _, p := range people[:5] {
		p.Get(p.back)
	}
	script := *people[5].Browser
	script.Header = http.Header{"Accept": {"application/json"}, "Sec-Fetch-Site": {"same-origin"}}
	if got := script.Get(people[5].back).JSON(); got["away"] != true || got["wait"] == nil || got["done"] != nil {
		t.Errorf("%v", got)
	}
	line.mend()
	s.Advance(time.Second)
	if got := script.Get(people[5].back).JSON(); got["away"] != nil || got["done"] != true {
		t.Errorf("afterwards: %v", got)
	}
}

// While CM makes no transactions, nobody waits for it, nothing is asked that might be paid for, and
// "try again" uses up nothing. When it is back, the same click goes on.
func TestStartsWhileCMIsAway(t *testing.T) {
	s, line := onLine(t, Options{})
	line.breaks("dead")
	for range 5 {
		s.Browser().Authorize(nil)
	}
	before := line.asked.Load()
	b := s.Browser()
	page := b.Authorize(nil)
	if page.Status != http.StatusServiceUnavailable || page.Page() != "unavailable" {
		t.Fatalf("%d, page %q", page.Status, page.Page())
	}
	if _, _, ok := page.Form("/itsme/leave"); !ok {
		t.Error("no way back to the application")
	}
	counted := countsOf(s)
	for range 7 { // more often than there are attempts
		page = b.Submit(page, "/itsme/retry")
		if page.Status != http.StatusServiceUnavailable || page.Page() != "unavailable" {
			t.Fatalf("%d, page %q", page.Status, page.Page())
		}
	}
	if n := line.asked.Load() - before; n != 0 {
		t.Errorf("CM was asked %d times", n)
	}
	if now := countsOf(s); now != counted {
		t.Errorf("starts were counted that did not happen: %s, then %s", counted, now)
	}
	line.mend()
	s.Advance(time.Second)
	toItsme(t, s, b.Submit(page, "/itsme/retry"))
	s.Approve()
	if s.Response(b.Get(s.ReturnURL())).Get("code") == "" {
		t.Error("no code")
	}
}

// A client that wants to hear of failures hears of this one at once.
func TestAClientIsToldThatCMIsAway(t *testing.T) {
	s, line := onLine(t, Options{App: func(c *client.Client) { c.RedirectFailures = true }})
	line.breaks("dead")
	for range 5 {
		s.Browser().Authorize(nil)
	}
	before := line.asked.Load()
	if got := s.Response(s.Browser().Authorize(nil)).Get("error"); got != "temporarily_unavailable" {
		t.Errorf("error %q", got)
	}
	if n := line.asked.Load() - before; n != 0 {
		t.Errorf("CM was asked %d times", n)
	}
}

// Where only starts fail, whoever has approved already gets the identity all the same.
func TestStartsThatFailKeepNobodyFromAnApproval(t *testing.T) {
	s, line := onLine(t, Options{})
	people := allApproved(s, 2)
	line.post = true
	line.breaks("500")
	for range 6 {
		s.Browser().Authorize(nil)
	}
	for i, p := range people {
		if s.Response(p.Get(p.back)).Get("code") == "" {
			t.Errorf("login %d is lost", i)
		}
	}
}

// What CM honestly answers is no sign that it is away, however often it does so.
func TestHonestAnswersKeepNobodyWaiting(t *testing.T) {
	for name, script := range map[string]sandbox.Script{
		"open":      {OpenFor: 9, Outcome: itsme.Success},
		"cancelled": {Outcome: itsme.Cancelled},
		"expired":   {Outcome: itsme.Expired},
		"no data":   {Outcome: itsme.Success, NoData: true},
		"400":       {Outcome: itsme.Success, Fault: sandbox.BadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			s, line := onLine(t, Options{})
			s.Sandbox.Always(script)
			for n := range 7 {
				b := s.Browser()
				back, before := b.Begin(nil), line.asked.Load()
				b.Get(back)
				if line.asked.Load() == before {
					t.Fatalf("CM was not asked for login %d", n)
				}
			}
		})
	}
}

// The time for which CM does not answer is not taken from a person who waits, whether CM is asked or not.
func TestThePersonsTimeStandsStillWhileCMIsAway(t *testing.T) {
	for name, others := range map[string]int{"it is asked": 0, "it is not asked": 5} {
		t.Run(name, func(t *testing.T) {
			s, line := onLine(t, Options{})
			b := s.Browser()
			back := b.Begin(nil)
			if page := b.Get(back); page.Page() != "waiting" {
				t.Fatalf("page %q", page.Page())
			}
			s.Approve()
			people := allApproved(s, others)
			line.breaks("dead")
			for _, p := range people {
				p.Get(p.back)
			}
			for range 9 { // 90 seconds
				s.Advance(10 * time.Second)
				for _, p := range people[:min(1, others)] { // finds out in vain
					p.Get(p.back)
				}
				b.Get(back)
			}
			line.mend()
			for range 2 { // the first look may only be told of what was
				s.Advance(5 * time.Second)
				if page := b.Get(back); codeIn(page) != "" {
					return
				}
			}
			t.Error("the login is lost")
		})
	}
}

// How things stand with CM is to be seen in the metrics.
func TestMetricsOfACMThatIsAway(t *testing.T) {
	s, line := onLine(t, Options{})
	line.breaks("dead")
	for range 7 {
		s.Browser().Authorize(nil)
	}
	want := `
# HELP itsme_bridge_upstream_breaker_open 1 where CM does not answer and calls to it are not made until one has found out, 0 where they are.
# TYPE itsme_bridge_upstream_breaker_open gauge
itsme_bridge_upstream_breaker_open{operation="start"} 1
itsme_bridge_upstream_breaker_open{operation="status"} 0
# HELP itsme_bridge_upstream_unasked_total Calls to CM that were not made: it does not answer (breaker), or too many are under way (bulkhead).
# TYPE itsme_bridge_upstream_unasked_total counter
itsme_bridge_upstream_unasked_total{operation="start",reason="breaker"} 2
itsme_bridge_upstream_unasked_total{operation="start",reason="bulkhead"} 0
itsme_bridge_upstream_unasked_total{operation="status",reason="breaker"} 0
itsme_bridge_upstream_unasked_total{operation="status",reason="bulkhead"} 0
# HELP itsme_bridge_upstream_under_way Calls to CM that have not ended.
# TYPE itsme_bridge_upstream_under_way gauge
itsme_bridge_upstream_under_way{operation="start"} 0
itsme_bridge_upstream_under_way{operation="status"} 0
`
	if err := testutil.GatherAndCompare(s.Metrics, strings.NewReader(want),
		"itsme_bridge_upstream_breaker_open", "itsme_bridge_upstream_unasked_total", "itsme_bridge_upstream_under_way"); err != nil {
		t.Error(err)
	}
}

// A browser that hangs up says nothing of CM.
func TestBrowsersThatHangUpSayNothingOfCM(t *testing.T) {
	s, line := onLine(t, Options{})
	line.breaks("hangs")
	for range 7 {
		leave := s.Browser().Leave(s.Issuer + "/authorize?" + Request(nil).Encode())
		waitFor(t, func() bool { return line.waiting.Load() == 1 })
		leave()
		waitFor(t, func() bool { return line.waiting.Load() == 0 })
	}
	line.mend()
	s.Browser().Begin(nil)
}

// waitFor waits until something is so.
func waitFor(t *testing.T, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen")
		}
	}
}
