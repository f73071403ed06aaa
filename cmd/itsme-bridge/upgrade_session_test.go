package main_test

import (
	"net/http"
	"net/url"
	"strings"

	"itsme-bridge/provider/providertest"
)

// loggedIn is a browser with a session, and the tokens of the login that made it.
func (p *pair) loggedIn(change func(url.Values)) (*providertest.Browser, tokens) {
	p.T.Helper()
	b, _, got := p.withTwin(change)
	return b, got
}

// withTwin is loggedIn, with another browser that holds the cookie of the session, and
// keeps it whatever happens: that a browser has lost it does not mean that it is over.
func (p *pair) withTwin(change func(url.Values)) (b, twin *providertest.Browser, got tokens) {
	p.T.Helper()
	b, twin = p.Browser(), p.Browser()
	answer := p.approved(b, b.Begin(change))
	twin.Header.Set("Cookie", cookie(answer))
	return b, twin, p.tokens(p.redeem("app", p.Response(answer).Get("code")))
}

// cookie is that of the session that an answer gives, as a browser sends it.
func cookie(a *providertest.Answer) string {
	for _, line := range a.Header.Values("Set-Cookie") {
		if pair, _, _ := strings.Cut(line, ";"); strings.Contains(pair, "session") {
			return pair
		}
	}
	return ""
}

// silently is the response to a request that nobody is to be asked about.
func (p *pair) silently(b *providertest.Browser, client string, parameters ...string) url.Values {
	p.T.Helper()
	return p.Response(b.Authorize(of(client, append(parameters, "prompt", "none")...)))
}

// over fails the test unless the browser's session is over.
func (p *pair) over(b *providertest.Browser) {
	p.T.Helper()
	if got := p.silently(b, "app"); got.Get("error") != "login_required" {
		p.T.Errorf("the session is not over: %v", got)
	}
}

// sessionAnswers: with the same sub, auth_time and sid (OpenID Connect Core §3.1.2.1).
func sessionAnswers(p *pair) {
	p.before()
	b, got := p.loggedIn(set("scope", everything))
	first := p.verified(got.id)
	if first["sid"] == nil {
		p.T.Fatalf("%v", first)
	}
	p.after()
	again := p.tokens(p.redeem("app", p.silently(b, "app", "id_token_hint", got.id).Get("code")))
	p.includes(p.verified(again.id), map[string]any{"sub": first["sub"], "auth_time": first["auth_time"], "sid": first["sid"]})
	p.includes(p.UserInfo(again.access).JSON(), lucas())

	code := p.silently(b, "rich", "scope", everything).Get("code")
	p.before()
	other := p.tokens(p.redeem("rich", code))
	p.includes(p.verified(other.id), map[string]any{"auth_time": first["auth_time"], "sid": first["sid"]})
	p.includes(p.UserInfo(other.access).JSON(), richLucas())
}

const goodbye = "https://app.example/bye"

// sessionEnds: RP-Initiated Logout 1.0 §2.
func sessionEnds(p *pair) {
	p.before()
	b, twin, got := p.withTwin(nil)
	p.after()
	if got := p.silently(twin, "app"); got.Get("code") == "" {
		p.T.Fatalf("there is no session: %v", got)
	}
	left := b.Get("/logout?" + url.Values{"id_token_hint": {got.id}, "post_logout_redirect_uri": {goodbye}, "state": {"s"}}.Encode())
	if left.Leads() != goodbye+"?state=s" {
		p.T.Errorf("it leads to %q: %d\n%s", left.Leads(), left.Status, left.Body)
	}
	p.before()
	p.over(twin)
	p.after()
	p.over(twin)
}

// logoutConfirmed: the ID token names another session than the browser's, so the
// person is asked, and then the browser's own ends. So it is by a form of either
// bridge at the other; an older one alone would end both.
func logoutConfirmed(p *pair) {
	p.before()
	mine, twin, _ := p.withTwin(nil)
	theirs, got := p.loggedIn(nil)
	page := p.shows(mine.Get("/logout?"+url.Values{"id_token_hint": {got.id}, "post_logout_redirect_uri": {goodbye}, "state": {"s"}}.Encode()), "logout")
	p.after()
	if left := mine.Submit(page, "/itsme/logout"); left.Leads() != goodbye+"?state=s" {
		p.T.Errorf("it leads to %q: %d\n%s", left.Leads(), left.Status, left.Body)
	}
	p.over(twin)
	if got := p.silently(theirs, "app"); got.Get("code") == "" {
		p.T.Errorf("somebody else's session is over: %v", got)
	}
}

func logoutPage(p *pair) {
	p.before()
	b, _ := p.loggedIn(nil)
	page := p.shows(b.Get("/logout?client_id=app&ui_locales=nl"), "logout")
	p.after()
	p.holds(p.shows(b.Submit(page, "/itsme/logout"), "logged_out"), `lang="nl"`, "The App")
}

// loggedOutForGood: nobody gets a code or a session back by a reload.
func loggedOutForGood(p *pair) {
	p.before()
	b := p.Browser()
	back := b.Begin(nil)
	p.approved(b, back)
	p.shows(b.Submit(p.shows(b.Get("/logout"), "logout"), "/itsme/logout"), "logged_out")
	p.after()
	if again := p.shows(b.Get(back), "late"); again.Leads() != "" {
		p.T.Errorf("it leads to %q", again.Leads())
	}
}

// discovery: what one version tells of, the other has.
func discovery(p *pair) {
	p.before()
	document, err := p.Call("/.well-known/openid-configuration", nil, nil)
	if err != nil {
		p.T.Fatal(err)
	}
	p.after()
	endpoints := 0
	for name, value := range document.JSON() {
		address, _ := value.(string)
		path, ours := strings.CutPrefix(address, p.Issuer)
		if !ours || path == "" {
			continue
		}
		endpoints++
		if answer, err := p.Call(path, nil, nil); err != nil || answer.Status == http.StatusNotFound {
			p.T.Errorf("%s: %s is not there: %v", name, path, err)
		}
	}
	if endpoints < 8 {
		p.T.Errorf("there are %d endpoints\n%s", endpoints, document.Body)
	}
}
