package simulation_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"itsme-bridge/provider/providertest"
)

// browser is one with a person before it, who does what people do.
type browser struct {
	world   *world
	name    string
	person  *person
	jar     map[string]string
	tabs    []*tab
	logins  int    // begun for this visit
	visits  int    // to the application, before this one
	coming  bool   // for another one
	visited int    // how often, the other application
	later   []*act // what the person does in the app
}

// tab shows one page.
type tab struct {
	browser *browser
	name    string
	session *session
	next    *act         // what the person, or the page, does next; nil: nothing, or an answer is waited for
	waits   *exchange    // for whose answer it waits
	at      *transaction // whose page of itsme it shows
	last    *submission  // what it has asked for last
	before  *submission  // and before that
	ways    []way        // of the page that it shows
	stray   bool         // the person has no login here
	goesOn  bool         // and yet follows where they are led
	home    string       // a return URL that it was at
	tries   int
	login   string // that it has asked about last
}

// act is something that somebody can do.
type act struct {
	name  string
	after time.Time // not before
	do    func()
}

// submission is a request of a browser.
type submission struct {
	method, address string
	form            url.Values
	byHand          bool
	script          bool // the script of a page that waits asks
	name            string
}

func (t *tab) then(after time.Duration, name string, do func()) {
	t.next = &act{name: t.name + " " + name, after: time.Now().Add(after), do: do}
}

// mostLogins is how often a person begins anew before they give up.
const mostLogins = 6

// begin opens the application in a tab, which sends the person to the bridge.
func (b *browser) begin(why string) {
	if b.logins++; b.logins > mostLogins {
		return
	}
	t := &tab{browser: b, name: b.name}
	if n := len(b.tabs); n > 0 {
		t.name = fmt.Sprintf("%s/%d", b.name, n+1)
	}
	b.tabs = append(b.tabs, t)
	t.session = b.world.server.open(b)
	come := func() {
		t.then(0, "begins"+why, func() {
			t.ask(submission{method: http.MethodGet, address: t.session.address(), byHand: true, name: "authorizes"})
		})
	}
	if !b.world.plan.push {
		come()
		return
	}
	t.session.then(0, "pushes its request", func() { t.session.push(come) })
}

// ask sends a request and waits for its answer.
func (t *tab) ask(s submission) {
	if t.last != nil && t.last.form == nil && t.last.address != s.address {
		t.before = t.last
	}
	t.last, t.next, t.at, t.ways = &s, nil, nil, nil
	if strings.Contains(s.address, "/itsme/return/") {
		t.home = s.address
	}
	t.waits = t.browser.world.send(
		sender{name: t.name + " " + s.name, browser: t.browser, session: t.session, act: s.byHand || s.method == http.MethodPost},
		t.browser.request(s), t.see)
	if t.login = s.form.Get("login"); t.login == "" {
		path, _, _ := strings.Cut(s.address, "?")
		t.login = idOf(path)
	}
	t.waits.login, t.waits.uses, t.waits.stay = t.login, t.browser.world.promises.pushedAt(s.address), t.browser.stay()
	t.waits.comes = strings.HasPrefix(s.address, issuer+"/authorize")
	t.waits.known = t.browser.holds(t.login)
	for _, tx := range t.browser.world.cm.transactions {
		tx.sought = tx.sought || tx.status == "success" && tx.id() == t.login
	}
}

func (b *browser) request(s submission) *http.Request {
	address := s.address
	if strings.HasPrefix(address, "/") {
		address = issuer + address
	}
	r, err := http.NewRequest(s.method, address, strings.NewReader(s.form.Encode()))
	if err != nil {
		panic(err)
	}
	r.RemoteAddr, r.RequestURI = "127.0.0.1:1000", r.URL.RequestURI()
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	r.Header.Set("Sec-Fetch-Dest", "document")
	if s.script {
		r.Header.Set("Sec-Fetch-Mode", "same-origin")
		r.Header.Set("Sec-Fetch-Dest", "empty")
		r.Header.Set("Accept", "application/json")
	}
	r.Header.Set("Accept-Language", "en")
	if s.byHand {
		r.Header.Set("Sec-Fetch-User", "?1")
	} else {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if s.form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", issuer)
	}
	for _, name := range sortedKeys(b.jar) {
		r.AddCookie(&http.Cookie{Name: name, Value: b.jar[name]})
	}
	return r
}

// holds reports whether the browser has the cookie of a login.
func (b *browser) holds(login string) bool {
	for name := range b.jar {
		if login != "" && strings.HasSuffix(name, "-"+login) {
			return true
		}
	}
	return false
}

// keep takes the cookies of an answer.
func (b *browser) keep(a *providertest.Answer) {
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		if c.MaxAge < 0 {
			delete(b.jar, c.Name)
			continue
		}
		b.jar[c.Name] = c.Value
	}
}

const mostTries = 40

// see goes on with an answer; nil: the connection broke.
func (t *tab) see(a *providertest.Answer) {
	t.waits = nil
	last := *t.last
	t.tries++
	switch {
	case t.tries > mostTries:
		return
	case last.script && (a == nil || a.Status >= http.StatusInternalServerError || a.Status == http.StatusTooManyRequests):
		t.watch(&last, time.Second)
		return
	case a == nil:
		last.byHand = true
		last.name = strings.TrimSuffix(last.name, " again") + " again"
		t.then(time.Second, "reloads", func() { t.ask(last) })
		return
	}
	t.browser.keep(a)
	address, after := leadOf(a)
	switch {
	case last.script:
		done, after := standingOf(a)
		if done || !isStanding(a) {
			t.then(0, "loads again", func() { t.ask(submission{method: http.MethodGet, address: last.address, name: "looks"}) })
			return
		}
		t.watch(&last, after)
		return
	case t.stray && !(t.goesOn && address != "") && !strings.HasPrefix(address, callback):
	case strings.HasPrefix(address, itsmeHost):
		t.itsme(address)
	case strings.HasPrefix(address, callback):
		t.arrive(address)
	case address != "" && after > 0 && t.browser.world.plan.script && strings.Contains(a.Body, "<script"):
		t.watch(&submission{address: address}, after)
	case address != "":
		t.then(after, "follows", func() { t.ask(submission{method: http.MethodGet, address: address, name: "looks"}) })
	default:
		t.read(a)
	}
	t.ways = waysOf(a)
}

// watch lets the script of a page ask how things stand.
func (t *tab) watch(page *submission, after time.Duration) {
	address := page.address
	t.then(after, "watches", func() {
		t.ask(submission{method: http.MethodGet, address: address, script: true, name: "asks by script"})
	})
}

// read does what a page offers, the likeliest first.
func (t *tab) read(a *providertest.Answer) {
	ways := waysOf(a)
	page := a.Page()
	if on, ok := wayOf(ways, "primary"); ok {
		t.then(2*time.Second, "goes on from the page "+page, func() {
			t.ask(submission{method: methodOf(on), address: on.address, form: on.form, byHand: true, name: "tries again"})
		})
		return
	}
	t.then(2*time.Second, "goes back to the application from the page "+page, func() { t.finish("anew after the page " + page) })
}

func methodOf(w way) string {
	if w.form != nil {
		return http.MethodPost
	}
	return http.MethodGet
}

// finish ends what the tab was for; the person begins anew unless they are logged in.
func (t *tab) finish(why string) {
	t.next, t.at = nil, nil
	if under := t.session; !t.browser.loggedIn() && (under.code == "" || under.failed) {
		t.browser.begin(" " + why)
	}
}

// itsme is the page of itsme: the person approves in the app and leaves.
func (t *tab) itsme(address string) {
	w := t.browser.world
	tx, ok := w.cm.of(address)
	if !ok {
		w.promises.broken("%s is led to a transaction that nobody made", t.name)
		return
	}
	t.at = tx
	if tx.status != "open" {
		t.then(0, "leaves itsme", func() { t.comeBack(tx) })
		return
	}
	t.then(time.Second, "approves "+tx.name, func() {
		t.approve(tx)
		t.then(0, "leaves itsme", func() { t.comeBack(tx) })
	})
}

func (t *tab) approve(tx *transaction) {
	if tx.status == "open" && time.Since(tx.made) <= cmExpires {
		tx.status, tx.person = "success", t.browser.person
	}
}

func (t *tab) comeBack(tx *transaction) {
	t.ask(submission{method: http.MethodGet, address: tx.back, byHand: true, name: "returns"})
}

// arrive brings the answer of a login to the application.
func (t *tab) arrive(address string) {
	to, err := url.Parse(address)
	if err != nil {
		t.browser.world.promises.broken("%s is led to %q", t.name, address)
		return
	}
	t.next, t.at = nil, nil
	if !t.browser.world.server.receive(t.browser, to.Query()) && !t.stray {
		t.then(2*time.Second, "sees that it came to nothing", func() { t.finish("anew after an error") })
	}
}

// loggedIn reports whether the application knows who is before the browser, on this visit.
func (b *browser) loggedIn() bool {
	known := 0
	for _, s := range b.world.server.sessions {
		if s.browser == b && s.done {
			known++
		}
	}
	return known > b.visits
}

// comeAgain is a person who opens the application anew, later, and has to log in once more.
func (b *browser) comeAgain() {
	if b.coming || b.visits == b.world.plan.again {
		return
	}
	b.coming = true
	b.later = append(b.later, &act{name: b.name + " comes again", after: time.Now().Add(5 * time.Second), do: func() {
		b.visits, b.logins, b.coming = b.visits+1, 0, false
		b.begin(" once more")
	}})
}

// busy reports whether something may still become of a login of this browser.
func (b *browser) busy() bool {
	for _, t := range b.tabs {
		if t.next != nil || t.waits != nil {
			return true
		}
	}
	if len(b.later) > 0 {
		return true
	}
	for _, s := range b.world.server.sessions {
		if s.browser == b && (s.next != nil || s.waiting > 0) {
			return true
		}
	}
	return false
}
