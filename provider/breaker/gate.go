package breaker

import (
	"sync"
	"time"
)

// Policy is how soon a gate opens, and for how long. Every other field than Failures, Alone and Spare is required.
type Policy struct {
	Failures int           // of different callers, without an answer between, from two places at least: the gate opens; 0: it never does, and only bounds the calls
	Alone    int           // likewise, where all are from one place; 0: as Failures
	Late     time.Duration // after which a call counts as one without an answer, and leaves its place
	First    time.Duration // how long the gate is open at first; each time after that twice as long,
	Longest  time.Duration // but no longer than this
	AtOnce   int           // calls that are not late; there may be as many that are,
	Spare    int           // and more where fewer than this are not late: so many places are not taken by late ones; 0: they may take all
}

// State is how a gate stands.
type State string

// The states.
const (
	Closed   State = "closed"    // everybody may call
	Open     State = "open"      // nobody may
	HalfOpen State = "half_open" // one call is to find out
)

// Reason is why somebody may not call.
type Reason string

// The reasons.
const (
	Down Reason = "breaker"  // the service does not answer
	Full Reason = "bulkhead" // too many calls are under way
)

// Reasons are all of them.
func Reasons() []Reason { return []Reason{Down, Full} }

// RefusalError says that there must be no call now. The service was not asked.
type RefusalError struct {
	Reason Reason
	Again  time.Duration // after which it is worth trying again, at the earliest
}

// Error tells the reason.
func (r *RefusalError) Error() string { return "breaker: not asked: " + string(r.Reason) }

// Gate lets calls to one service through. It is safe for concurrent use.
type Gate struct {
	policy  Policy
	now     func() time.Time
	changed func(State) // told of closed and open, in turn; may be nil

	mu     sync.Mutex
	state  State
	silent map[string]string // who got no answer since the last one, and from where; no more than open the gate
	probe  *Call             // the one call of a half-open gate
	until  time.Time
	pause  time.Duration // for which the gate is open
	calls  calls
}

// New makes a gate that is closed. Of each change to closed or open somebody may hear.
func New(p Policy, now func() time.Time, changed func(State)) *Gate {
	return &Gate{policy: p, now: now, changed: changed, state: Closed, silent: map[string]string{}}
}

// Enter asks for leave to call. The call must be told how it went: see [Call.Done]. Of
// one caller, who, several failures without an answer between count once: something may
// be wrong with what that one asks for, and not with the service. So it may be with what
// comes from one place: one that is the only one is believed later (Policy.Alone). Whoever
// comes from nowhere that is known, "", is from a place of their own.
func (g *Gate) Enter(who, from string) (*Call, *RefusalError) {
	g.mu.Lock()
	was, now := g.state, g.now()
	for _, call := range g.calls.grownLate(now.Add(-g.policy.Late)) {
		g.failed(call, now)
	}
	call, refusal := g.admit(who, from, now)
	is := g.state
	g.mu.Unlock()
	g.tell(was, is)
	return call, refusal
}

// admit decides, under the lock.
func (g *Gate) admit(who, from string, now time.Time) (*Call, *RefusalError) {
	switch {
	case g.state == HalfOpen:
		return nil, &RefusalError{Down, g.policy.First}
	case g.state == Open && now.Before(g.until):
		return nil, &RefusalError{Down, g.until.Sub(now)}
	case g.state == Closed && g.calls.full(&g.policy):
		return nil, &RefusalError{Full, g.policy.First}
	}
	call := g.calls.begin(g, who, from, now)
	if g.state == Open { // also where the places are taken by calls that hang
		g.state, g.probe = HalfOpen, call
	}
	return call, nil
}

// tell says of a change, without the lock.
func (g *Gate) tell(was, is State) {
	if g.changed == nil || was == is {
		return
	}
	switch {
	case is == Closed:
		g.changed(Closed)
	case was == Closed:
		g.changed(Open)
	}
}

// State is how the gate stands. An open one stays so until somebody comes.
func (g *Gate) State() State {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.state
}

// UnderWay is how many calls have not ended, late ones among them.
func (g *Gate) UnderWay() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calls.timely.Len() + g.calls.late
}
