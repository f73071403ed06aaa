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
	push     bool    // the client pushes its requests
	stay     bool    // browsers are remembered
	parts    bool    // and people log out
	byServer bool    // the client's server may do so for them
	hears    bool    // clients hear of logouts
	share    bool    // a browser is remembered for all clients
	deaf     bool    // no client hears, whatever it is told
	cluster  bool    // Redis is a Cluster
	again    int     // how often people come again, and log in once more
	odd      int     // how many odd things may happen
	calm     float64 // how often what is due next happens next
	old      string  // the replicas that begin as the version before
	changes  int     // how often a replica is killed or told to stop because of its version
	rolling  bool    // they are only told to stop, and nothing else goes wrong
}

// planOf draws a plan.
func planOf(seed uint64) plan {
	chance := rand.New(rand.NewPCG(seed, 1))
	again := chance.IntN(4)
	p := plan{
		seed: seed, again: again, browsers: 1 + chance.IntN(3), replicas: 1 + chance.IntN(3),
		refresh: chance.IntN(2) == 0, public: chance.IntN(4) == 0, ask: chance.IntN(4) == 0, script: chance.IntN(3) == 0, reuse: chance.IntN(4) == 0,
		odd: chance.IntN(5 + 2*again), calm: []float64{0, 0.5, 0.9}[chance.IntN(3)],
	}
	p.push, p.stay = chance.IntN(3) == 0, chance.IntN(3) == 0
	p.parts, p.byServer = p.stay && chance.IntN(2) == 0, p.stay && chance.IntN(3) == 0
	p.cluster, p.hears = chance.IntN(3) == 0, p.stay && chance.IntN(3) > 0
	p.parts = p.parts || p.hears && chance.IntN(2) == 0
	p.share, p.deaf = p.hears && chance.IntN(2) == 0, p.hears && p.again == 0 && chance.IntN(3) == 0
	if before != nil {
		return p.mixed(rand.New(rand.NewPCG(seed, 4)))
	}
	return p
}

// mixed is the plan with replicas of two versions.
func (p plan) mixed(chance *rand.Rand) plan {
	p.changes = chance.IntN(5)
	if p.rolling = chance.IntN(4) == 0; p.rolling {
		p.replicas, p.odd = 2+chance.IntN(2), 0
	} else {
		p.odd += p.changes
	}
	for i := range p.replicas {
		if chance.IntN(2) == 0 {
			p.old += fmt.Sprintf(" r%d", i+1)
		}
	}
	return p
}

// option is one thing that can happen next.
type option struct {
	name string
	odd  bool // nobody expects it
	do   func()

	mischief bool // somebody does it
	gentle   bool // it costs nobody anything
}

// chooser decides what happens next: what is usual, of which the first is what is due, or what is odd.
type chooser interface {
	choose(w *world, usual []option, odd func() []option) option
}

// random chooses by chance.
type random struct {
	chance  *rand.Rand
	latest  int // step at which something odd has happened
	changed int // how often the version of a replica was to change
}

func (r *random) choose(w *world, usual []option, odd func() []option) option {
	if r.changed < w.plan.changes && r.chance.IntN(30) == 0 {
		if all := w.changes(w.plan.rolling); len(all) > 0 {
			r.changed++
			return all[r.chance.IntN(len(all))]
		}
	}
	if r.chance.Float64() < w.plan.calm {
		return usual[0]
	}
	seldom := 12
	if w.oddities > 0 && w.step-r.latest < 6 { // what goes wrong together finds the most
		seldom = 3
	}
	if w.oddities < w.plan.odd && r.chance.IntN(seldom) == 0 {
		if all := odd(); len(all) > 0 {
			r.latest = w.step
			return all[r.chance.IntN(len(all))]
		}
	}
	return usual[r.chance.IntN(len(usual))]
}

// replay chooses what a list says: what is due happens until the next of the list can.
type replay struct {
	list []string
	at   int
}

func (r *replay) choose(_ *world, usual []option, odd func() []option) option {
	if r.at == len(r.list) {
		return usual[0]
	}
	for _, all := range []func() []option{func() []option { return usual }, odd} {
		for _, o := range all() {
			if o.name == r.list[r.at] {
				r.at++
				return o
			}
		}
	}
	return usual[0]
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
		usual := w.usual()
		if usual[0].name == waiting && w.allDone() {
			break
		}
		chosen := c.choose(w, usual, w.odd)
		w.taken = append(w.taken, chosen.name)
		if chosen.odd {
			w.oddities, w.latest = w.oddities+1, chosen
			w.wrong = w.wrong || !chosen.gentle
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
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, untold := w.memory.due(); untold {
		return false
	}
	return w.quiet()
}

// quiet reports likewise, whoever is still to hear of a logout.
func (w *world) quiet() bool {
	return len(w.sent) == 0 && !slices.ContainsFunc(w.ops, func(o *op) bool { return o.slow != nil && !o.gone }) && !slices.ContainsFunc(w.browsers, (*browser).busy)
}

// usual lists what can happen now, the oldest first.
func (w *world) usual() (all []option) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, x := range w.sent {
		if x.seen {
			all = append(all, option{name: x.name + " is answered", do: func() { w.deliver(x, x.answer) }})
		}
	}
	slices.SortStableFunc(w.ops, func(a, b *op) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.key, b.key)) })
	for _, o := range w.ops {
		switch {
		case o.gone && o.posts && o.slow != nil:
			w.promises.orphans(o) // nobody waits any more for what CM has made
		case o.gone || o.hangs || o.slow != nil && time.Now().Before(o.due):
		case o.slow != nil:
			all = append(all, option{name: o.key + " brings its answer", do: func() { w.bring(o) }})
		default:
			all = append(all, option{name: o.key, do: func() { w.arrive(o, nil, true) }})
		}
	}
	all = append(all, w.ends()...)
	acts, soonest := w.acts()
	all = append(all, acts...)
	all = append(all, w.looks()...)
	all = append(all, w.restarts()...)
	if len(all) == 0 {
		if due, untold := w.memory.due(); untold && (w.quiet() || time.Until(due) < soonest) {
			soonest = max(time.Until(due), time.Millisecond) // nothing else happens before
		}
		all = append(all, option{name: waiting, do: func() { w.rest(soonest) }})
	}
	return all
}

// odd lists what can go wrong now.
func (w *world) odd() (all []option) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, x := range w.sent {
		if x.seen {
			all = append(all, option{name: x.name + " loses its answer", odd: true, do: func() { w.deliver(x, nil) }})
		} else {
			all = append(all, option{name: x.name + " hangs up", odd: true, do: func() { x.cancel(); w.deliver(x, nil) }})
		}
	}
	for _, o := range w.ops {
		switch {
		case o.gone && o.hangs:
			all = append(all, w.late(o))
		case !o.gone && !o.hangs && o.slow == nil:
			all = append(all, w.faults(o)...)
		}
	}
	all = append(all, w.upheavals()...)
	return append(all, w.mischief()...)
}

// ends are replicas that have answered all, and may end.
func (w *world) ends() (all []option) {
	for _, r := range w.replicas {
		switch {
		case !r.stopping || r.dead() || r.handling > 0:
		case !r.draining:
			all = append(all, option{name: r.name + " drains", do: func() { w.drain(r) }})
		case r.drained:
			all = append(all, option{name: r.name + " ends", do: func() { w.finish(r) }})
		}
	}
	return all
}

// restarts are replicas that may begin again.
func (w *world) restarts() (all []option) {
	for i, r := range w.replicas {
		if r.dead() {
			all = append(all, w.restart(i)...)
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
		now = append(now, option{name: a.name, do: func() { w.tell("%s", a.name); a.do() }})
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
	if !o.writes {
		return o.arrive()
	}
	if w.past = append(w.past, maps.Clone(w.memory.keys)); len(w.past) > 6 {
		w.past = w.past[1:]
	}
	got := o.arrive()
	w.promises.wrote(o)
	return got
}

// bring lets the answer of an op arrive that was on its way.
func (w *world) bring(o *op) { w.answer(o, *o.slow) }

// answer gives an op its answer, if anybody still waits for it.
func (w *world) answer(o *op, got arrival) {
	w.mu.Lock()
	w.ops = slices.DeleteFunc(w.ops, func(other *op) bool { return other == o })
	gone := o.gone
	w.mu.Unlock()
	if o.sender.request != nil && (gone || got.err != nil) {
		o.sender.request.hurt = true
	}
	if gone {
		return
	}
	if (o.status || o.posts) && got.err == nil {
		w.promises.delivered(o)
	}
	o.answers <- got
}

func (o option) String() string { return fmt.Sprintf("%q", o.name) }
