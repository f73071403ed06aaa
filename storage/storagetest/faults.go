package storagetest

import "sync"

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
