package simulation_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"itsme-bridge/provider/claims"
	"itsme-bridge/provider/providertest"
)

// promises are what must hold after every step, and what is known of the story for that.
type promises struct {
	world    *world
	problems []string
	secrets  []string
	written  bool           // something, since the promises last looked
	granted  map[string]int // code → how often it gave tokens

	lost map[string]time.Time // login → when Redis last lost something of it
	left map[string]bool      // logins that the person has left, for the application or for the page before

	pushes []*pushing // requests that were pushed

	stays map[string]*stay     // sessions of browsers
	gone  map[string]time.Time // likewise, since when Redis does not hold one any more because of a request
	codes map[string]*issued

	parted map[string]bool // sessions that a logout has ended

	wishes  []*exchange            // to log somebody out
	visits  []*exchange            // to the other application
	good    map[string]bool        // sessions by which it was served
	owes    []owed                 // who is to hear of a logout
	told    map[string][]time.Time // session and client → when that has heard
	jtis    map[string]bool        // of logout tokens
	givenUp map[string]int         // client → how often the log says so

	mu  sync.Mutex // over log
	log bytes.Buffer
}

func newPromises(w *world) *promises {
	return &promises{
		world: w, granted: map[string]int{}, lost: map[string]time.Time{}, left: map[string]bool{}, stays: map[string]*stay{}, gone: map[string]time.Time{},
		parted: map[string]bool{}, codes: map[string]*issued{}, good: map[string]bool{}, told: map[string][]time.Time{}, jtis: map[string]bool{},
		givenUp: map[string]int{}, secrets: []string{secret},
	}
}

// broken notes that a promise was not kept.
func (p *promises) broken(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	p.problems = append(p.problems, text)
	p.world.tell("BROKEN: %s", text)
}

// secret is a text that no log may hold.
func (p *promises) secret(text string) {
	if len(text) >= 16 && !slices.Contains(p.secrets, text) {
		p.secrets = append(p.secrets, text)
	}
}

// Write takes the log of all replicas.
func (p *promises) Write(line []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(line)
}

// paid is a transaction that is about to be made: by a person's act, and once for it.
func (p *promises) paid(o *op, t *transaction, before []*transaction) {
	switch {
	case !o.sender.act:
		p.broken("%s pays for a transaction, and nobody has done anything for it", o.sender.name)
	case *o.sender.paid > 0:
		p.broken("%s pays twice", o.sender.name)
	}
	*o.sender.paid++
	p.begins(o)
	for _, other := range before {
		if other.attempt == t.attempt && !other.orphan && !p.lostSince(t.id(), other.maker.sender.since) && !p.lostSince(t.id(), o.sender.since) {
			p.broken("%s pays a second time for an attempt that has %s", o.sender.name, other.name)
		}
	}
}

// asked is a request for the status of a transaction that has arrived.
func (p *promises) asked(o *op, t *transaction) {
	switch {
	case o.gone: // it was asked before
	case o.sender.browser != t.browser:
		p.broken("%s asks CM for what %s has approved", o.sender.name, t.browser.name)
	case t.given && t.kept && !p.crossed(t, o):
		p.broken("%s asks CM once more for %s, which is kept", o.sender.name, t.name)
	}
	if other := p.asking(t, o); other != nil {
		p.broken("%s asks CM for %s while %s does", o.sender.name, t.name, other.sender.name)
	}
	o.about = t
}

// asking is another request for the status of a transaction that is under way, although one at a time may ask.
func (p *promises) asking(t *transaction, o *op) *op {
	p.world.mu.Lock()
	defer p.world.mu.Unlock()
	for _, other := range p.world.ops {
		if other != o && other.about == t && !other.gone && !other.overtaken && !o.gone && !o.overtaken && !p.lostSince(t.id(), other.sender.since) {
			return other
		}
	}
	return nil
}

// answered looks at the answer of a request as the bridge has made it, whether it arrives or not.
func (p *promises) answered(x *exchange) {
	a := x.answer
	if a.Status >= http.StatusInternalServerError && a.Status != http.StatusServiceUnavailable && a.Status != http.StatusBadGateway {
		p.broken("%s is answered %d", x.name, a.Status)
	}
	if a.Status >= http.StatusInternalServerError && !p.world.wrong {
		p.broken("%s is answered %d, and nothing has gone wrong", x.name, a.Status)
	}
	for _, b := range p.world.browsers {
		for _, fact := range b.person.facts() {
			if x.from.browser != nil && (strings.Contains(a.Body, fact) || strings.Contains(a.Location(), fact)) {
				p.broken("the answer to %s tells something of the person before %s", x.name, b.name)
			}
		}
	}
	if x.from.browser != nil && a.Location() == "" && len(waysOf(a)) == 0 && !isStanding(a) {
		p.broken("the page for %s leads nowhere: %d %s", x.name, a.Status, a.Page())
	}
	if x.known && a.Page() == "other_browser" {
		p.broken("%s is taken for another browser's, and shows the cookie of the login", x.name)
	}
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		if p.secret(c.Value); c.Name == sessionCookie && c.MaxAge >= 0 {
			p.remembered(x, c.Value)
		}
	}
	p.used(x)
	p.askedAnew(x)
	if x.uses != nil {
		p.led(x)
	}
	switch {
	case x.steals:
		p.stole(x)
	case x.visits:
		p.served(x)
	case x.farewell != nil:
		p.bade(x)
	case x.pushes != nil:
		p.put(x)
	case x.session != nil:
		p.turned(x)
	case x.grant != nil && !x.thief && x.spent && x.overtaken && a.Status != http.StatusOK:
		x.grant.lost = true // the code's tokens were written, and Redis could not say so in time
	case x.grant != nil && !x.thief && x.again && a.Status == http.StatusBadRequest:
		p.reused(x.grant)
	case x.grant == nil || a.Status != http.StatusOK:
	case x.thief:
		p.broken("%s: a thief gets tokens of %s", x.name, x.grant.name)
	default:
		p.gave(x.grant, a)
	}
	lead, _ := leadOf(a) // a form's answer is a page that leads on
	if strings.HasPrefix(lead, thiefsPlace) || slices.ContainsFunc(waysOf(a), func(to way) bool { return strings.HasPrefix(to.address, thiefsPlace) }) {
		p.broken("%s is led to a thief", x.name)
	}
	if to, err := url.Parse(lead); err == nil && strings.HasPrefix(lead, callback) {
		p.settled(x, to.Query())
	}
}

// settled is an authorization response on its way to a browser.
func (p *promises) settled(x *exchange, q url.Values) {
	if p.secret(q.Get("code")); q.Get("code") != "" && q.Get("state") == thiefsState {
		p.broken("%s is answered by what a thief has put beside a request_uri", x.name)
	}
	for _, s := range p.world.server.sessions {
		if s.state != q.Get("state") {
			continue
		}
		s.settled = true
		if code := q.Get("code"); code != "" {
			p.coded(x, s, code)
		}
	}
}

// gave is an answer of the token endpoint with tokens for a code.
func (p *promises) gave(x *session, a *providertest.Answer) {
	if p.granted[x.code]++; p.granted[x.code] > 1 && !p.lostSince(idOf(x.code), x.redeemedAt) {
		p.broken("the code of %s gives tokens twice", x.name)
	}
	text, _ := a.JSON()["refresh_token"].(string)
	x.newTurn(text)
	p.tokens(x, a)
}

// tokens looks at whom tokens are about.
func (p *promises) tokens(x *session, a *providertest.Answer) {
	for _, name := range []string{"access_token", "refresh_token", "id_token"} {
		text, _ := a.JSON()[name].(string)
		p.secret(text)
		if name == "access_token" {
			x.made[text] = time.Now()
		}
		if name != "id_token" || text == "" {
			continue
		}
		payload, _, err := p.world.signer.Verify(text)
		var said struct{ Sub, Nonce string }
		if err != nil || json.Unmarshal(payload, &said) != nil {
			p.broken("the ID token of %s does not verify: %v", x.name, err)
			return
		}
		if said.Sub != p.subject(x.browser) {
			p.broken("%s gets the identity of another person than that before %s", x.name, x.browser.name)
		}
	}
}

func (p *promises) subject(b *browser) string {
	c := p.world.plan.client()
	return claims.Subject(p.world.plan.config().Salt, &c.Terms, b.person.id)
}

// claims looks at an answer of userinfo.
func (p *promises) claims(x *session, late bool, a *providertest.Answer) {
	if late && !p.lostSince(idOf(x.code), x.ended) {
		p.broken("an access token of %s works after its login's tokens were ended", x.name)
	}
	if a.JSON()["email"] != x.browser.person.email {
		p.broken("userinfo tells %s of another person than that before %s", x.name, x.browser.name)
	}
}

// refused is a code or a token of a session that does not work.
func (p *promises) refused(x *session, token string, a *providertest.Answer) {
	if x.lost || x.disturbed || !x.ended.IsZero() || p.lostSince(idOf(x.code), time.Time{}) || x.outlived(token) {
		return
	}
	p.broken("%s is refused: %d %v", x.name, a.Status, a.JSON()["error"])
}

// delivered is an answer of CM that has arrived at the bridge.
func (p *promises) delivered(o *op) {
	for _, t := range p.world.cm.transactions {
		t.answered = t.answered || t.maker == o
		if t.given && t.asker == o && t.gotAt.IsZero() {
			t.gotAt = time.Now()
		}
		if t.given && t.delivery == nil && t.asker == o && !t.orphan {
			t.delivery = o
		}
	}
}

// wrote is an op that Redis has carried out.
func (p *promises) wrote(o *op) {
	p.written = true
	after := func(other *op, kind string, t *transaction) bool {
		return other != nil && other.sender.name == o.sender.name && o.number > other.number && p.world.changed(prefix+kind+":{"+t.id()+"}")
	}
	for _, t := range p.world.cm.transactions {
		if !t.kept && after(t.delivery, "grant", t) {
			t.kept, t.keptAt = true, time.Now()
		}
		if p.world.changed(prefix + "login:{" + t.id() + "}") {
			t.writer, t.written = o, time.Now()
		}
		t.stored = t.stored || after(t.maker, "transaction", t)
		if o.sender.request != nil && p.world.changed(prefix+"grant:{"+t.id()+"}") {
			o.sender.request.coded = true
		}
	}
	p.amended(o)
	p.ends(o)
	x := o.sender.request
	if x != nil {
		x.written = time.Now()
	}
	switch {
	case x == nil:
	case x.session != nil && p.world.changed(prefix+"family:{"+idOf(x.turn)+"}"):
		x.session.replaced(x.turn)
	case x.grant != nil && p.world.changed(prefix+"grant:{"+idOf(x.grant.code)+"}"):
		x.spent = true
	}
}

// ended is a replica that has drained, and is about to end: nothing of it may be under way.
func (p *promises) ended(r *replica) {
	p.world.mu.Lock()
	defer p.world.mu.Unlock()
	for _, o := range p.world.ops {
		if o.from == r && !o.gone {
			p.broken("%s ends while %s is under way", r.name, o.key)
		}
	}
}

// check looks at what can be seen after each step.
func (p *promises) check() {
	p.mu.Lock()
	said := p.log.String()
	p.log.Reset()
	p.mu.Unlock()
	if said != "" {
		p.world.logged.WriteString(said)
		p.logs(said)
		for line := range strings.Lines(said) {
			if strings.Contains(line, "given_up") {
				p.gaveUp(line)
			}
		}
	}
	if p.written {
		p.written = false
		p.lives()
	}
	for _, asked := range p.world.memory.apart {
		p.broken("a Cluster refuses a command: %s", asked)
	}
	p.world.memory.apart = nil
	if p.world.undrained != nil {
		p.broken("a replica that was told to stop could not end: %v", p.world.undrained)
	}
}

// logs looks at what the replicas have logged.
func (p *promises) logs(said string) {
	for _, text := range p.secrets {
		if strings.Contains(said, text) {
			p.broken("the log holds a secret: %s", lineWith(said, text))
		}
	}
	for _, b := range p.world.browsers {
		for _, fact := range b.person.facts() {
			if strings.Contains(said, fact) {
				p.broken("the log tells something of a person: %s", lineWith(said, fact))
			}
		}
	}
}

func lineWith(said, text string) string {
	for line := range strings.Lines(said) {
		if strings.Contains(line, text) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// end looks at what has become of everybody.
func (p *promises) end() {
	for _, b := range p.world.browsers {
		if !b.loggedIn() {
			p.broken("%s is not logged in in the end", b.name)
		}
	}
	if !p.world.wrong {
		p.invisible()
	}
	p.notices()
	for _, t := range p.world.cm.transactions {
		if t.delivery != nil && !t.kept && !t.orphan && !p.overruled(t) {
			p.broken("the identity of %s was given to %s, and is kept nowhere", t.name, t.delivery.sender.name)
		}
		if t.given && t.delivery == nil && !t.orphan && t.asker.waited < statusPatience-time.Second {
			p.broken("the identity of %s was given to %s, and nobody waited for it", t.name, t.asker.sender.name)
		}
		if x := t.maker.sender.session; x != nil && t.status == "success" && t.sought && x.code == "" && !x.failed && !p.left[t.id()] && !t.orphan && !t.late && !p.lostSince(t.id(), t.made) {
			p.broken("%s was approved, and %s has no code", t.name, x.name)
		}
	}
}

// returnProof is the part of a return URL that nobody but the browser may have.
func returnProof(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Path[strings.LastIndex(u.Path, ".")+1:]
}
