package storagetest

import (
	"sync"
	"testing"
	"time"
)

// Faults are what can go wrong between the stores of a world and its Redis.
type Faults struct{ wire *wire }

// DropReply loses the reply of the nth round trip from now (1: the next one): Redis
// gets it and carries it out, and then the connection breaks.
func (f *Faults) DropReply(n int) {
	f.wire.plan(n, func(p *plan) { p.lose = true })
}

// Hold stops the nth round trip from now before Redis gets it. Reached is closed
// when it is there; it goes on with release.
func (f *Faults) Hold(n int) (reached <-chan struct{}, release func()) {
	there, further := make(chan struct{}), make(chan struct{})
	f.wire.plan(n, func(p *plan) { p.there, p.further = there, further })
	return there, sync.OnceFunc(func() { close(further) })
}

// HoldReply stops the reply of the nth round trip from now: Redis has carried it out.
// Reached is closed when the reply is there; it goes on with release.
func (f *Faults) HoldReply(n int) (reached <-chan struct{}, release func()) {
	there, further := make(chan struct{}), make(chan struct{})
	f.wire.plan(n, func(p *plan) { p.answered, p.told = there, further })
	return there, sync.OnceFunc(func() { close(further) })
}

// Echo keeps what the nth round trip from now sends. Again sends it to Redis once more,
// whenever that is: a network has held it back, and the store has given it up and sent
// it on another connection meanwhile.
func (f *Faults) Echo(n int) (again func(t testing.TB)) {
	e := &echo{}
	f.wire.plan(n, func(p *plan) { p.echo = e })
	return e.again
}

// Sent are the names of what was sent since the last reset, as [World.Commands] gives them.
func (f *Faults) Sent() []string { return f.wire.sent() }

// Reset begins to count anew what is sent.
func (f *Faults) Reset() { f.wire.reset() }

// Forget takes back what was planned for round trips to come.
func (f *Faults) Forget() {
	f.wire.mu.Lock()
	defer f.wire.mu.Unlock()
	f.wire.plans = map[int]*plan{}
}

// DropEvery loses every nth reply from now on, as [Faults.DropReply] does; 0: none.
func (f *Faults) DropEvery(n int) {
	f.wire.mu.Lock()
	defer f.wire.mu.Unlock()
	f.wire.lose, f.wire.begun = n, 0
}

// Slow lets every reply come so much later.
func (f *Faults) Slow(by time.Duration) {
	f.wire.mu.Lock()
	defer f.wire.mu.Unlock()
	f.wire.every.late = by
}

// Silence cuts connections half open: Redis gets what is sent and carries it out, and
// its replies never come. A connection that has waited in silence stays silent.
func (f *Faults) Silence(on bool) {
	f.wire.mu.Lock()
	defer f.wire.mu.Unlock()
	f.wire.every.silent = on
}

// Down takes Redis away: connections break, and new ones are refused. Refused is
// closed when that has happened to somebody.
func (f *Faults) Down() (refused <-chan struct{}) {
	f.wire.mu.Lock()
	notice := make(chan struct{})
	f.wire.refuse = sync.OnceFunc(func() { close(notice) })
	var broken []*conn
	for c := range f.wire.conns {
		broken = append(broken, c)
	}
	f.wire.mu.Unlock()
	for _, c := range broken {
		_ = c.Close()
	}
	return notice
}

// Up brings Redis back, with everything that it held.
func (f *Faults) Up() {
	f.wire.mu.Lock()
	defer f.wire.mu.Unlock()
	f.wire.refuse = nil
}
