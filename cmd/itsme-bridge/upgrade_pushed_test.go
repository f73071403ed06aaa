package main_test

import (
	"net/http"
	"net/url"
	"strings"

	"itsme-bridge/provider/providertest"
)

// push pushes a request of the client app, and gives what the browser brings instead of it.
func (p *pair) push() func(url.Values) {
	p.T.Helper()
	return p.pushed("app", p.post("/par", "app", providertest.Request(nil)))
}

func (p *pair) pushed(client string, answer *providertest.Answer) func(url.Values) {
	p.T.Helper()
	uri, _ := answer.JSON()["request_uri"].(string)
	if answer.Status != http.StatusCreated || uri == "" {
		p.T.Fatalf("%d %s", answer.Status, answer.Body)
	}
	return func(v url.Values) {
		clear(v)
		v.Set("client_id", client)
		v.Set("request_uri", uri)
	}
}

// beginsNothing fails the test unless an answer says that the request_uri is good for
// nothing: on a page, as the earlier version does, or at the redirect URI.
func (p *pair) beginsNothing(a *providertest.Answer) {
	p.T.Helper()
	if !strings.Contains(a.Leads()+a.Body, "invalid_request_uri") {
		p.T.Errorf("%d %q leads to %q\n%s", a.Status, a.Page(), a.Leads(), a.Body)
	}
}

// pushedRequest: the browser that began a login with a request_uri is led back to
// it, and once a login is over it begins no other (RFC 9126 §4).
func pushedRequest(p *pair) {
	p.before()
	ask, b := p.push(), p.Browser()
	p.after()
	back := b.Begin(ask)
	starts := p.Sandbox.Starts()
	p.before()
	if again := b.Authorize(ask); !strings.HasPrefix(again.Leads(), p.Sandbox.URL) || p.Sandbox.Starts() != starts {
		p.T.Errorf("a reload leads to %q, and %d transactions were begun", again.Leads(), p.Sandbox.Starts()-starts)
	}
	p.after()
	if got := p.Response(p.approved(b, back)); got.Get("code") == "" {
		p.T.Errorf("%v", got)
	}
	p.before()
	p.beginsNothing(p.Browser().Authorize(ask))

	p.before()
	ask, b = p.push(), p.Browser()
	back = b.Begin(ask)
	p.after()
	p.approved(b, back)
	p.before()
	p.beginsNothing(p.Browser().Authorize(ask))
}

// pushedStarts: a request_uri begins as many transactions as a login may have.
func pushedStarts(p *pair) {
	p.before()
	ask := p.push()
	p.Browser().Begin(ask)
	p.Browser().Begin(ask)
	p.after()
	p.Browser().Begin(ask)
	p.beginsNothing(p.Browser().Authorize(ask))
	p.before()
	p.beginsNothing(p.Browser().Authorize(ask))
}

// pushedAndSigned: how a request has come is remembered until the click.
func pushedAndSigned(p *pair) {
	p.before()
	ask := p.pushed("signer", p.post("/par", "signer", url.Values{"request": {p.object(of("signer"))}}))
	p.after()
	b := doubtful(p.Browser())
	page := p.shows(b.Authorize(ask), "continue")
	p.before()
	begun := b.Submit(page, "/itsme/continue")
	if !strings.HasPrefix(begun.Leads(), p.Sandbox.URL) {
		p.T.Fatalf("the click leads to %q: %d\n%s", begun.Leads(), begun.Status, begun.Body)
	}
	back := p.ReturnURL()
	p.after()
	p.tokens(p.redeem("signer", p.Response(p.approved(b, back)).Get("code")))
	p.beginsNothing(p.Browser().Authorize(ask))
}
