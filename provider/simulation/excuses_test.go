package simulation_test

import (
	"maps"
	"slices"
	"strings"
	"testing/synctest"
	"time"
)

// What a fault takes from whom. A promise is excused for the login that has lost something, and from that moment on:
// never for a whole story.

// idOf is the login that a key of Redis, a handle, or the path of a return URL is about.
func idOf(text string) string {
	if _, tagged, ok := strings.Cut(text, "{"); ok {
		text = tagged
	}
	text = text[strings.LastIndexByte(text, '/')+1:]
	return text[:max(0, min(strings.IndexAny(text+".", ".}"), len(text)))]
}

// same reports whether two values are one.
func same(a, b value) bool {
	return a.text == b.text && a.until.Equal(b.until) && maps.Equal(a.hash, b.hash) && maps.Equal(a.zset, b.zset) && slices.Equal(a.list, b.list)
}

// changed reports whether the latest command has changed a key.
func (w *world) changed(key string) bool {
	was, before := w.past[len(w.past)-1][key]
	is, there := w.memory.keys[key]
	return before != there || !same(was, is)
}

// forget lets Redis hold something else than it did.
func (w *world) forget(keys map[string]value) {
	p, was := w.promises, w.memory.keys
	w.memory.keys = keys
	for _, side := range []map[string]value{was, keys} {
		for key := range side {
			before, held := was[key]
			if is, holds := keys[key]; held != holds || !same(before, is) {
				p.lost[idOf(key)] = time.Now()
			}
		}
	}
	for _, t := range w.cm.transactions {
		if p.lost[t.id()].Equal(time.Now()) && t.kept {
			t.kept, t.orphan = false, true
		}
	}
}

// lostSince reports whether Redis has lost something of a login since a moment.
func (p *promises) lostSince(id string, moment time.Time) bool {
	at, ok := p.lost[id]
	return ok && !at.Before(moment)
}

// id is that of the login which a transaction was made for.
func (t *transaction) id() string { return idOf(t.attempt) }

// transactionOf is the transaction that a code came of.
func (p *promises) transactionOf(code string) (found transaction) {
	for _, t := range p.world.cm.transactions {
		if t.id() == idOf(code) && !t.gotAt.IsZero() {
			found = *t
		}
	}
	return found
}

// orphans notes that a fault has taken from the bridge what CM did for an op.
func (p *promises) orphans(o *op) {
	for _, t := range p.world.cm.transactions {
		t.orphan = t.orphan || t.asker == o && !t.kept || t.maker == o && !t.stored
	}
}

// died is a replica that was killed, with all that it had not written.
func (p *promises) died(r *replica) {
	if r.looking && time.Since(p.world.began) > noticeLife-time.Hour { // it may have given up, and not said so
		p.givenUp["app"]++
		p.givenUp["other"]++
	}
	for _, t := range p.world.cm.transactions {
		t.orphan = t.orphan || t.asker != nil && t.asker.from == r && !t.kept || t.maker.from == r && !t.stored
	}
}

// jump lets time pass, while nothing arrives: more than any write is repeated for, and than a lease lasts.
func (w *world) jump(d time.Duration) {
	w.mu.Lock()
	waited := map[*op]bool{}
	for _, o := range w.ops {
		o.overtaken, waited[o] = true, !o.gone
	}
	for _, x := range w.sent {
		x.overtaken = x.overtaken || x.answer == nil
	}
	w.mu.Unlock()
	time.Sleep(d)
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	for o, did := range waited {
		if did && o.gone {
			w.promises.orphans(o)
		}
	}
	for _, t := range w.cm.transactions {
		w.promises.overtook(t)
	}
}

// overtook notes what came too late for a transaction since nothing arrived.
func (p *promises) overtook(t *transaction) {
	t.orphan = t.orphan || t.delivery != nil && !t.kept || t.answered && !t.stored
	x := t.maker.sender.session
	switch {
	case x == nil: // somebody else has begun it, and stops there
	case x.code != "": // it has arrived in time, or will not any more
	case t.kept:
		t.late = t.late || time.Since(t.gotAt) > codeLife
	default:
		t.late = t.late || time.Since(t.made) > deadline+10*time.Minute || !t.open.IsZero() && time.Since(t.open) > time.Minute
	}
}

// overruled reports whether somebody else could end the login while the identity was on its way to Redis: the person has
// left, or the lease was lost.
func (p *promises) overruled(t *transaction) bool {
	beaten := t.writer != nil && t.writer.sender.name != t.asker.sender.name && !t.written.Before(t.asker.sender.since)
	return beaten && (p.left[t.id()] || t.asker.overtaken || p.lostSince(t.id(), t.asker.sender.since))
}

// crossed reports whether a request could be on its way to CM although another one has the identity: its own lease ended
// meanwhile, or that of the other did before there was something to be seen.
func (p *promises) crossed(t *transaction, o *op) bool {
	return o.overtaken || p.lostSince(t.id(), o.sender.since) ||
		o.at.Before(t.keptAt) && (t.asker.overtaken || p.lostSince(t.id(), t.asker.sender.since))
}

// outlived reports whether a code or a token that was refused was too old by then.
func (x *session) outlived(token string) bool {
	p := x.server.world.promises
	if made, access := x.made[token]; access {
		return time.Since(made) > tokenLife-10*time.Second // it was made some time before the answer
	}
	at := slices.IndexFunc(x.turns, func(t turn) bool { return t.token == token })
	issued := p.codes[token]
	switch {
	case issued != nil && issued.silent:
		return time.Since(issued.since) > codeLife
	case at < 0:
		return time.Since(p.transactionOf(token).gotAt) > codeLife
	case x.turns[at].over.IsZero():
		return false
	case at+1 < len(x.turns) && !x.turns[at+1].over.IsZero(): // there have been two newer ones
		return true
	default:
		return time.Since(x.turns[at].over) > p.world.plan.config().RefreshGrace-10*time.Second
	}
}
