package provider_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/login"
	"itsme-bridge/provider/pages"
	. "itsme-bridge/provider/providertest"
)

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

// A status call fetches what somebody has approved: it is made however often CM gave others no answer.
func TestStatusCallsHaveNoBreaker(t *testing.T) {
	for _, fault := range []string{"dead", "500"} {
		t.Run(fault, func(t *testing.T) {
			s, line := onLine(t, Options{})
			people := allApproved(s, 7)
			line.breaks(fault)
			before := line.asked.Load()
			for range 2 {
				for _, p := range people {
					if page := p.Get(p.back); page.Page() != "unavailable" || page.Status != http.StatusServiceUnavailable {
						t.Fatalf("%d, page %q", page.Status, page.Page())
					}
				}
				s.Advance(time.Second) // before which nobody asks again
			}
			if n := line.asked.Load() - before; n != 14 {
				t.Errorf("CM was asked %d times, want 14", n)
			}
			line.mend()
			for i, p := range people {
				if s.Response(p.Get(p.back)).Get("code") == "" {
					t.Errorf("login %d is lost", i)
				}
			}
		})
	}
}

// unasked are the ways to a start that may not be made: each begins, and begins again.
func unasked() map[string]func(t *testing.T, s *Server, b *Browser) (again func(page *Answer) *Answer) {
	return map[string]func(t *testing.T, s *Server, b *Browser) func(*Answer) *Answer{
		"begin": func(_ *testing.T, _ *Server, b *Browser) func(*Answer) *Answer {
			return func(*Answer) *Answer { return b.Authorize(nil) }
		},
		"begin, pushed": func(t *testing.T, s *Server, b *Browser) func(*Answer) *Answer {
			t.Helper()
			address := pushed(t, s, nil)
			return func(*Answer) *Answer { return b.Get(address) }
		},
		"continue": func(t *testing.T, s *Server, b *Browser) func(*Answer) *Answer {
			t.Helper()
			address := pushed(t, s, nil)
			return func(page *Answer) *Answer {
				if page == nil {
					page = b.Get(address)
				}
				b.Submit(page, "/itsme/continue")
				return b.Submit(page, "/itsme/continue") // by somebody who has gone back
			}
		},
		"retry": func(t *testing.T, s *Server, b *Browser) func(*Answer) *Answer {
			t.Helper()
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
			toItsme(t, s, b.Get(pushed(t, s, nil)))
			first := b.Get(s.ReturnURL())
			return func(page *Answer) *Answer {
				if page == nil {
					page = first
				}
				return b.Submit(page, "/itsme/retry")
			}
		},
	}
}

// While CM makes no transactions, nobody waits for it, and nothing is counted, spent or used up:
// neither of the ceilings, nor of a pushed request, nor of the attempts. When CM is back, the same
// click goes on. So it is where another start is just finding out.
func TestStartsThatAreNotAsked(t *testing.T) {
	for name, way := range unasked() {
		for _, finding := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", somebody finds out: ", finding), func(t *testing.T) {
				s, line := onLine(t, Options{Config: func(c *provider.Config) { c.Limits.PerAddress, c.Limits.Total = 12, 12 }})
				b := s.Browser()
				again := way(t, s, b)
				line.breaks("dead")
				for range 5 {
					s.Browser().Authorize(nil)
				}
				leave := func() {}
				if finding {
					s.Advance(time.Second)
					line.breaks("hangs")
					leave = s.Browser().Leave(s.Issuer + "/authorize?" + Request(nil).Encode())
					waitFor(t, func() bool { return line.waiting.Load() == 1 })
				}
				before, counted, pushes := line.asked.Load(), countsOf(s), sizeOfPushed(s)
				var page *Answer
				for range 20 { // more often than there are starts and attempts
					page = again(page)
					if page.Status != http.StatusServiceUnavailable || page.Page() != "unavailable" {
						t.Fatalf("%d, page %q", page.Status, page.Page())
					}
					if !strings.Contains(page.Body, "Try again") {
						t.Fatal("nobody can try again")
					}
				}
				if n := line.asked.Load() - before; n != 0 {
					t.Errorf("CM was asked %d times", n)
				}
				if now := countsOf(s); now != counted {
					t.Errorf("starts were counted that did not happen: %s, then %s", counted, now)
				}
				if now := sizeOfPushed(s); now != pushes {
					t.Errorf("a pushed request remembers what did not happen: %d bytes, then %d", pushes, now)
				}
				leave()
				waitFor(t, func() bool { return line.waiting.Load() == 0 }) // or CM would still make a transaction of it
				line.mend()
				s.Advance(5 * time.Second)
				toItsme(t, s, again(page))
				s.Approve()
				if s.Response(b.Get(s.ReturnURL())).Get("code") == "" {
					t.Error("no code")
				}
			})
		}
	}
}

// sizeOfPushed is how long the record of a pushed request is: it is sealed.
func sizeOfPushed(s *Server) (size int) {
	for key, value := range s.Dump() {
		if strings.HasPrefix(key, "test:pushed:") {
			size += len(value)
		}
	}
	return size
}

// The page of a login that was not begun speaks another language, and is still that page.
func TestAStartThatIsNotAskedInAnotherLanguage(t *testing.T) {
	s, line := onLine(t, Options{})
	line.breaks("dead")
	for range 5 {
		s.Browser().Authorize(nil)
	}
	b := s.Browser()
	_, form, ok := b.Authorize(nil).Form("/itsme/continue")
	if !ok {
		t.Fatal("no form")
	}
	before := strings.Count(s.Log.String(), "upstream_unasked")
	form.Set(pages.LanguageParameter, "fr")
	page := b.Post("/itsme/continue", form)
	if page.Status != http.StatusServiceUnavailable || page.Page() != "unavailable" || !strings.Contains(page.Body, `<html lang="fr"`) {
		t.Errorf("%d, page %q\n%s", page.Status, page.Page(), page.Body)
	}
	if n := strings.Count(s.Log.String(), "upstream_unasked"); n != before {
		t.Error("a choice of a language was taken for a click")
	}
}

// failing is a CM that fails for one merchant token.
type failing struct {
	login.Upstream

	token string
	asked atomic.Int64
}

func (f *failing) Start(ctx context.Context, s itsme.Start) (itsme.Transaction, error) {
	if s.Token != f.token {
		return f.Upstream.Start(ctx, s)
	}
	f.asked.Add(1)
	return itsme.Transaction{}, &itsme.Error{Kind: itsme.Unavailable, Status: http.StatusInternalServerError, Operation: "start"}
}

// A CM that fails for the token of one merchant keeps nobody from another one's applications. What
// is known of a token goes with its last client.
func TestEachMerchantTokenHasAGate(t *testing.T) {
	const token = "5c1cfb8e-8f3e-4a55-8c0c-0d7a1d3f9b11"
	other := Clients(nil)[0]
	other.ID, other.MerchantToken = "other", token
	upstream := &failing{token: token}
	s := withoutRSA(t, Options{Clients: []client.Client{other}, Parts: func(p *provider.Parts) { upstream.Upstream, p.Upstream = p.Upstream, upstream }})
	for range 9 {
		s.Browser().Authorize(set("client_id", "other"))
	}
	if n := upstream.asked.Load(); n != 5 {
		t.Errorf("CM was asked %d times for the token it fails for, want 5", n)
	}
	s.Browser().Begin(nil)
	s.Provider.Register(Clients(nil))
	s.Provider.Register(Clients(nil, other))
	s.Browser().Authorize(set("client_id", "other"))
	if n := upstream.asked.Load(); n != 6 {
		t.Errorf("CM was asked %d times for a token that came again, want 6", n)
	}
}

// Five logins of one address say less of CM than five of two: one stranger can be five people. Where CM is down,
// and people of one address alone come, it takes more of them.
func TestOneAddressAloneIsBelievedLater(t *testing.T) {
	for _, row := range []struct {
		name   string
		places []string
		want   int64
	}{
		{"one address", []string{"192.0.2.1"}, 20},
		{"one line", []string{"2001:db8:0:1::7", "2001:db8:0:2::7"}, 20},
		{"two addresses", []string{"192.0.2.1", "192.0.2.2"}, 5},
		{"this machine", []string{"::1"}, 5},
		{"two lines", []string{"2001:db8:0:100::7", "2001:db8:0:200::7"}, 5},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, line := onLine(t, Options{Config: func(c *provider.Config) { c.TrustedProxies, c.Limits.PerAddress = []string{"127.0.0.1"}, 0 }})
			line.breaks("500")
			for n := range 30 {
				b := s.Browser()
				b.Header.Set("X-Forwarded-For", row.places[n%len(row.places)])
				b.Authorize(nil)
			}
			if n := line.asked.Load(); n != row.want {
				t.Errorf("CM was asked %d times, want %d", n, row.want)
			}
			for _, place := range row.places {
				if strings.Contains(s.Log.String(), place) {
					t.Errorf("the log tells of %s", place)
				}
			}
		})
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

// How things stand with CM is to be seen in the metrics.
func TestMetricsOfACMThatIsAway(t *testing.T) {
	s, line := onLine(t, Options{})
	line.breaks("dead")
	for range 7 {
		s.Browser().Authorize(nil)
	}
	want := `
# HELP itsme_bridge_upstream_breaker_open Merchant tokens for which CM does not answer starts, which are not made until one has found out.
# TYPE itsme_bridge_upstream_breaker_open gauge
itsme_bridge_upstream_breaker_open 1
# HELP itsme_bridge_upstream_unasked_total Calls to CM that were not made: it does not answer starts (breaker), or too many are under way (bulkhead).
# TYPE itsme_bridge_upstream_unasked_total counter
itsme_bridge_upstream_unasked_total{operation="start",reason="breaker"} 2
itsme_bridge_upstream_unasked_total{operation="start",reason="bulkhead"} 0
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
