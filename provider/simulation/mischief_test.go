package simulation_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"itsme-bridge/provider/providertest"
)

// mischief is what people, thieves and clients may do that is not the straight way.
func (w *world) mischief() (all []option) {
	add := func(name string, do func()) { all = append(all, option{name: name, odd: true, do: do, mischief: true}) }
	if len(w.alive()) == 0 {
		return nil
	}
	for _, b := range w.browsers {
		for _, t := range b.tabs {
			t.mischief(add)
		}
		for _, s := range w.server.sessions {
			if s.browser == b {
				s.mischief(add)
				s.strangers(add)
				s.farewells(add)
				if s.pushed != nil {
					s.pushed.mischief(add)
				}
			}
		}
	}
	return all
}

func (t *tab) mischief(add func(string, func())) {
	w := t.browser.world
	if t.stray {
		return
	}
	if tx := t.at; tx != nil && tx.status == "open" {
		add(t.name+" cancels "+tx.name, func() { tx.status = "cancelled"; t.then(0, "leaves itsme", func() { t.comeBack(tx) }) })
		add(t.name+" leaves itsme too early", func() { t.approveLater(tx); t.comeBack(tx) })
	}
	if t.last != nil && t.last.form == nil {
		add(t.name+" is opened twice", func() { t.copied().ask(*t.last) })
	}
	if t.waits != nil && t.last.form != nil {
		add(t.name+" clicks twice", func() { t.copied().ask(*t.last) })
	}
	if t.before != nil && t.waits == nil {
		add(t.name+" goes back", func() {
			back := *t.before
			back.byHand, back.name = true, "goes back"
			t.leave()
			t.ask(back)
		})
	}
	for _, id := range []string{"leave", "more", "check"} {
		if to, ok := wayOf(t.ways, id); ok && t.waits == nil {
			add(t.name+" presses "+id, func() {
				if id == "leave" {
					t.leave()
					t.session.leaves = true
				}
				t.ask(submission{method: methodOf(to), address: to.address, form: to.form, byHand: true, name: "presses " + id})
			})
		}
	}
	for _, other := range w.browsers {
		if other != t.browser && t.home != "" {
			add(other.name+" opens the link of "+t.name, func() { other.open(t.home) })
		}
	}
}

// copied is another tab with the same login.
func (t *tab) copied() *tab {
	b := t.browser
	c := &tab{browser: b, name: fmt.Sprintf("%s/%d", b.name, len(b.tabs)+1), session: t.session, home: t.home, before: t.before}
	b.tabs = append(b.tabs, c)
	return c
}

// leave notes that the person leaves the login that the page is about. The address of a form that
// began it does not name it, but the forms of the page do.
func (t *tab) leave() {
	left := t.browser.world.promises.left
	left[t.login] = true
	for _, to := range t.ways {
		if id := to.form.Get("login"); id != "" {
			left[id] = true
		}
	}
}

// approveLater is a person who leaves the page of itsme, and then approves in the app.
func (t *tab) approveLater(tx *transaction) {
	t.browser.later = append(t.browser.later, &act{name: t.name + " approves " + tx.name + " late", after: time.Now().Add(3 * time.Second), do: func() { t.approve(tx) }})
}

// stray is a tab in which the person has no login.
func (b *browser) stray() *tab {
	t := &tab{browser: b, name: fmt.Sprintf("%s/%d", b.name, len(b.tabs)+1), stray: true}
	b.tabs = append(b.tabs, t)
	return t
}

// open opens a link that belongs to somebody else.
func (b *browser) open(address string) {
	b.stray().ask(submission{method: http.MethodGet, address: address, byHand: true, name: "opens a link"})
}

func (x *session) mischief(add func(string, func())) {
	if x.code != "" {
		add("a thief sends the code of "+x.name, x.stolen)
		add(x.name+" sends its code a second time", func() {
			x.disturbed = true
			x.sendCode("redeems once more", func(*providertest.Answer) {})
		})
	}
	if x.tokens == nil || x.tokens.refresh == "" {
		return
	}
	add(x.name+" refreshes at the same time", func() { x.refresh(x.tokens.refresh) })
	if len(x.turns) > 1 {
		add(x.name+" uses its first refresh token", func() {
			x.disturbed = true
			x.refresh(x.turns[0].token)
		})
	}
	if x.server.world.plan.public {
		add("a thief refreshes with the token of "+x.name, func() {
			x.disturbed = true
			x.refresh(x.tokens.refresh)
		})
	}
}

// stolen is a code in the hands of somebody who has not got the verifier, but the client before them.
func (x *session) stolen() {
	form := x.codeForm()
	form.Set("code_verifier", made("thief", x.server.world.plan.seed, 0)+"-of-a-verifier")
	name := x.name
	thief := x.send("is robbed", form, func(*providertest.Answer) {})
	thief.grant, thief.thief = x, true
	x.server.world.tell("a thief has the code of %s", name)
}

// turn is one refresh token.
type turn struct {
	token string
	over  time.Time // since when there is a newer one; zero: there is none
}

func refreshForm(token string) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}
}

// refresh uses a refresh token.
func (x *session) refresh(token string) {
	at := x.send("refreshes", refreshForm(token), func(a *providertest.Answer) { x.refreshed(token, a) })
	at.turn, at.session, at.late = token, x, !x.ended.IsZero()
}

func (x *session) refreshed(token string, a *providertest.Answer) {
	x.tries++
	switch {
	case x.failed:
	case a == nil || a.Status == http.StatusServiceUnavailable:
		if x.tries < 2*mostCalls && x.next == nil {
			x.then(time.Second, "refreshes again", func() { x.next = nil; x.refresh(x.tokens.refresh) })
		}
	case a.Status != http.StatusOK:
		x.server.world.promises.refused(x, token, a)
		x.taker.met()
		if x.tokens != nil && x.tokens.refresh != token && x.next == nil {
			x.then(time.Second, "refreshes all the same", func() { x.next = nil; x.refresh(x.tokens.refresh) })
		}
	default:
		x.take(a)
		if x.server.world.plan.reuse && len(x.turns) > 1 && !x.disturbed && x.next == nil {
			x.then(90*time.Second, "uses its first refresh token", func() {
				x.next, x.disturbed = nil, true
				x.refresh(x.turns[0].token)
			})
		}
	}
}

// turned notes a refresh that the bridge has answered, whether that arrives or not.
func (p *promises) turned(e *exchange) {
	x := e.session
	at := slices.IndexFunc(x.turns, func(t turn) bool { return t.token == e.turn })
	text, _ := e.answer.JSON()["refresh_token"].(string)
	switch {
	case e.answer.Status == http.StatusBadRequest:
		if e.answer.JSON()["error_description"] == "The refresh token was used before. All tokens of this login are revoked." && x.ended.IsZero() {
			x.ended = e.written // Redis may have lost it again before this answer was made
			p.betrayed(e)
		}
		return
	case e.answer.Status != http.StatusOK:
		return
	case e.late && !p.lostSince(idOf(x.code), x.ended):
		p.broken("a refresh token of %s works after one was used twice", x.name)
	case at >= 0 && !x.turns[at].over.IsZero() && time.Since(x.turns[at].over) > p.world.plan.config().RefreshGrace+10*time.Second && !p.lostSince(idOf(x.code), x.turns[at].over):
		p.broken("a refresh token of %s works %v after it was replaced", x.name, time.Since(x.turns[at].over))
	}
	x.newTurn(text)
	p.tokens(x, e.answer)
}

// reused notes that a code was refused since it had given tokens before: they are ended.
func (p *promises) reused(x *session) {
	if x.ended.IsZero() && !p.lostSince(idOf(x.code), x.redeemedAt) {
		x.ended = time.Now()
	}
}

// betrayed is a refresh token that the bridge takes for one in two hands.
func (p *promises) betrayed(e *exchange) {
	if x := e.session; !x.disturbed && !x.outlived(e.turn) && !p.lostSince(idOf(x.code), time.Time{}) {
		p.broken("a refresh token of %s ends its login, and nobody else has used it", x.name)
	}
}

// replaced notes that Redis knows of a newer refresh token than this one.
func (x *session) replaced(token string) {
	for i := range x.turns {
		if x.turns[i].token == token && x.turns[i].over.IsZero() {
			x.turns[i].over = time.Now()
		}
	}
}

func (x *session) newTurn(token string) {
	if token != "" && !slices.ContainsFunc(x.turns, func(t turn) bool { return t.token == token }) {
		x.turns = append(x.turns, turn{token: token})
	}
}
