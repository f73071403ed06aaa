package main_test

import (
	"strings"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/providertest"
)

// doubtful takes from a browser what tells a navigation: it is asked to click.
func doubtful(b *providertest.Browser) *providertest.Browser {
	b.Header.Del("Sec-Fetch-Mode")
	b.Header.Del("Sec-Fetch-Dest")
	return b
}

// shows fails the test unless an answer is a page of this kind.
func (p *pair) shows(a *providertest.Answer, kind string) *providertest.Answer {
	p.T.Helper()
	if a.Page() != kind {
		p.T.Errorf("%d %q, want the page %q\n%s", a.Status, a.Page(), kind, a.Body)
	}
	return a
}

// continuePage: the request waits in the form of one version, and the click comes to the other.
func continuePage(p *pair) {
	p.before()
	b := doubtful(p.Browser())
	page := p.shows(b.Authorize(set("ui_locales", "nl")), "continue")
	p.after()
	begun := b.Submit(page, "/itsme/continue")
	if begun.Leads() == "" || !strings.HasPrefix(begun.Leads(), p.Sandbox.URL) {
		p.T.Fatalf("the click leads to %q: %d\n%s", begun.Leads(), begun.Status, begun.Body)
	}
	back := p.ReturnURL()
	p.before()
	if twice := b.Submit(page, "/itsme/continue"); twice.Leads() != begun.Leads() {
		p.T.Errorf("a second click leads to %q, and the first to %q", twice.Leads(), begun.Leads())
	}
	p.tokens(p.redeem("app", p.Response(p.approved(b, back)).Get("code")))
}

// resubmitPage: what comes from another site, without cookies, is sent once more, and no more than that.
func resubmitPage(p *pair) {
	p.before()
	b := doubtful(p.Browser())
	b.Header.Set("Origin", "https://elsewhere.example")
	page := p.shows(b.Post(p.Issuer+"/authorize", providertest.Request(nil)), "resubmit")
	p.after()
	b.Header.Set("Origin", "null") // of a page that tells no referrer
	p.shows(b.Submit(page, "/authorize"), "continue")
}

// loginURL is the address of a login that a page has a form for.
func (p *pair) loginURL(page *providertest.Answer) string {
	p.T.Helper()
	_, fields, ok := page.Form("/itsme/leave")
	if !ok {
		p.T.Fatalf("the page does not lead back to the application\n%s", page.Body)
	}
	return p.Issuer + "/itsme/login/" + fields.Get("login")
}

// failedPages: what an attempt has come to is in Redis, as a word.
func failedPages(p *pair) {
	for _, row := range []struct {
		page   string
		script sandbox.Script
		error  string // that the application is told
	}{
		{"cancelled", sandbox.Script{Outcome: itsme.Cancelled}, "access_denied"},
		{"failed", sandbox.Script{Outcome: itsme.Failure}, "access_denied"},
		{"expired", sandbox.Script{Outcome: itsme.Expired}, "access_denied"},
		{"no_data", sandbox.Script{Outcome: itsme.Success, NoData: true}, "server_error"},
		{"unavailable", sandbox.Script{StartFault: sandbox.ServerError}, "temporarily_unavailable"},
		{"refused", sandbox.Script{StartFault: sandbox.BadRequest}, "server_error"},
	} {
		p.before()
		b := p.Browser()
		p.Sandbox.Next(row.script)
		answer := b.Authorize(nil)
		if row.script.StartFault == "" {
			answer = b.Get(p.ReturnURL())
		}
		page := p.shows(answer, row.page)
		p.after()
		p.shows(b.Get(p.loginURL(page)), row.page)
		if got := p.Response(b.Submit(page, "/itsme/leave")); got.Get("error") != row.error || got.Get("state") != "a state" {
			p.T.Errorf("%s: the application is told %v", row.page, got)
		}
	}
}

// tryAgain: the next attempt asks CM for the same as the first.
func tryAgain(p *pair) {
	p.before()
	b := p.Browser()
	back := b.Begin(set("scope", "openid profile email service:register", "login_hint", "+32479999999", "ui_locales", "nl"))
	first, _ := p.Sandbox.Last()
	p.decide(itsme.Cancelled)
	page := p.shows(b.Get(back), "cancelled")
	p.after()
	if again := b.Submit(page, "/itsme/retry"); !strings.HasPrefix(again.Leads(), p.Sandbox.URL) {
		p.T.Fatalf("it leads to %q: %d\n%s", again.Leads(), again.Status, again.Body)
	}
	second, _ := p.Sandbox.Last()
	p.before()
	p.tokens(p.redeem("app", p.Response(p.approved(b, second.RedirectURL)).Get("code")))
	for _, asked := range []sandbox.Transaction{first, second} {
		if asked.Service != "register" || asked.PhoneNumber != "+32479999999" || asked.Locale != "nl" || strings.Join(asked.Scopes, " ") != "profile email" {
			p.T.Errorf("CM was asked for %+v", asked)
		}
	}
}

func (p *pair) decide(outcome itsme.Status) {
	p.T.Helper()
	if err := p.Sandbox.Decide("", outcome, ""); err != nil {
		p.T.Fatal(err)
	}
}

func leave(p *pair) {
	p.before()
	b := p.Browser()
	back := b.Begin(nil)
	page := p.shows(b.Get(back), "waiting")
	p.after()
	left := b.Submit(page, "/itsme/leave")
	if got := p.Response(left); got.Get("error") != "access_denied" || got.Get("state") != "a state" {
		p.T.Errorf("%v", got)
	}
	p.before()
	if again := b.Get(back); again.Leads() != left.Leads() {
		p.T.Errorf("a reload leads to %q, and the click to %q", again.Leads(), left.Leads())
	}
}

// leaveExpired: an older bridge says the words that Keycloak waits for on this
// click, too, and not only on "try again".
func leaveExpired(p *pair) {
	p.before()
	b := p.Browser()
	back := b.Begin(of("restarts"))
	p.decide(itsme.Expired)
	page := p.shows(b.Get(back), "expired")
	p.after()
	got := p.Response(b.Submit(page, "/itsme/leave"))
	again := got.Get("error") == "temporarily_unavailable" && got.Get("error_description") == "authentication_expired"
	if !again && got.Get("error") != "access_denied" {
		p.T.Errorf("%v", got)
	}
}

func leaveSilent(p *pair) {
	p.before()
	b := p.Browser()
	p.Sandbox.Next(sandbox.Script{Fault: sandbox.ServerError})
	page := p.shows(b.Get(b.Begin(nil)), "unavailable")
	p.after()
	if got := p.Response(b.Submit(page, "/itsme/leave")); got.Get("error") != "temporarily_unavailable" {
		p.T.Errorf("%v", got)
	}
}

func failureToldTwice(p *pair) {
	p.before()
	b := p.Browser()
	back := b.Begin(of("told"))
	p.decide(itsme.Cancelled)
	p.after()
	first := b.Get(back)
	if got := p.Response(first); got.Get("error") != "access_denied" || got.Get("error_description") == "" {
		p.T.Errorf("%v", got)
	}
	p.before()
	if again := b.Get(back); again.Leads() != first.Leads() {
		p.T.Errorf("a reload leads to %q, and the first time it was %q", again.Leads(), first.Leads())
	}
}

// reload gives the same browser the same once more: the code, and the cookie of its session.
func reload(p *pair) {
	p.before()
	b := p.Browser()
	back := b.Begin(nil)
	first := p.approved(b, back)
	p.after()
	again := b.Get(back)
	if p.Response(first).Get("code") == "" || again.Leads() != first.Leads() {
		p.T.Errorf("it leads to %q, and the first time it was %q", again.Leads(), first.Leads())
	}
	if cookie(first) == "" || cookie(again) != cookie(first) {
		p.T.Errorf("the cookie is %q, and the first time it was %q", cookie(again), cookie(first))
	}
	p.before()
	p.tokens(p.redeem("app", p.Response(again).Get("code")))
	p.after()
	p.holds(p.shows(b.Get(back), "finished"), "The App", "https://app.example/")
}

// holds fails the test unless a page holds some texts.
func (p *pair) holds(page *providertest.Answer, texts ...string) {
	p.T.Helper()
	for _, text := range texts {
		if !strings.Contains(page.Body, text) {
			p.T.Errorf("the page does not hold %s\n%s", text, page.Body)
		}
	}
}

// otherBrowser: who opens somebody else's return URL is told by name where to go.
func otherBrowser(p *pair) {
	p.before()
	back := p.Browser().Begin(of("told", "ui_locales", "nl"))
	p.after()
	p.holds(p.shows(p.Browser().Get(back), "other_browser"), "The Told", "https://told.example/", `lang="nl"`)
}

// waiting: of two versions one asks CM, and each goes on where the other stopped.
func waiting(p *pair) {
	p.before()
	b := p.Browser()
	p.Sandbox.Next(sandbox.Script{OpenFor: 2})
	back := b.Begin(nil)
	p.Approve()
	p.holds(p.shows(b.Get(back), "waiting"), `content="1;`) // it looks again in a second
	p.Advance(time.Second)                                  // what CM said counts for so long
	p.after()
	p.holds(p.shows(b.Get(back), "waiting"), `content="2;`) // the second time, in two
	p.Advance(2 * time.Second)

	hold := p.Sandbox.Hold()
	defer hold.Release()
	asked := make(chan *providertest.Answer, 1)
	go func() {
		answer, err := b.Try(back)
		if err != nil {
			p.T.Error(err)
			answer = new(providertest.Answer)
		}
		asked <- answer
	}()
	select {
	case <-hold.Reached():
	case answer := <-asked:
		p.T.Fatalf("CM is not asked: %d\n%s", answer.Status, answer.Body)
	}
	p.before()
	p.holds(p.shows(b.Get(back), "waiting"), " seconds") // of a minute; a whole login has four
	hold.Release()
	answer := <-asked
	if again := b.Get(back); p.Response(answer).Get("code") == "" || again.Leads() != answer.Leads() {
		p.T.Errorf("one leads to %q, and the other to %q", answer.Leads(), again.Leads())
	}
	if last, _ := p.Sandbox.Last(); last.Fetches != 3 {
		p.T.Errorf("CM was asked %d times", last.Fetches)
	}
}
