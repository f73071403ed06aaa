package edge

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Apart does work that must not end with its request, and waits for it as long as
// patience. It is done if the work ended by then: what it has added to the log is
// in the request's own line. Otherwise it goes on by itself, and has a line of its
// own with the same reference; whoever asked is answered without it. All that is under
// way, up to that line, is counted in running.
func Apart(r *http.Request, patience time.Duration, running *sync.WaitGroup, work func(context.Context) error) (err error, done bool) {
	own := EventOf(r.Context())
	left, ended := make(chan struct{}), make(chan error)
	e := &Event{Reference: own.Reference, own: own.own, login: own.login, from: own.from, log: own.log, answered: left}
	e.attrs = e.room[:0]
	ctx := context.WithValue(context.WithoutCancel(r.Context()), eventKey{}, e)
	ctx, e.span = own.apart(ctx)
	running.Add(1)
	go func() {
		defer running.Done()
		err := kept(ctx, work)
		e.finish(0, codeOf(err))
		select {
		case ended <- err:
		case <-left:
			e.reportApart(ctx, err)
		}
	}()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case err := <-ended:
		own.Add(e.attrs...)
		own.level = max(own.level, e.level)
		return err, true
	case <-timer.C:
		close(left)
		return nil, false
	}
}

// kept does work, and makes an error of a panic: nobody above would catch it.
func kept(ctx context.Context, work func(context.Context) error) (err error) {
	defer func() {
		if lost := recover(); lost != nil {
			EventOf(ctx).Add(slog.Any("stack", stack()))
			err = fmt.Errorf("panic: %s", nameOf(lost))
		}
	}()
	return work(ctx)
}

// reportApart writes the line of work that has outlived its request.
func (e *Event) reportApart(ctx context.Context, err error) {
	if e.log == nil {
		return
	}
	level, attrs := e.level, append(e.Names(), e.attrs...)
	if err != nil {
		level, attrs = slog.LevelError, append(attrs, failure(err)...)
	}
	e.log.LogAttrs(ctx, level, "finished after the request", attrs...)
}

// Answered reports whether this is work of [Apart] that nobody waits for any more.
func (e *Event) Answered() bool {
	select {
	case <-e.answered:
		return true
	default:
		return false
	}
}
