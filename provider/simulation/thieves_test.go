package simulation_test

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"itsme-bridge/provider/providertest"
)

// Thieves at the pushed authorization request endpoint (RFC 9126): one who has found a request_uri, one who would push requests of the
// client, and another client that pushes some of its own.

const (
	thiefsPlace = "https://thief.example/callback"
	thiefsState = "of-a-thief"
)

// theft is one thing that is pushed by whoever may not.
type theft struct {
	what   string
	client string // that they say they are
	secret string // what they show for that; empty: nothing
	form   func(url.Values)
}

func (q *pushing) thefts() []theft {
	set := func(name, value string) func(url.Values) { return func(v url.Values) { v.Set(name, value) } }
	all := []theft{
		{"the request_uri", "other", secret, set("request_uri", q.uri)},
		{"the request_uri alone", "other", secret, func(v url.Values) { clear(v); v.Set("client_id", "other"); v.Set("request_uri", q.uri) }},
		{"the client's name", "other", secret, set("client_id", "app")},
		{"a request with a wrong secret", "app", secret[1:], func(url.Values) {}},
		{"a request that leads to them", "other", secret, set("redirect_uri", thiefsPlace)},
	}
	if q.session.server.world.plan.public {
		return append(all,
			theft{"a request that leads to them, without a secret", "", "", set("redirect_uri", thiefsPlace)},
			theft{"the request_uri, without a secret", "", "", set("request_uri", q.uri)})
	}
	return append(all, theft{"a request without a secret", "", "", func(url.Values) {}})
}

// pushes sends what somebody pushes who is not the client.
func (x *session) pushes(s *theft, then func(*providertest.Answer)) *exchange {
	form := x.parameters()
	if s.client != "" {
		form.Set("client_id", s.client)
	}
	s.form(form)
	r := x.post("/par", form)
	if s.secret != "" {
		r.SetBasicAuth(s.client, s.secret)
	}
	return x.server.world.send(sender{name: "a thief pushes " + s.what + " for " + x.name}, r, then)
}

// thieves lists what they may do.
func (q *pushing) thieves(add func(string, func())) {
	x := q.session
	for _, s := range q.thefts() {
		add("a thief pushes "+s.what+" of "+x.name, func() { x.pushes(&s, func(*providertest.Answer) {}).steals = true })
	}
	own := theft{"a request of another client", "other", secret, func(url.Values) {}}
	for _, b := range x.server.world.browsers {
		add("another client pushes a request, and sends "+b.name+" with it as "+x.name, func() {
			since := time.Now()
			x.pushes(&own, func(a *providertest.Answer) { x.sends(b, since, a) })
		})
		beside := url.Values{"state": {thiefsState}, "nonce": {"of a thief"}, "code_challenge": {strings.Repeat("T", 43)}}.Encode()
		name := "a thief sends " + b.name + " with the request that " + x.name + " has pushed, and more beside it"
		add(name, func() { b.follow(q.address("app") + "&" + beside) })
		add(name+", also another address", func() {
			b.open(q.address("app") + "&" + beside + "&" + url.Values{"redirect_uri": {thiefsPlace}}.Encode())
		})
		if b != x.browser {
			add(b.name+" logs in by the request that "+x.name+" has pushed", func() { b.follow(q.address("app")) })
		}
	}
}

// follow opens a request_uri that belongs to somebody else, and goes on from there.
func (b *browser) follow(address string) {
	t := b.stray()
	t.goesOn = true
	t.ask(submission{method: http.MethodGet, address: address, byHand: true, name: "opens a request_uri"})
}

// sends lets a browser come with what another client has pushed, as if it were the client's.
func (x *session) sends(b *browser, since time.Time, a *providertest.Answer) {
	if a == nil || a.Status != http.StatusCreated || len(x.server.world.alive()) == 0 {
		return
	}
	w := x.server.world
	q := w.promises.pushed(x, a)
	q.sent = since
	s := submission{method: http.MethodGet, address: q.address("app"), byHand: true}
	e := w.send(sender{name: b.name + " comes with the request of another client", browser: b, act: true}, b.request(s), func(*providertest.Answer) {})
	e.uses, e.foreign = q, true
}

// stole looks at the answer to what was pushed by whoever may not: it is refused, and tells nothing.
func (p *promises) stole(x *exchange) {
	switch a := x.answer; {
	case a.Status == http.StatusCreated, a.Status < http.StatusBadRequest, strings.Contains(a.Body, "request_uri:"):
		p.broken("%s: %d", x.name, a.Status)
	case a.Status >= http.StatusInternalServerError && a.Status != http.StatusServiceUnavailable:
		p.broken("%s: %d", x.name, a.Status)
	}
}
