package simulation_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"itsme-bridge/provider/providertest"
)

// Where a browser is remembered, a person logs out by it, at the wish of the client; others try to, with what they found.

const (
	goodbye   = "https://app.example/bye"
	elsewhere = "https://other.example/bye" // the other client's

	stayLife = 9 * time.Minute // of a browser's session
)

// farewell is one wish to log somebody out.
type farewell struct {
	of      *session // whose ID token comes along
	foreign bool     // in the name of another client
	server  bool     // by the client's server, without a browser
	forced  bool     // the person before the browser has only followed a link
	clicked bool     // the person has said yes
	state   string
	tries   int
}

// to is where it should lead.
func (f *farewell) to() string { return goodbye + "?state=" + f.state }

// parameters are those of the request.
func (f *farewell) parameters() url.Values {
	v := url.Values{"id_token_hint": {f.of.hint}, "post_logout_redirect_uri": {goodbye}, "state": {f.state}}
	if f.foreign {
		v.Set("client_id", "other")
		v.Set("post_logout_redirect_uri", elsewhere)
	}
	return v
}

// part is a wish of which this session is the reason.
func (x *session) part() *farewell {
	x.partings++
	return &farewell{of: x, state: fmt.Sprintf("bye-%s-%d", x.name, x.partings)}
}

// leave sends a browser to the end of its session.
func (b *browser) leave(f *farewell, name string) {
	b.bid(f, submission{method: http.MethodGet, address: "/logout?" + f.parameters().Encode(), byHand: true, name: name})
}

// bid sends a request of a logout, and waits for what comes of it.
func (b *browser) bid(f *farewell, s submission) {
	e := b.world.send(sender{name: b.name + " " + s.name, browser: b, act: s.byHand}, b.request(s), func(a *providertest.Answer) { b.parted(f, s, a) })
	e.farewell, e.stay = f, b.stay()
	b.world.promises.wishes = append(b.world.promises.wishes, e)
}

// parted goes on with an answer; nil: the connection broke.
func (b *browser) parted(f *farewell, s submission, a *providertest.Answer) {
	f.tries++
	again := func(s submission) {
		b.later = append(b.later, &act{name: b.name + " " + s.name, after: time.Now().Add(time.Second), do: func() { b.bid(f, s) }})
	}
	if a != nil {
		b.keep(a)
	}
	switch {
	case f.tries > mostCalls || f.forced:
	case a == nil || a.Status == http.StatusServiceUnavailable:
		again(s)
	case a.Page() == "logout":
		if yes, ok := wayOf(waysOf(a), "primary"); ok {
			f.clicked = true
			again(submission{method: http.MethodPost, address: yes.address, form: yes.form, byHand: true, name: "says yes to the logout"})
		}
	}
}

// logsOut lets the person log out, before they come again.
func (x *session) logsOut() {
	b := x.browser
	b.later = append(b.later, &act{name: b.name + " logs out of " + x.name, after: time.Now().Add(3 * time.Second), do: func() { b.leave(x.part(), "logs out of "+x.name) }})
}

// endByServer is the client's server, which ends the session of its ID token.
func (x *session) endByServer() {
	f := x.part()
	f.server = true
	e := x.server.world.send(sender{name: "the server logs out of " + x.name}, x.post("/logout", f.parameters()), func(*providertest.Answer) {})
	e.farewell = f
	e.to.world.promises.wishes = append(e.to.world.promises.wishes, e)
}

// farewells lists the ways out of a session, and those of others.
func (x *session) farewells(add func(string, func())) {
	if x.hint == "" || !x.server.world.plan.stay {
		return
	}
	own := x.browser
	if x.server.world.plan.hears {
		add(own.name+" visits the other application", own.visit)
	}
	add(own.name+" logs out of "+x.name, func() { own.leave(x.part(), "logs out of "+x.name) })
	add("the server logs out of "+x.name, x.endByServer)
	for _, b := range x.server.world.browsers {
		name := "a thief sends " + b.name + " to a logout of " + x.name
		add(name, func() { f := x.part(); f.forced = true; b.leave(f, "is sent to a logout of "+x.name) })
		add(name+" for another client", func() {
			f := x.part()
			f.forced, f.foreign = true, true
			b.leave(f, "is sent to a logout of "+x.name+" for another client")
		})
	}
}

const sessionCookie = "__Host-itsme-session"

// stay is the id of the session whose cookie the browser holds.
func (b *browser) stay() string { return idOf(b.jar[sessionCookie]) }

// stay is what a browser is remembered by.
type stay struct {
	browser *browser
	since   time.Time // of the approval
}

// issued is a code on its way to a browser.
type issued struct {
	stay   string    // session that the browser has with it; empty: none
	silent bool      // nobody was asked: it comes of the session
	since  time.Time // of the request for it
}

// remembered is a session that an answer gives to a browser.
func (p *promises) remembered(x *exchange, handle string) {
	id, b := idOf(handle), x.from.browser
	made := p.approved(id)
	switch {
	case made == nil || b == nil || made.browser != b:
		p.broken("%s is given a session that is none of its", x.name)
	case p.stays[id] == nil:
		p.stays[id] = &stay{browser: b, since: made.gotAt}
	case p.overBefore(x, id):
		p.broken("%s is given a session that is over", x.name)
	}
}

// approved is the latest transaction that has given the identity of a login.
func (p *promises) approved(login string) (latest *transaction) {
	for _, t := range p.world.cm.transactions {
		if t.given && t.id() == login {
			latest = t
		}
	}
	return latest
}

// stands reports whether a session can be used by now, for all that is known.
func (p *promises) stands(id string) bool {
	s, known := p.stays[id]
	_, gone := p.gone[id]
	return known && !gone && !p.lostSince(id, time.Time{}) && time.Since(s.since) < stayLife-5*time.Second
}

// coded is a code on its way to a browser: the person before it has approved, now or for its session.
func (p *promises) coded(x *exchange, to *session, code string) {
	made := p.approved(idOf(code))
	switch {
	case made != nil && made.browser != x.from.browser:
		p.broken("%s is given the code of %s", x.name, to.name)
		return
	case made != nil && p.parted[idOf(code)] && p.overBefore(x, idOf(code)):
		p.broken("%s is given the code of %s, of which the person has logged out", x.name, to.name)
		return
	case p.codes[code] != nil:
		return
	case made != nil:
		p.codes[code] = &issued{stay: idOf(code), since: x.from.since}
		return
	}
	p.codes[code] = &issued{stay: x.stay, silent: true, since: x.from.since}
	s := p.stays[x.stay]
	switch {
	case s == nil:
		p.broken("%s is given a code, and nobody has approved", x.name)
	case s.browser != x.from.browser:
		p.broken("%s is given a code of the session of %s", x.name, s.browser.name)
	case x.from.since.Sub(s.since) > stayLife+5*time.Second:
		p.broken("%s is given a code of a session that has lasted too long", x.name)
	case p.overBefore(x, x.stay):
		p.broken("%s is given a code of a session that is over", x.name)
	}
}

// overBefore reports whether a session had ended before a request was sent, and Redis has not forgotten that.
func (p *promises) overBefore(x *exchange, id string) bool {
	gone, over := p.gone[id]
	return over && x.from.since.After(gone) && !p.lostSince(id, gone)
}

// askedAnew looks at the answer to a browser that comes for a login: whoever is remembered is not asked.
func (p *promises) askedAnew(x *exchange) {
	s, a := x.from.session, x.answer
	to, _ := leadOf(a)
	switch {
	case s == nil || s.consents || !x.comes || !p.stands(x.stay), s.pushed != nil && p.begun(s):
	case strings.HasPrefix(to, itsmeHost), a.Page() == "continue":
		p.broken("%s is asked once more, although its session lasts", x.name)
	}
}

// begun reports whether a transaction was made for a session.
func (p *promises) begun(x *session) bool {
	for _, t := range p.world.cm.transactions {
		if t.maker.sender.session == x {
			return true
		}
	}
	return false
}

// mayEnd reports whether a request may end a session: with its cookie, by its ID token or by a click; or by the server of
// a client that may.
func (x *exchange) mayEnd(id string) bool {
	f, p := x.farewell, x.to.world.promises
	switch {
	case f == nil:
		return x.stay == id && x.from.browser != nil // it gives way to another
	case f.server:
		return p.world.plan.byServer && p.stayOf(f.of) == id
	default:
		return x.stay == id && (f.clicked || p.stayOf(f.of) == id && !f.foreign)
	}
}

// stayOf is the session that a client's ID tokens are of.
func (p *promises) stayOf(x *session) string {
	if c := p.codes[x.code]; c != nil {
		return c.stay
	}
	return ""
}

// ends notes the sessions that Redis has lost by an op.
func (p *promises) ends(o *op) {
	for _, key := range sortedKeys(p.world.past[len(p.world.past)-1]) {
		if kindOf(key) != "browser" {
			continue
		}
		was := p.world.past[len(p.world.past)-1][key]
		if _, there := p.world.memory.keys[key]; there || !time.Now().Before(was.until) {
			continue
		}
		id, x := idOf(key), o.sender.request
		p.gone[id] = time.Now()
		if x == nil || !x.mayEnd(id) {
			p.broken("%s ends a session that is none of its", o.sender.name)
			continue
		}
		if x.farewell != nil {
			p.left[id], p.parted[id] = true, true
			if p.owe(id, "app"); p.good[id] {
				p.owe(id, "other")
			}
		}
	}
}

// bade looks at the answer to a wish to log somebody out.
func (p *promises) bade(x *exchange) {
	f, a := x.farewell, x.answer
	to := a.Leads()
	id := x.stay
	if f.server {
		id = p.stayOf(f.of)
	}
	switch {
	case f.foreign && to != "", to != "" && to != f.to():
		p.broken("%s is led to %s", x.name, to)
	case a.Status >= http.StatusInternalServerError:
	case to != "" && x.stay != "" && !takes(a):
		p.broken("%s is led on, and keeps its cookie", x.name)
	case to != "" && p.stands(id) && x.mayEnd(id):
		p.broken("%s is led on, and its session lasts", x.name)
	case to == "" && !f.foreign && !f.clicked && !f.server && p.stayOf(f.of) == x.stay && x.stay != "":
		p.broken("%s is asked, although it brings its own ID token: %d %s", x.name, a.Status, a.Page())
	case to == "" && !f.foreign && a.Page() != "logout":
		p.broken("%s does not come back to its application: %d %s", x.name, a.Status, a.Page())
	}
}

// takes reports whether an answer takes the cookie of a session from the browser.
func takes(a *providertest.Answer) bool {
	return slices.ContainsFunc((&http.Response{Header: a.Header}).Cookies(), func(c *http.Cookie) bool {
		return c.Name == sessionCookie && c.MaxAge < 0
	})
}
