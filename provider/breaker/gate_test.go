package breaker_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"itsme-bridge/provider/breaker"
)

const (
	late    = 5 * time.Second
	first   = time.Second
	longest = 5 * time.Second
)

// world is a gate with a clock of its own.
type world struct {
	*breaker.Gate

	t    *testing.T
	now  time.Time
	told []breaker.State
	many int
}

func newWorld(t *testing.T, atOnce int) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	policy := breaker.Policy{Failures: 3, Late: late, First: first, Longest: longest, AtOnce: atOnce}
	w.Gate = breaker.New(policy, func() time.Time { return w.now }, func(s breaker.State) { w.told = append(w.told, s) })
	return w
}

// enter is a call of somebody new.
func (w *world) enter() *breaker.Call {
	w.t.Helper()
	w.many++
	call, refusal := w.Enter(fmt.Sprint(w.many), "")
	if refusal != nil {
		w.t.Fatalf("call %d: %v", w.many, refusal)
	}
	return call
}

// calls is a call of somebody new that ends at once.
func (w *world) calls(o breaker.Outcome) { w.t.Helper(); w.enter().Done(o) }

// refuses is what somebody new is told who may not call.
func (w *world) refuses(want breaker.Reason) *breaker.RefusalError {
	w.t.Helper()
	w.many++
	_, refusal := w.Enter(fmt.Sprint(w.many), "")
	if refusal == nil || refusal.Reason != want {
		w.t.Fatalf("call %d: %v, want a refusal by the %s", w.many, refusal, want)
	}
	return refusal
}

func (w *world) is(want breaker.State) {
	w.t.Helper()
	if got := w.State(); got != want {
		w.t.Fatalf("the gate is %s, want %s", got, want)
	}
}

// opened is a gate that has just opened.
func opened(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, 10)
	for range 3 {
		w.calls(breaker.Failed)
	}
	w.is(breaker.Open)
	return w
}

func TestFailuresInARowOpenAGate(t *testing.T) {
	for _, row := range []struct {
		name     string
		outcomes []breaker.Outcome
		want     breaker.State
	}{
		{"too few", []breaker.Outcome{breaker.Failed, breaker.Failed}, breaker.Closed},
		{"enough", []breaker.Outcome{breaker.Failed, breaker.Failed, breaker.Failed}, breaker.Open},
		{"an answer between", []breaker.Outcome{breaker.Failed, breaker.Failed, breaker.Answered, breaker.Failed, breaker.Failed}, breaker.Closed},
		{"given up: nobody knows", []breaker.Outcome{breaker.Failed, breaker.Failed, breaker.Unknown, breaker.Unknown}, breaker.Closed},
		{"nor is that an answer", []breaker.Outcome{breaker.Failed, breaker.Failed, breaker.Unknown, breaker.Failed}, breaker.Open},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t, 10)
			for _, o := range row.outcomes {
				w.calls(o)
			}
			w.is(row.want)
		})
	}
}

// What only few callers get no answer to says nothing of the service, also where they take turns.
func TestFewCallersDoNotOpenAGate(t *testing.T) {
	w := newWorld(t, 10)
	for n := range 20 {
		call, refusal := w.Enter([]string{"one", "another"}[n%2], "")
		if refusal != nil {
			t.Fatal(refusal)
		}
		call.Done(breaker.Failed)
	}
	w.is(breaker.Closed)
	w.calls(breaker.Answered) // which is forgotten with that
	w.calls(breaker.Failed)
	w.calls(breaker.Failed)
	w.is(breaker.Closed)
	w.calls(breaker.Failed)
	w.is(breaker.Open)
}

// From one place alone it takes more callers; from two, as many as ever. An answer makes all of them forgotten.
func TestOnePlaceAloneOpensAGateLater(t *testing.T) {
	w := &world{t: t, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	policy := breaker.Policy{Failures: 3, Alone: 6, Late: late, First: first, Longest: longest, AtOnce: 10}
	calls := func(o breaker.Outcome, places ...string) {
		t.Helper()
		for _, from := range places {
			w.many++
			call, refusal := w.Enter(fmt.Sprint(w.many), from)
			if refusal != nil {
				t.Fatalf("call %d: %v", w.many, refusal)
			}
			call.Done(o)
		}
	}
	for _, row := range []struct {
		name   string
		before []string
		last   string
	}{
		{"one place", []string{"a", "a", "a", "a", "a"}, "a"},
		{"another one joins", []string{"a", "a", "a", "a"}, "b"},
		{"two places", []string{"a", "b"}, "b"},
		{"nobody knows from where", []string{"", ""}, ""},
	} {
		w.Gate = breaker.New(policy, func() time.Time { return w.now }, nil)
		calls(breaker.Failed, row.before...)
		calls(breaker.Answered, "c")
		calls(breaker.Failed, row.before...)
		if w.State() != breaker.Closed {
			t.Errorf("%s: it opens too early", row.name)
		}
		calls(breaker.Failed, row.last)
		if w.State() != breaker.Open {
			t.Errorf("%s: it does not open", row.name)
		}
	}
}

// A gate without a number of failures only bounds the calls.
func TestABulkheadNeverOpens(t *testing.T) {
	w := &world{t: t, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	w.Gate = breaker.New(breaker.Policy{Late: late, First: first, Longest: longest, AtOnce: 2}, func() time.Time { return w.now }, nil)
	for range 20 {
		w.calls(breaker.Failed)
	}
	w.enter()
	w.enter()
	w.refuses(breaker.Full)
	w.now = w.now.Add(late + time.Millisecond)
	w.enter()
	w.is(breaker.Closed)
}

func TestAnOpenGateLetsOneThroughAfterAWhile(t *testing.T) {
	w := opened(t)
	if w.refuses(breaker.Down).Again != first {
		t.Error("it does not say for how long")
	}
	w.now = w.now.Add(first - time.Millisecond)
	w.refuses(breaker.Down)
	w.now = w.now.Add(time.Millisecond)
	probe := w.enter()
	w.is(breaker.HalfOpen)
	for range 5 {
		w.refuses(breaker.Down)
	}
	probe.Done(breaker.Answered)
	w.is(breaker.Closed)
	w.calls(breaker.Failed) // and counts from the beginning
	w.calls(breaker.Failed)
	w.is(breaker.Closed)
	if !slices.Equal(w.told, []breaker.State{breaker.Open, breaker.Closed}) {
		t.Errorf("it told of %v", w.told)
	}
}

// Each failure of the one call that finds out makes the pause longer, up to a bound, and an answer
// makes it short again.
func TestAGateOpensForLonger(t *testing.T) {
	w := opened(t)
	for _, want := range []time.Duration{first, 2 * first, 4 * first, longest, longest} {
		if got := w.refuses(breaker.Down).Again; got != want {
			t.Fatalf("open for %v, want %v", got, want)
		}
		w.now = w.now.Add(want)
		w.calls(breaker.Failed)
		w.is(breaker.Open)
	}
	w.now = w.now.Add(longest)
	w.calls(breaker.Answered)
	for range 3 {
		w.calls(breaker.Failed)
	}
	if got := w.refuses(breaker.Down).Again; got != first {
		t.Errorf("open for %v after an answer", got)
	}
	if len(w.told) != 3 {
		t.Errorf("it told of %v: of what finds out in vain nobody need hear", w.told)
	}
}

// Where the one call that is to find out is given up, the next one does it.
func TestAProbeThatIsGivenUp(t *testing.T) {
	w := opened(t)
	w.now = w.now.Add(first)
	w.calls(breaker.Unknown)
	w.is(breaker.Open)
	w.calls(breaker.Answered)
	w.is(breaker.Closed)
}

// Calls that hang open the gate before they end. What becomes of them then changes nothing,
// unless it is an answer.
func TestCallsThatHang(t *testing.T) {
	for _, row := range []struct {
		name    string
		outcome breaker.Outcome
		want    breaker.State
	}{
		{"no answer", breaker.Failed, breaker.Open},
		{"given up", breaker.Unknown, breaker.Open},
		{"a late answer", breaker.Answered, breaker.Closed},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t, 10)
			hanging := []*breaker.Call{w.enter(), w.enter(), w.enter()}
			w.now = w.now.Add(late)
			w.calls(breaker.Unknown)
			w.is(breaker.Closed)
			w.now = w.now.Add(time.Millisecond)
			w.refuses(breaker.Down)
			hanging[0].Done(row.outcome)
			w.is(row.want)
		})
	}
}

// A call that is to find out, and hangs, keeps nobody else from finding out.
func TestAProbeThatHangs(t *testing.T) {
	w := opened(t)
	w.now = w.now.Add(first)
	hangs := w.enter()
	w.now = w.now.Add(late + time.Millisecond)
	if again := w.refuses(breaker.Down).Again; again != 2*first {
		t.Errorf("open for %v", again)
	}
	w.now = w.now.Add(2 * first)
	second := w.enter()
	hangs.Done(breaker.Failed)
	w.is(breaker.HalfOpen)
	second.Done(breaker.Answered)
	w.is(breaker.Closed)
}

// Only so many calls are under way. One that is late leaves its place, as long as there are not too many of those.
func TestOnlySoManyAtOnce(t *testing.T) {
	w := newWorld(t, 2)
	one, two := w.enter(), w.enter()
	w.refuses(breaker.Full)
	one.Done(breaker.Answered)
	three := w.enter()
	w.refuses(breaker.Full)
	w.now = w.now.Add(late + time.Millisecond)
	w.enter()
	w.enter()
	w.refuses(breaker.Full)
	if n := w.UnderWay(); n != 4 {
		t.Errorf("%d calls are under way, want 4", n)
	}
	two.Done(breaker.Answered)
	three.Done(breaker.Answered)
	w.refuses(breaker.Full) // the two that are timely have the places
	if n := w.UnderWay(); n != 2 {
		t.Errorf("%d calls are under way, want 2", n)
	}
}

// However many calls hang, some places are left for those that do not; and what hangs is bounded by how
// long it may.
func TestLateCallsLeaveSomePlaces(t *testing.T) {
	w := &world{t: t, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	w.Gate = breaker.New(breaker.Policy{Late: late, First: first, Longest: longest, AtOnce: 4, Spare: 1}, func() time.Time { return w.now }, nil)
	var hanging []*breaker.Call
	for range 2 {
		for range 4 {
			hanging = append(hanging, w.enter())
		}
		w.refuses(breaker.Full)
		w.now = w.now.Add(late + time.Millisecond)
	}
	for range 20 { // which are answered
		call := w.enter()
		w.refuses(breaker.Full)
		call.Done(breaker.Answered)
	}
	for n := range 5 { // which hang, too
		hanging = append(hanging, w.enter())
		w.refuses(breaker.Full)
		w.now = w.now.Add(late + time.Millisecond)
		if got := w.UnderWay(); got != 8+n+1 {
			t.Errorf("%d calls are under way, want %d", got, 8+n+1)
		}
	}
	for _, call := range hanging {
		call.Done(breaker.Answered)
	}
	for range 4 {
		w.enter()
	}
	w.refuses(breaker.Full)
}

// Where the places are taken by calls that hang, there is still one to find out.
func TestAProbeNeedsNoPlace(t *testing.T) {
	w := newWorld(t, 2)
	for range 2 {
		w.enter()
	}
	w.now = w.now.Add(late + time.Millisecond)
	for range 2 {
		w.enter()
	}
	w.refuses(breaker.Full)
	w.now = w.now.Add(late + time.Millisecond)
	w.refuses(breaker.Down)
	w.now = w.now.Add(first)
	w.calls(breaker.Answered)
	w.is(breaker.Closed)
}

// Whatever many callers do at once, there is one probe, and no more calls than may be.
func TestManyAtOnce(t *testing.T) {
	const atOnce = 8
	var clock sync.Mutex
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	g := breaker.New(breaker.Policy{Failures: 3, Late: late, First: first, Longest: longest, AtOnce: atOnce},
		func() time.Time { clock.Lock(); defer clock.Unlock(); return now }, nil)
	outcomes := []breaker.Outcome{breaker.Failed, breaker.Failed, breaker.Failed, breaker.Unknown, breaker.Answered}
	var all sync.WaitGroup
	for who := range 50 {
		all.Go(func() {
			for turn := range 200 {
				clock.Lock()
				now = now.Add(10 * time.Millisecond)
				clock.Unlock()
				call, refusal := g.Enter(fmt.Sprint(who), "")
				if refusal != nil {
					continue
				}
				if n := g.UnderWay(); n > 2*atOnce+1 {
					t.Errorf("%d calls are under way", n)
				}
				call.Done(outcomes[(who+turn)%len(outcomes)])
			}
		})
	}
	all.Wait()
	if n := g.UnderWay(); n != 0 {
		t.Errorf("%d calls are under way at the end", n)
	}
}
