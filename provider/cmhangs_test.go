package provider_test

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	. "itsme-bridge/provider/providertest"
)

// line is the way to CM, which can be out of order.
type line struct {
	http.RoundTripper

	mu      sync.Mutex
	fault   string        // "": none, dead, hangs, 500
	post    bool          // POST alone has it
	mended  chan struct{} // closed when it has none any more
	asked   atomic.Int64
	waiting atomic.Int64
	most    int64
}

// breaks puts the line out of order.
func (l *line) breaks(fault string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault, l.mended = fault, make(chan struct{})
}

// mend makes it work again. What hangs gets its answer.
func (l *line) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = ""
	close(l.mended)
}

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.asked.Add(1)
	l.mu.Lock()
	fault, mended := l.fault, l.mended
	if l.post && r.Method != http.MethodPost {
		fault = ""
	}
	l.mu.Unlock()
	switch fault {
	case "dead":
		return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	case "500":
		return &http.Response{StatusCode: http.StatusInternalServerError, Body: io.NopCloser(strings.NewReader("")), Header: http.Header{}}, nil
	case "hangs":
		l.noteMost(l.waiting.Add(1))
		defer l.waiting.Add(-1)
		select {
		case <-mended:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	return l.RoundTripper.RoundTrip(r)
}

func (l *line) noteMost(n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.most = max(l.most, n)
}

// onLine is a server whose line to CM can be out of order.
func onLine(t *testing.T, o Options) (*Server, *line) {
	t.Helper()
	l := &line{RoundTripper: &http.Transport{MaxIdleConnsPerHost: 64}}
	o.Upstream = func(c itsme.Config) itsme.Config { c.Transport = l; return c }
	return withoutRSA(t, o), l
}

// A hanging CM binds a bounded number of calls and goroutines, whatever comes, and everybody is
// answered. Once it is back, everybody has what they have approved.
func TestFiveHundredPeopleAndACMThatHangs(t *testing.T) {
	s, line := onLine(t, Options{})
	people := allApproved(s, 500)
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 1})
	one := person{Browser: s.Browser()} // who comes again when all places are taken
	one.back = one.Begin(nil)
	one.Get(one.back) // from now on the attempt lasts for a minute
	s.Advance(3 * time.Second)
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	before := runtime.NumGoroutine()
	line.breaks("hangs")
	var all sync.WaitGroup
	free := make(chan struct{}, 100) // connections: it is not Redis that shall be slow
	for _, p := range people {
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			page, err := p.Try(p.back)
			if err != nil || page.Page() != "waiting" {
				t.Errorf("%v, page %q", err, page.Page())
			}
		})
	}
	all.Wait()
	if line.most > 256 || line.most < 200 {
		t.Errorf("CM was asked %d times at once", line.most)
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	const each = 3 // the call, its lease, and what waits for it
	waitFor(t, func() bool { return runtime.NumGoroutine() < before+256*each+100 })
	if log := s.Log.String(); !strings.Contains(log, `"upstream_unasked":"bulkhead"`) || strings.Contains(log, `"upstream_error":"breaker`) {
		t.Error("the log does not say that CM was not asked, or calls it an error of CM's")
	}
	later := *one.Browser
	later.Header = http.Header{"Accept": {"application/json"}, "Sec-Fetch-Site": {"same-origin"}}
	if got := later.Get(one.back).JSON(); got["wait"] != 2.0 || got["left"] != 60.0 {
		t.Errorf("who is not asked for is told %v, want to wait two seconds of a minute", got)
	}
	line.mend()
	fetched(t, s)
	s.Advance(5 * time.Second)
	for i, p := range people {
		for look := 0; codeIn(p.Get(p.back)) == ""; look++ {
			if look > 5 {
				t.Fatalf("login %d is lost", i)
			}
			fetched(t, s) // it took longer than a person is kept waiting: the machine is busy
			s.Advance(time.Second)
		}
	}
	if n := s.Sandbox.Starts(); n != len(people)+1 {
		t.Errorf("%d transactions were started", n)
	}
}

func codeIn(a *Answer) string {
	to, err := url.Parse(a.Leads())
	if err != nil {
		return ""
	}
	return to.Query().Get("code")
}
