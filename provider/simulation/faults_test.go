package simulation_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"
)

// readOnlyError is what a Redis says that has become a replica.
type readOnlyError struct{}

func (readOnlyError) Error() string { return "READONLY You can't write against a read only replica." }

// RedisError makes it a redis.Error.
func (readOnlyError) RedisError() {}

var errBroken = io.ErrUnexpectedEOF // read only: the connection broke

// faults are what can go wrong with an op.
func (w *world) faults(o *op) []option {
	if o.notice != nil {
		return w.faultsOfNotice(o)
	}
	if o.redis == 0 {
		return w.faultsOfCM(o)
	}
	faults := []option{
		{name: o.key + " is refused", odd: true, do: func() { w.arrive(o, errNoConnection, false) }},
		{name: o.key + " is lost on the way", odd: true, do: func() { w.arrive(o, errBroken, false) }},
		{name: o.key + " loses its answer", odd: true, do: func() { w.arrive(o, errBroken, true) }},
		{name: o.key + " finds a replica", odd: true, do: func() { w.arrive(o, readOnlyError{}, false) }},
		{name: o.key + " hangs", odd: true, do: func() { o.hangs = true }},
		{name: o.key + " is answered slowly", odd: true, do: func() { w.slow(o) }},
		{name: o.key + " takes a second", odd: true, do: func() { w.rest(time.Second) }},
	}
	if w.plan.cluster {
		faults = append(faults, w.faultsOfCluster(o)...)
	}
	if o.redis > 1 {
		faults = append(faults, option{name: o.key + " is half done", odd: true, do: func() { w.halve(o) }})
	}
	return faults
}

func (w *world) faultsOfCM(o *op) []option {
	if !o.status && !o.posts {
		return nil
	}
	return []option{
		{name: o.key + " finds nobody", odd: true, do: func() { w.arrive(o, errNoConnection, false) }},
		{name: o.key + " is lost on the way", odd: true, do: func() { w.arrive(o, errBroken, false) }},
		{name: o.key + " loses its answer", odd: true, do: func() { w.orphan(o, errBroken) }},
		{name: o.key + " is answered with rubbish", odd: true, do: func() { w.orphan(o, nil) }},
		{name: o.key + " is answered 500", odd: true, do: func() { w.fail(o, http.StatusInternalServerError) }},
		{name: o.key + " hangs", odd: true, do: func() { o.hangs = true }},
		{name: o.key + " is answered slowly", odd: true, do: func() { w.slow(o) }},
		{name: o.key + " is answered after twenty seconds", odd: true, do: func() { w.slow(o); o.due = time.Now().Add(20 * time.Second) }},
		{name: o.key + " takes three seconds", odd: true, do: func() { w.rest(3 * time.Second) }},
	}
}

// late lets an op that hung arrive, when nobody waits for it any more.
func (w *world) late(o *op) option {
	return option{name: o.key + " arrives late", do: func() {
		w.arrive(o, nil, true)
		w.promises.orphans(o)
	}}
}

// slow lets an op arrive, and its answer not yet.
func (w *world) slow(o *op) {
	got := w.carryOut(o)
	o.slow = &got
}

// halve lets Redis answer the first command of an op, and breaks the connection.
func (w *world) halve(o *op) {
	whole := o.arrive
	o.arrive = func() arrival {
		got := o.first()
		got.err = errBroken
		return got
	}
	w.arrive(o, nil, true)
	o.arrive = whole
}

// orphan lets CM do what it is asked, and spoils the answer.
func (w *world) orphan(o *op, failure error) {
	arrive := o.arrive
	o.arrive = func() arrival {
		got := arrive()
		w.promises.orphans(o)
		if failure != nil {
			return arrival{err: failure}
		}
		got.response.Body = io.NopCloser(&rubbish{})
		return got
	}
	w.arrive(o, nil, true)
}

// rubbish is what no JSON begins with.
type rubbish struct{ read bool }

func (r *rubbish) Read(b []byte) (int, error) {
	if r.read {
		return 0, io.EOF
	}
	r.read = true
	return copy(b, "<html>"), nil
}

func (w *world) fail(o *op, status int) {
	o.arrive = func() arrival { return said(status, map[string]any{"message": "no"}) }
	w.arrive(o, nil, true)
}

// upheavals are what can happen to whole processes, and to time.
func (w *world) upheavals() []option {
	var all []option
	add := func(name string, do func()) { all = append(all, option{name: name, odd: true, do: do}) }
	all = append(all, w.changes(false)...)
	add("Redis forgets everything", func() { w.forget(map[string]value{}) })
	if n := len(w.past); n > 0 {
		add("a replica of Redis takes over that lags", func() { w.forget(maps.Clone(w.past[0])) })
		add("a replica of Redis takes over that lags a little", func() { w.forget(maps.Clone(w.past[max(0, n-3)])) })
		if w.plan.cluster {
			for half, name := range []string{"first", "second"} {
				add("a replica of the "+name+" node of Redis takes over that lags", func() { w.forget(w.halfOf(w.past[0], half)) })
			}
		}
	}
	for _, d := range []time.Duration{20 * time.Second, 70 * time.Second, 5 * time.Minute} {
		add(fmt.Sprintf("%v pass", d), func() { w.jump(d) })
	}
	return all
}

// kill ends a replica at once.
func (w *world) kill(r *replica) {
	close(r.killed)
	w.mu.Lock()
	sent := slices.Clone(w.sent)
	for _, o := range w.ops {
		if o.from == r {
			o.gone = true
		}
	}
	w.mu.Unlock()
	w.promises.died(r)
	for _, x := range sent {
		if x.to == r {
			w.deliver(x, nil)
		}
	}
}

// restart begins a replica again: as the other version, where there is one, or as the same.
func (w *world) restart(i int) []option {
	name, old := w.replicas[i].name, w.replicas[i].old
	this := option{name: name + " begins again", do: func() { w.replicas[i] = w.start(name, false) }}
	if before == nil {
		return []option{this}
	}
	other := option{name: name + " begins again as the version before", do: func() { w.replicas[i] = w.start(name, true) }}
	if old {
		return []option{this, other}
	}
	return []option{other, this}
}

// changes are what is done to a replica so that it begins again, maybe as another version.
func (w *world) changes(gentle bool) (all []option) {
	several := len(w.alive()) > 1
	for _, r := range w.alive() {
		if !gentle {
			all = append(all, w.killing(r))
		}
		if several {
			all = append(all, w.stopping(r))
		}
	}
	return all
}

func (w *world) killing(r *replica) option {
	return option{name: r.name + " is killed", odd: true, do: func() { w.kill(r) }}
}

func (w *world) stopping(r *replica) option {
	return option{name: r.name + " is told to stop", odd: true, gentle: true, do: func() { w.stop(r) }}
}

// stop tells a replica to stop: it takes no more requests, and ends what it has begun.
func (w *world) stop(r *replica) {
	r.stopping = true
	r.bridge.Hurry()
}

// drain lets a replica that was told to stop, and has answered all, end.
func (w *world) drain(r *replica) {
	r.draining = true
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		err := r.bridge.Drain(ctx)
		r.blind() // clients are told as long as the process does anything
		r.passes.Wait()
		w.mu.Lock()
		defer w.mu.Unlock()
		if r.drained = true; err != nil && !r.dead() {
			w.undrained = errors.Join(w.undrained, err)
		}
	}()
}

// finish ends a replica that has drained. An answer of it that is still on its way is lost, which a real process would have waited for.
func (w *world) finish(r *replica) {
	w.promises.ended(r)
	w.mu.Lock()
	w.wrong = w.wrong || slices.ContainsFunc(w.sent, func(x *exchange) bool { return x.to == r })
	w.mu.Unlock()
	w.kill(r)
}
