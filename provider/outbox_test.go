package provider_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// loggedOut is a session of App that has just ended.
func loggedOut(t *testing.T, s *Server) {
	t.Helper()
	hint := logIn(t, s, s.Browser(), nil)
	if answer := byServer(t, s, hint); answer.Location() == "" {
		t.Fatalf("%d %s", answer.Status, answer.Body)
	}
}

// Back-Channel Logout §2.8: 200 is a yes, and 204 from frameworks without bodies.
// Whoever says anything else, or nothing, is told again, later and later.
func TestANoticeThatFails(t *testing.T) {
	for _, row := range []struct {
		name   string
		status int
		again  bool
	}{
		{"200", http.StatusOK, false},
		{"204", http.StatusNoContent, false},
		{"400", http.StatusBadRequest, true},
		{"500", http.StatusInternalServerError, true},
		{"a redirect", http.StatusFound, true},
		{"a cut connection", 0, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			app, other := newReceiver(t), newReceiver(t)
			app.answers(row.status)
			s := withReceivers(t, app, other, nil)
			loggedOut(t, s)
			deliver(t, s.Provider)
			deliver(t, s.Provider)
			if n := len(app.heard(t)); n != 1 {
				t.Errorf("told %d times at once", n)
			}
			s.Advance(5 * time.Second)
			deliver(t, s.Provider)
			if n := len(app.heard(t)); (n == 1) != row.again {
				t.Errorf("told %d times after five seconds", n)
			}
		})
	}
}

// A client that is away is told once it is back, and given up after a day: that is an error in the log.
func TestANoticeIsGivenUpAfterADay(t *testing.T) {
	app, other := newReceiver(t), newReceiver(t)
	app.answers(http.StatusServiceUnavailable)
	s := withReceivers(t, app, other, nil)
	loggedOut(t, s)
	began := s.Now()
	var when []time.Duration
	for s.Now().Sub(began) < 48*time.Hour {
		deliver(t, s.Provider)
		for range app.heard(t) {
			when = append(when, s.Now().Sub(began))
		}
		step := 5 * time.Second
		if len(when) > 3 {
			step = 5 * time.Minute
		}
		s.Advance(step)
	}
	if len(when) < 20 || len(when) > 30 || when[len(when)-1] < 22*time.Hour || when[len(when)-1] > 24*time.Hour {
		t.Errorf("told at %v", when)
	}
	for i, want := range []time.Duration{0, 5 * time.Second, 35 * time.Second, 155 * time.Second} {
		if when[i] != want {
			t.Errorf("time %d: %s, want %s", i, when[i], want)
		}
	}
	for _, line := range strings.Split(s.Log.String(), "\n") {
		if strings.Contains(line, "given_up") && strings.Contains(line, `"level":"ERROR"`) && strings.Contains(line, `"client":"app"`) {
			return
		}
	}
	t.Error("nobody is told that it was given up")
}

// A client that is not registered any more, or not for this, is told nothing, and forgotten.
func TestANoticeForNobody(t *testing.T) {
	app, other := newReceiver(t), newReceiver(t)
	s := withReceivers(t, app, other, nil)
	outbox := func() (there bool) {
		for key := range s.Dump() {
			there = there || strings.Contains(key, "queue-values")
		}
		return there
	}
	hint := logIn(t, s, s.Browser(), nil)
	s.Provider.Register(Clients(parting))
	byServer(t, s, hint)
	if outbox() {
		t.Error("a notice is kept that nobody wants to hear")
	}
	s.Provider.Register(Clients(func(c *client.Client) { parting(c); c.BackChannelLogoutURI = app.URL }))
	loggedOut(t, s)
	second := Clients(nil)[0]
	second.ID, second.BackChannelLogoutURI = Other, other.URL
	s.Provider.Register(Clients(nil, second)) // App has none now
	deliver(t, s.Provider)
	s.Advance(time.Hour)
	s.Provider.Register(Clients(func(c *client.Client) { c.BackChannelLogoutURI = app.URL }))
	deliver(t, s.Provider)
	if n := len(app.heard(t)) + len(other.heard(t)); n != 0 {
		t.Errorf("told %d times", n)
	}
	if outbox() {
		t.Error("it is still in the outbox")
	}
}

// stopping is an Outbound that is told to stop just when the client has heard.
type stopping struct {
	*poster

	stop context.CancelFunc
}

func (s stopping) Post(context.Context, string, url.Values) (int, error) {
	s.stop()
	return http.StatusOK, nil
}

// What a client has heard is written down, also where we are told to stop meanwhile.
func TestANoticeIsSettledAtTheEnd(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	s := withReceivers(t, newReceiver(t), newReceiver(t), func(o *Options) {
		o.Parts = func(p *provider.Parts) { p.Outbound = stopping{newPoster(), stop} }
	})
	loggedOut(t, s)
	if err := s.Provider.DeliverLogouts(ctx); err != nil {
		t.Error(err)
	}
	for key := range s.Dump() {
		if strings.Contains(key, "queue-values") {
			t.Error("it will be told again")
		}
	}
}

// The outbox outlives whoever filled it, and whoever stopped in the middle.
func TestNoticesSurviveARestart(t *testing.T) {
	app, other := newReceiver(t), newReceiver(t)
	s := withReceivers(t, app, other, nil)
	loggedOut(t, s)
	app.answers(hangs)
	ctx, stop := context.WithCancel(t.Context())
	go func() { <-app.arrive; stop() }()
	_ = s.Provider.DeliverLogouts(ctx) // is told to stop while it tells
	<-ctx.Done()
	if strings.Contains(s.Log.String(), "logout notice") {
		t.Error("the client is blamed for our end")
	}
	app.answers(http.StatusOK)
	restarted := s.Restarted()
	s.Advance(time.Minute)
	deliver(t, restarted)
	heard := app.heard(t)
	if len(heard) != 1 {
		t.Fatalf("told %d times", len(heard))
	}
	if claims := payloadOf(t, heard[0]); claims["iss"] != s.Issuer {
		t.Errorf("%v", claims)
	}
}

// A pass that has been told to stop begins nothing.
func TestNoNoticeAfterTheEnd(t *testing.T) {
	app, other := newReceiver(t), newReceiver(t)
	s := withReceivers(t, app, other, nil)
	loggedOut(t, s)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_ = s.Provider.DeliverLogouts(ctx)
	if n := len(app.heard(t)); n != 0 {
		t.Errorf("told %d times", n)
	}
	deliver(t, s.Provider)
	if n := len(app.heard(t)); n != 1 {
		t.Errorf("then told %d times", n)
	}
}

// Two replicas at the same time never tell the same, and not too many at once.
func TestReplicasTellOthers(t *testing.T) {
	app, other := newReceiver(t), newReceiver(t)
	var now, most atomic.Int64
	s := withReceivers(t, app, other, func(o *Options) {
		o.Parts = func(p *provider.Parts) { p.Outbound = counted{newPoster(), &now, &most} }
	})
	const sessions = 24
	for range sessions {
		loggedOut(t, s)
	}
	var passes sync.WaitGroup
	for _, p := range []*provider.Provider{s.Provider, s.Restarted()} {
		passes.Go(func() {
			for range 3 {
				deliver(t, p)
			}
		})
	}
	passes.Wait()
	told := map[any]int{}
	for _, token := range app.heard(t) {
		told[payloadOf(t, token)["sid"]]++
	}
	for sid, n := range told {
		if n != 1 {
			t.Errorf("%v is told %d times", sid, n)
		}
	}
	if len(told) != sessions {
		t.Errorf("%d of %d are told", len(told), sessions)
	}
	if most.Load() > 8 {
		t.Errorf("%d at the same time, of two replicas", most.Load())
	}
}

// counted counts the posts that are on their way.
type counted struct {
	*poster

	now, most *atomic.Int64
}

func (c counted) Post(ctx context.Context, address string, form url.Values) (int, error) {
	n := c.now.Add(1)
	for {
		most := c.most.Load()
		if n <= most || c.most.CompareAndSwap(most, n) {
			break
		}
	}
	defer c.now.Add(-1)
	return c.poster.Post(ctx, address, form)
}

// A client that does not answer keeps nobody else waiting: it is asked by the few
// that are under way, and not again before its pause is over.
func TestAMuteClientKeepsNobodyWaiting(t *testing.T) {
	app, other := newReceiver(t), newReceiver(t)
	app.answers(0)
	s := withReceivers(t, app, other, nil)
	for range 16 { // a pass
		loggedOut(t, s)
	}
	deliver(t, s.Provider)
	if n := len(app.heard(t)); n < 1 || n > 4 {
		t.Errorf("asked %d times", n)
	}
	s.Advance(5 * time.Second)
	app.answers(http.StatusOK)
	deliver(t, s.Provider)
	if n := len(app.heard(t)); n != 16 {
		t.Errorf("then told %d times", n)
	}
}

// RunLogouts tells at once of a logout that came here, and of many without a
// pause between; it ends when it is told to.
func TestRunLogouts(t *testing.T) {
	app, other := newReceiver(t), newReceiver(t)
	s := withReceivers(t, app, other, nil)
	for range 20 { // more than one pass, and from before the start
		loggedOut(t, s)
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var running sync.WaitGroup
	run := func(p *provider.Provider) {
		running.Go(func() {
			p.RunLogouts(ctx, time.Hour, func(err error) {
				if err != nil {
					t.Error(err)
				}
			})
		})
	}
	run(s.Restarted()) // nobody has logged out there
	await := func(n int) {
		t.Helper()
		for range n {
			select {
			case <-app.arrive:
			case <-ctx.Done():
				t.Fatal("nobody is told")
			}
		}
	}
	await(20)
	run(s.Provider)
	loggedOut(t, s)
	await(1)
	stop()
	running.Wait()
}

// A Redis that is away is told of, and does not end it.
func TestRunLogoutsWithoutRedis(t *testing.T) {
	app, other := newReceiver(t), newReceiver(t)
	s := withReceivers(t, app, other, nil)
	loggedOut(t, s)
	s.Faults().Down()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	passed := make(chan error, 100)
	go s.Provider.RunLogouts(ctx, 10*time.Millisecond, func(err error) {
		select {
		case passed <- err:
		default:
		}
	})
	if err := <-passed; err == nil {
		t.Error("no error")
	}
	s.Faults().Up()
	select {
	case <-app.arrive:
	case <-ctx.Done():
		t.Error("nobody is told once Redis is back")
	}
	for well := false; !well; {
		select {
		case err := <-passed:
			well = err == nil
		case <-ctx.Done():
			t.Fatal("nobody says that all is well again")
		}
	}
}

// What happened to notices is counted, by names that nobody chooses from outside.
func TestNoticesAreCounted(t *testing.T) {
	app, other := newReceiver(t), newReceiver(t)
	s := withReceivers(t, app, other, nil)
	loggedOut(t, s)
	app.answers(http.StatusBadGateway)
	deliver(t, s.Provider)
	s.Advance(5 * time.Second)
	app.answers(http.StatusOK)
	deliver(t, s.Provider)
	families, err := s.Metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, family := range families {
		text.WriteString(family.String())
	}
	for _, result := range []string{"failed", "delivered"} {
		if !strings.Contains(text.String(), `value:"`+result+`"`) {
			t.Errorf("%s is not counted", result)
		}
	}
}
