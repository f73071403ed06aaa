package audit

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"
)

// How many lines may wait to be written. Strangers make refusals: they leave room for the rest.
const (
	waiting  = 4096
	refusals = waiting / 2
)

// ErrBehind says that so many lines wait that another has no place.
var ErrBehind = errors.New("audit: too many events wait to be written")

// Log writes events. A nil Log writes nothing.
//
// Nobody waits for a disk or a reader: the lines are written by one goroutine, in their
// order. A process that is killed loses those that still wait, a few milliseconds' worth.
type Log struct {
	to    io.Writer
	now   func() time.Time
	wrote func(error)
	lines chan []byte
	quit  chan struct{} // closed when what waits is all that comes
	done  chan struct{} // closed when nothing is written any more
	close sync.Once
}

// New writes events to a stream, each with one Write. Wrote hears of each event: nil, or
// why it is lost.
func New(to io.Writer, now func() time.Time, wrote func(error)) *Log {
	l := &Log{
		to: to, now: now, wrote: wrote,
		lines: make(chan []byte, waiting), quit: make(chan struct{}), done: make(chan struct{}),
	}
	go l.run()
	return l
}

// Write writes an event with the time of now, soon. It waits for nobody.
func (l *Log) Write(e Event) {
	if l == nil {
		return
	}
	text, err := json.Marshal(lineOf(&e, l.now()))
	if err != nil { // a time beyond the year 9999
		l.wrote(err)
		return
	}
	if (e.Name == Refused || e.Name == RefusedMore) && len(l.lines) >= refusals {
		l.wrote(ErrBehind)
		return
	}
	select {
	case l.lines <- append(text, '\n'):
	default:
		l.wrote(ErrBehind)
	}
}

// run writes what waits, until that is all.
func (l *Log) run() {
	defer close(l.done)
	for {
		select {
		case text := <-l.lines:
			l.put(text)
		case <-l.quit:
			for len(l.lines) > 0 {
				l.put(<-l.lines)
			}
			return
		}
	}
}

func (l *Log) put(text []byte) {
	_, err := l.to.Write(text)
	l.wrote(err)
}

// Close returns when all that waits is written, or with the error of ctx. What is written
// after that is lost.
func (l *Log) Close(ctx context.Context) error {
	if l == nil {
		return nil
	}
	l.close.Do(func() { close(l.quit) })
	select {
	case <-l.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
