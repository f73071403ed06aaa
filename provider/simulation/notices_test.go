package simulation_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"itsme-bridge/provider/claims"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/providertest"
	"itsme-bridge/storage"
)

// Clients hear of logouts (OpenID Connect Back-Channel Logout 1.0): whichever replica looks into the outbox tells them. A person visits
// the other client, too, where sessions are for all.

const (
	appHears   = "https://app.example/logged-out"
	otherHears = "https://other.example/logged-out"

	noticeLife   = 24 * time.Hour   // a client that is away for longer does not hear
	noticeAtOnce = 90 * time.Second // longer than a claim lasts of whoever was told to stop
	outboxLife   = noticeLife + 2*time.Hour
)

// notice is one POST of a logout token.
type notice struct {
	to     string // the address
	client string // whose that is
	stay   string // the browser's session that it is about; empty: of none
	token  string
	said   logoutToken
}

// logoutToken is Back-Channel Logout §2.4.
type logoutToken struct {
	Issuer   string                    `json:"iss"`
	Subject  string                    `json:"sub"`
	Audience string                    `json:"aud"`
	IssuedAt int64                     `json:"iat"`
	Expires  int64                     `json:"exp"`
	ID       string                    `json:"jti"`
	Events   map[string]map[string]any `json:"events"`
	SID      string                    `json:"sid"`
	Nonce    *string                   `json:"nonce"`
}

// outbound is the way of a replica to what clients have.
type outbound struct{ replica *replica }

// Fetch is part of provider.Outbound. Nothing is fetched here.
func (outbound) Fetch(context.Context, string, string, int64) ([]byte, http.Header, error) {
	return nil, nil, errNoConnection
}

// Post is part of provider.Outbound. Of two that are sent at the same instant, neither is waited for as long as the other.
func (x outbound) Post(ctx context.Context, address string, form url.Values) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	w, n := x.replica.world, noticeOf(address, form.Get("logout_token"))
	o := &op{from: x.replica, sender: senderOf(ctx), notice: n}
	about := "nobody"
	if t := w.promises.approved(n.stay); t != nil {
		about = t.name
	}
	o.key = fmt.Sprintf("%s tells %s of the end of %s", o.sender.name, n.client, about)
	o.arrive = func() arrival { return w.hear(o) }
	got := w.wait(o, 4*time.Second+time.Duration(crc32.ChecksumIEEE([]byte(o.key))%900_000)*time.Microsecond, ctx.Done())
	if got.err != nil {
		return 0, got.err
	}
	return got.response.StatusCode, nil
}

// noticeOf reads a POST as whoever does not look closely.
func noticeOf(address, token string) *notice {
	n := &notice{to: address, token: token, client: "somebody"}
	switch address {
	case appHears:
		n.client = "app"
	case otherHears:
		n.client = "other"
	}
	if parts := strings.Split(token, "."); len(parts) == 3 {
		payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
		_ = json.Unmarshal(payload, &n.said)
	}
	if id, ok := storage.NewKeyring(storage.Key{1}).Open("sid", n.said.SID); ok {
		n.stay = string(id)
	}
	return n
}

// hear is what a client does with a notice that has arrived: it takes it, unless it is deaf.
func (w *world) hear(o *op) arrival {
	w.promises.named(o)
	if w.plan.deaf {
		return answers(http.StatusServiceUnavailable)
	}
	w.promises.heard(o.notice)
	return answers(http.StatusOK)
}

func answers(status int) arrival {
	return arrival{response: &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(""))}}
}

// faultsOfNotice are what can go wrong where a client is told.
func (w *world) faultsOfNotice(o *op) []option {
	says := func(status int) option {
		return option{name: fmt.Sprintf("%s, and is answered %d", o.key, status), odd: true, do: func() {
			o.arrive = func() arrival { w.promises.named(o); return answers(status) }
			w.arrive(o, nil, true)
		}}
	}
	return []option{
		{name: o.key + ", and finds nobody", odd: true, do: func() { w.arrive(o, errNoConnection, false) }},
		{name: o.key + ", and is lost on the way", odd: true, do: func() { w.arrive(o, errBroken, false) }},
		{name: o.key + ", and loses its answer", odd: true, do: func() { w.arrive(o, errBroken, true) }},
		says(http.StatusBadRequest), says(http.StatusInternalServerError), says(http.StatusFound),
		{name: o.key + ", and hangs", odd: true, do: func() { o.hangs = true }},
		{name: o.key + ", and is answered slowly", odd: true, do: func() { w.slow(o) }},
		{name: o.key + ", and is answered after ten seconds", odd: true, do: func() { w.slow(o); o.due = time.Now().Add(10 * time.Second) }},
	}
}

// looks are replicas that may look into the outbox, where something is due: a process does so every two seconds.
func (w *world) looks() (all []option) {
	if due, there := w.memory.due(); !there || time.Now().Before(due) {
		return nil
	}
	for _, r := range w.replicas {
		if !r.dead() && !r.looking && r.looks.Err() == nil {
			all = append(all, option{name: r.name + " looks into the outbox", do: func() { w.lookInto(r) }})
		}
	}
	return all
}

// lookInto is one pass of a replica through the outbox.
func (w *world) lookInto(r *replica) {
	w.mu.Lock()
	r.looking = true
	w.mu.Unlock()
	r.passes.Go(func() {
		name := r.name + " by itself"
		_ = r.bridge.DeliverLogouts(context.WithValue(r.looks, senderKey{}, sender{name: name, paid: new(int), since: time.Now()}))
		w.mu.Lock()
		defer w.mu.Unlock()
		r.looking = false
		select {
		case w.news <- struct{}{}:
		default:
		}
	})
}

// due is when the next notice is to be told.
func (m *memory) due() (at time.Time, there bool) {
	v, _ := m.find(prefix + "queue-due:{notices}")
	for _, score := range v.zset {
		if due := time.UnixMilli(int64(score)); !there || due.Before(at) {
			at, there = due, true
		}
	}
	return at, there
}

// owed is a client that is to hear that a session has ended.
type owed struct {
	stay, client string
	since        time.Time
}

// named looks at a logout token that has reached a client: it must be right, and for nobody who is not to hear.
func (p *promises) named(o *op) {
	n, now := o.notice, time.Now()
	payload, typ, err := p.world.signer.Verify(n.token)
	if err != nil || typ != "logout+jwt" || json.Unmarshal(payload, &n.said) != nil {
		p.broken("%s: the logout token does not verify: %v", o.key, err)
		return
	}
	said := n.said
	event, about := said.Events["http://schemas.openid.net/event/backchannel-logout"], p.approved(n.stay)
	switch {
	case said.Issuer != issuer || said.Audience != n.client || said.Nonce != nil || len(said.Events) != 1 || event == nil || len(event) > 0:
		p.broken("%s: the logout token is for %q, of %q", o.key, said.Audience, said.Issuer)
	case said.Expires-said.IssuedAt != 120 || said.IssuedAt > now.Unix() || !o.gone && now.Sub(o.at) < time.Second && now.Unix()-said.IssuedAt > 5:
		p.broken("%s: the logout token is of %d until %d, and it is %d", o.key, said.IssuedAt, said.Expires, now.Unix())
	case said.ID == "" || p.jtis[said.ID]:
		p.broken("%s: the logout token has a jti that there was before", o.key)
	case about == nil:
		p.broken("%s: nobody has had such a session", o.key)
	case said.Subject != p.subjectAt(n.client, about.browser):
		p.broken("%s: the logout token tells of another person than that before %s", o.key, about.browser.name)
	case !slices.ContainsFunc(p.wishes, func(x *exchange) bool { return x.mayEnd(n.stay) }):
		p.broken("%s, which nobody who may has wished", o.key)
	case n.client == "other" && !slices.ContainsFunc(p.visits, func(x *exchange) bool { return x.stay == n.stay }):
		p.broken("%s, which the session was never good for", o.key)
	case !o.gone && now.Sub(p.wishedFirst(n.stay)) > noticeLife+time.Minute:
		p.broken("%s after more than a day", o.key)
	}
	p.jtis[said.ID] = true
	p.secret(n.token)
}

// heard notes that a client knows.
func (p *promises) heard(n *notice) {
	p.told[n.stay+" "+n.client] = append(p.told[n.stay+" "+n.client], time.Now())
}

// toldAll is how often clients have heard.
func (p *promises) toldAll() (n int) {
	for _, when := range p.told {
		n += len(when)
	}
	return n
}

// wishedFirst is when somebody who may has first wished that a session ends.
func (p *promises) wishedFirst(stay string) time.Time {
	for _, x := range p.wishes {
		if x.mayEnd(stay) {
			return x.from.since
		}
	}
	return time.Time{}
}

// subjectAt is how a client knows the person before a browser.
func (p *promises) subjectAt(id string, b *browser) string {
	var c client.Client
	if c = p.world.plan.client(); id == "other" {
		c = p.world.plan.another()
	}
	return claims.Subject(p.world.plan.config().Salt, &c.Terms, b.person.id)
}

// owe notes who is to hear that a session has ended.
func (p *promises) owe(stay, client string) {
	owes := owed{stay: stay, client: client, since: time.Now()}
	if p.world.plan.hears && !slices.ContainsFunc(p.owes, func(o owed) bool { return o.stay == stay && o.client == client }) {
		p.owes = append(p.owes, owes)
	}
}

// gaveUp notes that the log says of a client that it will not hear: after a day of trying.
func (p *promises) gaveUp(line string) {
	var said struct{ Client, Result, Cause string }
	if json.Unmarshal([]byte(line), &said) != nil || said.Result != "given_up" {
		return
	}
	p.givenUp[said.Client]++
	if since := time.Since(p.world.began); since < noticeLife-time.Hour {
		p.broken("%s is given up after %v: %s", said.Client, since, said.Cause)
	}
}

// notices looks, at the end, whether everybody has heard who was to.
func (p *promises) notices() {
	unheard := map[string]int{}
	for _, o := range p.owes {
		told := p.told[o.stay+" "+o.client]
		switch wishes := p.wishesFor(o.stay); {
		case p.lostSince("notices", time.Time{}) || p.lostSince(o.stay, time.Time{}):
		case len(told) == 0:
			if unheard[o.client]++; unheard[o.client] > p.givenUp[o.client] {
				p.broken("%s has not heard of the end of %s, and nobody says so", o.client, p.approved(o.stay).name)
			}
		case p.world.wrong:
		case told[0].Sub(o.since) > noticeAtOnce:
			p.broken("%s hears of the end of %s after %v, and nothing has gone wrong", o.client, p.approved(o.stay).name, told[0].Sub(o.since))
		case len(told) > 1 && wishes == 1 && !p.world.plan.share: // a session that serves somebody else meanwhile is announced anew
			p.broken("%s hears of the end of %s %d times, and nothing has gone wrong", o.client, p.approved(o.stay).name, len(told))
		}
	}
	for _, kind := range []string{"queue-due", "queue-values"} {
		if _, left := p.world.memory.find(prefix + kind + ":{notices}"); left {
			p.broken("something stays in the outbox for ever")
		}
	}
}

func (p *promises) wishesFor(stay string) (n int) {
	for _, x := range p.wishes {
		if x.mayEnd(stay) {
			n++
		}
	}
	return n
}

// visit is a person who opens the other application, where nobody is to be asked.
func (b *browser) visit() {
	if b.visited++; b.visited > mostLogins {
		return
	}
	q := url.Values{
		"client_id": {"other"}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid profile"}, "prompt": {"none"},
		"state": {fmt.Sprintf("elsewhere-%d", b.visited)}, "nonce": {"nonce"}, "code_challenge": {strings.Repeat("A", 43)}, "code_challenge_method": {"S256"},
	}
	s := submission{method: http.MethodGet, address: issuer + "/authorize?" + q.Encode(), byHand: true}
	e := b.world.send(sender{name: b.name + " visits the other application", browser: b, act: true}, b.request(s), func(a *providertest.Answer) {
		if a != nil {
			b.keep(a)
		}
	})
	e.visits, e.stay = true, b.stay()
	b.world.promises.visits = append(b.world.promises.visits, e)
}

// served looks at the answer to a visit.
func (p *promises) served(x *exchange) {
	to, err := url.Parse(x.answer.Location())
	if err != nil || to.Query().Get("code") == "" {
		return
	}
	p.secret(to.Query().Get("code"))
	switch {
	case !p.world.plan.share:
		p.broken("%s, and is served by a session that is for one client", x.name)
	case p.overBefore(x, x.stay):
		p.broken("%s, and is served by a session that is over", x.name)
	case p.stays[x.stay] == nil || p.stays[x.stay].browser != x.from.browser:
		p.broken("%s, and is served by a session that is none of its", x.name)
	}
	p.good[x.stay] = true
	if p.parted[x.stay] {
		p.owe(x.stay, "other")
	}
}
