package simulation_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"itsme-bridge/provider/providertest"
)

// A client may push its authorization request first (RFC 9126), and send the browser with the request_uri alone.

// pushLife is how long a request_uri can begin a login.
const pushLife = time.Minute

// pushing is a session's request that was pushed.
type pushing struct {
	session *session
	uri     string
	sent    time.Time // the request
	put     time.Time // the answer was made by then
	amended int       // how often Redis has changed it since: each start does, and the end of a login
	silent  bool      // one of these was for a browser that is remembered: nobody is asked, and the request is used up at once
	done    time.Time // it has been used up, since a login of it has a code; zero: not yet, or a fault may have kept it from that
}

// id is the name of its record in Redis.
func (q *pushing) id() string { return idOf(q.uri[strings.LastIndexByte(q.uri, ':')+1:]) }

// address is where a client sends the browser with it.
func (q *pushing) address(client string) string {
	return issuer + "/authorize?" + url.Values{"client_id": {client}, "request_uri": {q.uri}}.Encode()
}

// push sends the request that a browser is to come with, and then lets it come.
func (x *session) push(come func()) {
	x.next = nil
	form := x.parameters()
	public := x.server.world.plan.public
	r := x.post("/par", form)
	if !public {
		r.SetBasicAuth("app", secret)
	}
	x.sendOut("pushes its request", r, func(a *providertest.Answer) {
		x.tries++
		switch {
		case a != nil && a.Status == http.StatusCreated:
			x.tries, x.pushed = 0, x.server.world.promises.pushed(x, a)
			come()
		case x.tries > mostCalls:
			x.fail("gives up")
		default:
			x.then(time.Second, "pushes its request again", func() { x.push(come) })
		}
	}).pushes = x
}

// pushed is the request that an answer of the bridge is about.
func (p *promises) pushed(x *session, a *providertest.Answer) *pushing {
	uri, _ := a.JSON()["request_uri"].(string)
	at := slices.IndexFunc(p.pushes, func(q *pushing) bool { return q.uri == uri })
	if at < 0 {
		p.pushes = append(p.pushes, &pushing{session: x, uri: uri, put: time.Now()})
		at = len(p.pushes) - 1
		p.secret(uri[strings.LastIndexByte(uri, '.')+1:])
	}
	return p.pushes[at]
}

// pushedAt is the request that a browser names where it asks for this.
func (p *promises) pushedAt(address string) *pushing {
	_, query, _ := strings.Cut(address, "?")
	if !strings.Contains(query, "request_uri=") {
		return nil
	}
	q, _ := url.ParseQuery(query)
	for _, pushed := range p.pushes {
		if pushed.uri == q.Get("request_uri") {
			return pushed
		}
	}
	return nil
}

// put is the answer to a request that was pushed.
func (p *promises) put(e *exchange) {
	switch a := e.answer; a.Status {
	case http.StatusCreated:
		p.pushed(e.pushes, a).sent = e.from.since
	case http.StatusServiceUnavailable:
	default:
		p.broken("%s is refused: %d %v", e.name, a.Status, a.JSON()["error"])
	}
}

// amended notes what Redis has changed about requests that were pushed.
func (p *promises) amended(o *op) {
	for _, q := range p.pushes {
		if !p.world.changed(prefix + "pushed:{" + q.id() + "}") {
			continue
		}
		q.amended++
		e := o.sender.request
		q.silent = q.silent || e != nil && e.uses == q && e.stay != "" && !q.session.consents
	}
}

// used notes that a request was used up, where the answer is a code: with that of CM, unless a fault comes between, and before
// that of a session.
func (p *promises) used(e *exchange) {
	for _, q := range p.pushes {
		ended := e.coded && !e.hurt && e.from.session == q.session
		if to, _ := leadOf(e.answer); (ended || e.uses == q && q.silent) && strings.Contains(to, "code=") && q.done.IsZero() {
			q.done = time.Now()
		}
	}
}

// led looks at the answer to whoever comes with a request that was pushed: another client gets nothing by it, and the
// person before its own browser is led on like everybody else.
func (p *promises) led(e *exchange) {
	q, a := e.uses, e.answer
	to, _ := leadOf(a)
	switch {
	case e.foreign && to != "":
		p.broken("%s is led on by the request that %s has pushed", e.name, q.session.name)
	case e.foreign, e.from.session != q.session, !strings.Contains(to+a.Body, "invalid_request_uri"):
	case time.Since(q.sent) >= pushLife, q.amended >= p.world.plan.config().MaxAttempts, p.lostSince(q.id(), q.sent), p.over(q):
	default:
		p.broken("%s is refused with the request that was pushed", e.name)
	}
}

// over reports whether a login of a pushed request has ended, or is about to.
func (p *promises) over(q *pushing) bool {
	return q.silent || q.session.settled || q.session.leaves || slices.ContainsFunc(p.world.cm.transactions, func(t *transaction) bool {
		return (t.maker.sender.session == q.session || t.maker.sender.request.uses == q) && !t.keptAt.IsZero()
	})
}

// begins is a transaction that is about to be made for a request that was pushed.
func (p *promises) begins(o *op) {
	e := o.sender.request
	if e == nil || e.uses == nil {
		return
	}
	q, starts := e.uses, 0
	for _, t := range p.world.cm.transactions {
		if r := t.maker.sender.request; r.uses == q || t.maker.sender.session == q.session {
			starts++
		}
	}
	switch name := q.session.name; {
	case e.foreign:
		p.broken("%s begins a login with the request that %s has pushed", e.name, name)
	case e.from.since.Sub(q.put) > pushLife:
		p.broken("%s begins a login with the request that %s has pushed, which has expired", e.name, name)
	case !q.done.IsZero() && e.from.since.After(q.done) && !p.lostSince(q.id(), q.done):
		p.broken("%s begins a login with the request that %s has pushed, although one has ended", e.name, name)
	case starts >= p.world.plan.config().MaxAttempts && !p.lostSince(q.id(), q.sent):
		p.broken("%s begins login %d with the request that %s has pushed", e.name, starts+1, name)
	}
}

// mischief lists what others may do with a request that was pushed.
func (q *pushing) mischief(add func(string, func())) {
	q.thieves(add)
	w, name := q.session.server.world, q.session.name
	for _, b := range w.browsers {
		if b != q.session.browser {
			add(b.name+" opens the request that "+name+" has pushed", func() { b.open(q.address("app")) })
		}
		add("another client sends "+b.name+" with the request that "+name+" has pushed", func() {
			s := submission{method: http.MethodGet, address: q.address("other"), byHand: true}
			e := w.send(sender{name: b.name + " comes for another client", browser: b, act: true}, b.request(s), func(*providertest.Answer) {})
			e.uses, e.foreign = q, true
		})
	}
}
