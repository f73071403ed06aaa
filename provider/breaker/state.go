package breaker

import "time"

// Outcome is what a call says of the service.
type Outcome int

// The outcomes.
const (
	Unknown  Outcome = iota // nothing: the caller has given it up
	Answered                // it answers, whatever it says
	Failed                  // it does not answer, or not sensibly
)

// Done says how a call went. It must be called once.
func (c *Call) Done(o Outcome) {
	g := c.gate
	g.mu.Lock()
	was, now := g.state, g.now()
	timely := g.calls.end(c)
	switch {
	case o == Answered:
		g.answered()
	case o == Failed && timely:
		g.failed(c, now)
	case g.probe == c: // nobody knows yet, so the next one may find out
		g.state, g.probe, g.until = Open, nil, now
	}
	is := g.state
	g.mu.Unlock()
	g.tell(was, is)
}

// answered closes the gate, whoever had the answer.
func (g *Gate) answered() {
	g.state, g.probe, g.pause = Closed, nil, 0
	clear(g.silent)
}

// failed counts a call without an answer.
func (g *Gate) failed(c *Call, now time.Time) {
	switch {
	case g.probe == c:
		g.open(now)
	case g.state != Closed: // it began before the gate opened, and says nothing new
	case g.policy.Failures == 0: // it is no circuit breaker
	default:
		g.silent[c.who] = c.from
		if g.enough() {
			g.open(now)
		}
	}
}

// enough reports whether so many have had no answer, and from so many places, that it is
// the service.
func (g *Gate) enough() bool {
	places := map[string]bool{}
	for _, from := range g.silent {
		places[from] = true
	}
	return len(g.silent) >= g.policy.Failures && (len(places) > 1 || len(g.silent) >= g.policy.Alone)
}

// open lets nobody through for a while.
func (g *Gate) open(now time.Time) {
	g.pause = min(max(g.policy.First, 2*g.pause), g.policy.Longest)
	g.state, g.probe, g.until = Open, nil, now.Add(g.pause)
}
