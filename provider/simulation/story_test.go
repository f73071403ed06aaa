package simulation_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"itsme-bridge/provider/providertest"
)

// plan is what a story begins with.
type plan struct {
	seed     uint64
	browsers int
	replicas int
	refresh  bool
	public   bool
	ask      bool    // people are asked before a transaction is made
	script   bool    // pages that wait have a script
	reuse    bool    // an old refresh token comes again
	odd      int     // how many odd things may happen
	calm     float64 // how often what is due next happens next
}

// planOf draws a plan.
func planOf(seed uint64) plan {
	chance := rand.New(rand.NewPCG(seed, 1))
	return plan{
		seed: seed, browsers: 1 + chance.IntN(3), replicas: 1 + chance.IntN(3),
		refresh: chance.IntN(2) == 0, public: chance.IntN(4) == 0, ask: chance.IntN(4) == 0, script: chance.IntN(3) == 0, reuse: chance.IntN(4) == 0,
		odd: chance.IntN(5), calm: []float64{0, 0.5, 0.9}[chance.IntN(3)],
	}
}

// option is one thing that can happen next.
type option struct {
	name string
	odd  bool // nobody expects it
	do   func()

	mischief bool // somebody does it
}

// chooser decides what happens next: an index into the options, of which the first is what is due.
type chooser interface {
	choose(w *world, options []option) int
}

// random chooses by chance.
type random struct {
	chance *rand.Rand
	latest int // step at which something odd has happened
}

func (r *random) choose(w *world, options []option) int {
	if r.chance.Float64() < w.plan.calm {
		return 0
	}
	odd := len(options)
	if at := slices.IndexFunc(options, func(o option) bool { return o.odd }); at >= 0 {
		odd = at
	}
	seldom := 12
	if w.oddities > 0 && w.step-r.latest < 6 { // what goes wrong together finds the most
		seldom = 3
	}
	if odd < len(options) && w.oddities < w.plan.odd && r.chance.IntN(seldom) == 0 {
		r.latest = w.step
		return odd + r.chance.IntN(len(options)-odd)
	}
	if odd == 0 {
		return 0
	}
	return r.chance.IntN(odd)
}

// replay chooses what a list says: what is due happens until the next of the list can.
type replay struct {
	list []string
	at   int
}

func (r *replay) choose(_ *world, options []option) int {
	if r.at < len(r.list) {
		if found := slices.IndexFunc(options, func(o option) bool { return o.name == r.list[r.at] }); found >= 0 {
			r.at++
			return found
		}
	}
	return 0
}

const (
	mostSteps = 3000
	waiting   = "time passes"
)

// run tells the story to its end.
func (w *world) run(c chooser) {
	for w.step < mostSteps {
		w.settle()
		w.look()
		w.promises.check()
		if w.flaw != nil {
			w.flaw(w)
		}
		if len(w.promises.problems) > 0 {
			return
		}
		options := w.options()
		if len(options) == 0 || options[0].name == waiting && w.allDone() {
			break
		}
		chosen := options[c.choose(w, options)]
		w.taken = append(w.taken, chosen.name)
		if chosen.odd {
			w.oddities, w.odd = w.oddities+1, chosen
			w.tell("! %s", chosen.name)
		}
		chosen.do()
	}
	if w.step >= mostSteps {
		w.promises.broken("the story has no end")
	}
	w.promises.end()
}

// look sees to the answers that have been made.
func (w *world) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, x := range w.sent {
		if x.answer != nil && !x.seen && !x.to.dead() {
			x.seen = true
			w.promises.answered(x)
		}
	}
}

// allDone reports whether nobody has anything to do or to wait for.
func (w *world) allDone() bool {
	return len(w.sent) == 0 && !slices.ContainsFunc(w.ops, func(o *op) bool { return o.slow != nil && !o.gone }) && !slices.ContainsFunc(w.browsers, (*browser).busy)
}

// options lists what can happen now: first what is due, the oldest first, and then what is odd.
func (w *world) options() []option {
	w.mu.Lock()
	defer w.mu.Unlock()
	var usual, odd []option
	for _, x := range w.sent {
		if x.seen {
			usual = append(usual, option{name: x.name + " is answered", odd: false, do: func() { w.deliver(x, x.answer) }})
			odd = append(odd, option{name: x.name + " loses its answer", odd: true, do: func() { w.deliver(x, nil) }})
		} else {
			odd = append(odd, option{name: x.name + " hangs up", odd: true, do: func() { x.cancel(); w.deliver(x, nil) }})
		}
	}
	slices.SortStableFunc(w.ops, func(a, b *op) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.key, b.key)) })
	for _, o := range w.ops {
		switch {
		case o.gone && o.hangs:
			odd = append(odd, w.late(o))
			continue
		case o.gone || o.hangs:
			continue
		case o.slow != nil && time.Now().Before(o.due):
			continue
		case o.slow != nil:
			usual = append(usual, option{name: o.key + " brings its answer", do: func() { w.bring(o) }})
			continue
		}
		usual = append(usual, option{name: o.key, odd: false, do: func() { w.arrive(o, nil, true) }})
		odd = append(odd, w.faults(o)...)
	}
	usual = append(usual, w.ends()...)
	acts, soonest := w.acts()
	usual = append(usual, acts...)
	usual = append(usual, w.restarts()...)
	odd = append(odd, w.upheavals()...)
	odd = append(odd, w.mischief()...)
	if len(usual) == 0 {
		usual = append(usual, option{name: waiting, odd: false, do: func() { w.rest(soonest) }})
	}
	return append(usual, odd...)
}

// ends are replicas that have answered all, and may end.
func (w *world) ends() (all []option) {
	for _, r := range w.replicas {
		switch {
		case !r.stopping || r.dead() || r.handling > 0:
		case !r.draining:
			all = append(all, option{name: r.name + " drains", odd: false, do: func() { w.drain(r) }})
		case r.drained:
			all = append(all, option{name: r.name + " ends", odd: false, do: func() { w.promises.ended(r); w.kill(r) }})
		}
	}
	return all
}

// restarts are replicas that may begin again.
func (w *world) restarts() (all []option) {
	for i, r := range w.replicas {
		if r.dead() {
			all = append(all, w.restart(i))
		}
	}
	return all
}

// acts are what people and the client's server can do now, and how long it is until there is more.
func (w *world) acts() (now []option, soonest time.Duration) {
	soonest = 10 * time.Second
	for _, o := range w.ops {
		if left := time.Until(o.due); left > 0 {
			soonest = min(soonest, left)
		}
	}
	add := func(a *act) {
		if a == nil {
			return
		}
		if left := time.Until(a.after); left > 0 {
			soonest = min(soonest, left)
			return
		}
		if len(w.alive()) == 0 {
			return
		}
		now = append(now, option{name: a.name, odd: false, do: func() { w.tell("%s", a.name); a.do() }})
	}
	for _, b := range w.browsers {
		for _, t := range b.tabs {
			add(t.next)
		}
		for i, later := range b.later {
			once := *later
			once.do = func() { b.later = slices.Delete(b.later, i, i+1); later.do() }
			add(&once)
		}
	}
	for _, s := range w.server.sessions {
		add(s.next)
	}
	return now, soonest
}

// deliver gives an answer to whoever waits for it; nil: the connection broke.
func (w *world) deliver(x *exchange, a *providertest.Answer) {
	w.mu.Lock()
	w.sent = slices.DeleteFunc(w.sent, func(other *exchange) bool { return other == x })
	w.mu.Unlock()
	x.then(a)
}

// arrive lets an op arrive, and, if it may, its answer.
func (w *world) arrive(o *op, failure error, runs bool) {
	var got arrival
	if runs {
		got = w.carryOut(o)
	}
	if failure != nil {
		got = arrival{err: failure}
	}
	w.answer(o, got)
}

// carryOut does what an op asks.
func (w *world) carryOut(o *op) arrival {
	if w.past = append(w.past, maps.Clone(w.memory.keys)); len(w.past) > 6 {
		w.past = w.past[1:]
	}
	got := o.arrive()
	if o.redis > 0 {
		w.promises.wrote(o)
	}
	return got
}

// bring lets the answer of an op arrive that was on its way.
func (w *world) bring(o *op) { w.answer(o, *o.slow) }

// answer gives an op its answer, if anybody still waits for it.
func (w *world) answer(o *op, got arrival) {
	w.mu.Lock()
	w.ops = slices.DeleteFunc(w.ops, func(other *op) bool { return other == o })
	gone := o.gone
	w.unlucky[o.sender.name] = w.unlucky[o.sender.name] || got.err != nil
	w.mu.Unlock()
	if gone {
		return
	}
	if (o.status || o.posts) && got.err == nil {
		w.promises.delivered(o)
	}
	o.answers <- got
}

func (o option) String() string { return fmt.Sprintf("%q", o.name) }
