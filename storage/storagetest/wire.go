package storagetest

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// wire is where all connections of a world's stores pass.
type wire struct {
	mu     sync.Mutex
	conns  map[*conn]bool
	trips  []*trip
	cross  [][]string    // keys of scripts over several slots
	plans  map[int]*plan // what shall happen to the nth round trip from now
	refuse func()        // not nil while Redis is away: tells that somebody was refused
	before func()        // not nil: called before each round trip

	every plan // what happens to every round trip
	lose  int  // every how manieth reply is lost; 0: none
	begun int  // round trips since lose was said
}

// plan is what shall happen to a round trip.
type plan struct {
	lose           bool // its reply
	there, further chan struct{}
	answered, told chan struct{}
	late           time.Duration // its reply
	silent         bool          // its reply does not come, and the connection stays
	echo           *echo         // keeps what it sends; may be nil
}

// errDown is what everybody gets while Redis is away.
var errDown = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}

func newWire() *wire { return &wire{conns: map[*conn]bool{}, plans: map[int]*plan{}} }

func (w *wire) dial(ctx context.Context, _, address string) (net.Conn, error) {
	var dialer net.Dialer
	raw, err := dialer.DialContext(ctx, networkOf(address), address)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuse != nil {
		w.refuse()
		_ = raw.Close()
		return nil, errDown
	}
	c := &conn{Conn: raw, wire: w}
	w.conns[c] = true
	return c, nil
}

func (w *wire) plan(n int, set func(*plan)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.plans[n] == nil {
		w.plans[n] = &plan{}
	}
	set(w.plans[n])
}

// sent names what was sent, trip by trip.
func (w *wire) sent() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	names := make([]string, len(w.trips))
	for i, t := range w.trips {
		names[i] = t.String()
	}
	return names
}

func (w *wire) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trips = nil
}

// scripted are the keys of all scripts since the last reset.
func (w *wire) scripted() (keys []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.trips {
		for _, c := range t.commands {
			keys = append(keys, c.keys...)
		}
	}
	return keys
}

func (w *wire) crossed() [][]string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cross
}

// look has something called before each round trip.
func (w *wire) look(before func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.before = before
}

// begin opens a round trip, and says what shall happen to it.
func (w *wire) begin() (*trip, plan) {
	w.mu.Lock()
	before := w.before
	w.mu.Unlock()
	if before != nil {
		before()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	t := &trip{}
	w.trips = append(w.trips, t)
	now, later := w.every, map[int]*plan{}
	w.begun++
	now.lose = w.lose > 0 && w.begun%w.lose == 0
	for n, p := range w.plans {
		if n == 1 {
			now = *p
		} else {
			later[n-1] = p
		}
	}
	w.plans = later
	return t, now
}

// add notes what a round trip sends.
func (w *wire) add(t *trip, commands []command) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t.commands = append(t.commands, commands...)
	for _, c := range commands {
		for _, key := range c.keys {
			if hashTag(key) != hashTag(c.keys[0]) {
				w.cross = append(w.cross, c.keys)
				break
			}
		}
	}
}

// conn counts what is written and loses replies. A round trip begins with the first
// write after a read: go-redis writes all of a pipeline before it reads.
type conn struct {
	net.Conn
	wire *wire

	mu      sync.Mutex
	rest    []byte // of an unfinished command
	current *trip  // being written; nil after a read
	plan    plan   // of the round trip under way
}

func (c *conn) Write(b []byte) (int, error) {
	if p := c.see(b); p.there != nil {
		close(p.there)
		<-p.further
	}
	return c.Conn.Write(b)
}

// see notes what is written, and gives the plan if a round trip begins.
func (c *conn) see(b []byte) plan {
	c.mu.Lock()
	defer c.mu.Unlock()
	commands, rest := parse(append(c.rest, b...))
	c.rest = append([]byte(nil), rest...)
	if len(commands) == 0 || greets(commands) {
		return plan{}
	}
	begun := plan{}
	if c.current == nil {
		c.current, c.plan = c.wire.begin()
		begun = c.plan
	}
	c.plan.echo.keep(b, c.RemoteAddr())
	c.wire.add(c.current, commands)
	return begun
}

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	p := c.plan
	if n > 0 {
		c.current, c.plan.answered = nil, nil
	}
	c.mu.Unlock()
	switch {
	case p.lose:
		return 0, c.swallow()
	case p.silent:
		_, _ = io.Copy(io.Discard, c.Conn) // until somebody gives up
		return 0, io.EOF
	case p.answered != nil && n > 0:
		close(p.answered)
		<-p.told
	}
	time.Sleep(p.late)
	return n, err
}

// swallow lets Redis finish, and then cuts the connection: it reads until Redis has
// answered everything and hung up, after we said that nothing more will come.
func (c *conn) swallow() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.New("storagetest: a connection that cannot be half closed")
	}
	_ = half.CloseWrite()
	_, _ = io.Copy(io.Discard, c.Conn)
	_ = c.Close()
	return io.EOF
}

// Close forgets the connection.
func (c *conn) Close() error {
	c.wire.mu.Lock()
	delete(c.wire.conns, c)
	c.wire.mu.Unlock()
	return c.Conn.Close()
}

// SyscallConn lets go-redis see whether a pooled connection still lives.
func (c *conn) SyscallConn() (syscall.RawConn, error) {
	raw, ok := c.Conn.(syscall.Conn)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	return raw.SyscallConn()
}
