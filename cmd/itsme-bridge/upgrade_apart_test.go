package main_test

import (
	"net/http"
	"strings"

	"itsme-bridge/provider/providertest"
)

// returns is a login that comes back to the other version.
func returns(p *pair) {
	p.running().before()
	b := p.Browser()
	back := b.Begin(nil)
	if strings.Contains(back, "/itsme/return/") {
		p.T.Fatalf("CM sends the browser back to %s", back)
	}
	p.after()
	p.tokens(p.redeem("app", p.Response(p.approved(b, back)).Get("code")))
}

// behindTLS: cookies are called otherwise there.
func behindTLS(p *pair) {
	p.running().before()
	b := p.Browser()
	get := func(path string) *providertest.Answer {
		answer := b.Get(p.door.URL + "/tenant" + path)
		for _, line := range answer.Header.Values("Set-Cookie") {
			cookie, err := http.ParseSetCookie(line)
			if err != nil {
				p.T.Fatal(err)
			}
			b.Header.Set("Cookie", strings.TrimPrefix(b.Header.Get("Cookie")+"; "+cookie.Name+"="+cookie.Value, "; "))
		}
		return answer
	}
	get("/authorize?" + providertest.Request(nil).Encode())
	back, ours := strings.CutPrefix(p.ReturnURL(), "https://localhost/tenant")
	if !ours {
		p.T.Fatalf("CM sends the browser back to %s", p.ReturnURL())
	}
	p.Approve()
	p.after()
	if got := p.Response(get(back)); got.Get("code") == "" {
		p.T.Errorf("%v", got)
	}
	p.before()
	if got := p.Response(get("/authorize?" + providertest.Request(set("prompt", "none")).Encode())); got.Get("code") == "" {
		p.T.Errorf("the session does not answer: %v", got)
	}
}

// from is a browser at an address.
func (p *pair) from(address string) *providertest.Browser {
	b := p.Browser()
	b.Header.Set("X-Forwarded-For", address)
	return b
}

// ceilings: what is counted at one version counts at the other.
func ceilings(p *pair) {
	p.running().before()
	p.from("192.0.2.1").Begin(nil)
	p.from("192.0.2.1").Begin(nil)
	p.after()
	p.shows(p.from("192.0.2.1").Authorize(nil), "too_many") // of this address

	p.before()
	p.from("192.0.2.2").Begin(nil)
	p.from("192.0.2.3").Begin(nil)
	p.after()
	p.shows(p.from("192.0.2.4").Authorize(nil), "continue") // of this client

	p.before()
	p.from("192.0.2.5").Begin(of("told"))
	p.from("192.0.2.6").Begin(of("told"))
	p.after()
	p.shows(p.from("192.0.2.7").Authorize(of("restarts")), "too_many") // of all

	push := func(status int) {
		form := providertest.Request(of("spa"))
		answer := p.post("/par", "spa", form, func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.8") })
		if answer.Status != status {
			p.T.Errorf("a public client pushes: %d, want %d\n%s", answer.Status, status, answer.Body)
		}
	}
	p.before()
	push(http.StatusCreated)
	push(http.StatusCreated)
	p.after()
	push(http.StatusTooManyRequests)
}

// revoked: what the command of one version revokes, the other refuses from its start on.
func revoked(p *pair) {
	p.running().before()
	_, got := p.loggedIn(set("scope", everything))
	b := p.Browser()
	other := p.tokens(p.redeem("rich", p.Response(p.approved(b, b.Begin(of("rich", "scope", everything)))).Get("code")))
	p.first.run("revoke", "--client", "app")
	p.second.restart()
	p.after()
	p.opens(got.access, false)
	p.refresh("app", got.refresh).Wants(p.T, http.StatusBadRequest, "invalid_grant")
	p.opens(other.access, true)
	p.second.run("revoke", "--client", "told") // keeps what the other has written
	p.first.restart()
	p.before()
	p.opens(got.access, false)
	p.opens(other.access, true)
	p.first.run("revoke", "--all")
	p.second.restart()
	p.after()
	p.opens(other.access, false)
	p.refresh("rich", other.refresh).Wants(p.T, http.StatusBadRequest, "invalid_grant")
}

// keysChanged: both sign with the same key, and go on to the same next one.
func keysChanged(p *pair) {
	p.running().before()
	now := p.kid(p.anew())
	p.after()
	if kid := p.kid(p.anew()); kid != now {
		p.T.Errorf("one signs with %s, and the other with %s", now, kid)
	}
	p.first.run("keys", "rotate")
	p.second.restart()
	p.after()
	p.verified(p.anew())
	if first, second := p.first.run("keys", "list"), p.second.run("keys", "list"); first != second || strings.Count(first, " next ") < 2 { // of each algorithm that clients use; earlier, of all
		p.T.Errorf("one lists\n%s\nand the other\n%s", first, second)
	}
	p.second.run("keys", "revoke", "--", now) // one kid in 64 begins with a dash
	p.first.restart()
	p.before()
	token := p.anew()
	p.verified(token) // by the key that was the next one when the second process began
	if p.kid(token) == now {
		p.T.Error("it signs with the key that was revoked")
	}
	if first, second := p.first.run("keys", "list"), p.second.run("keys", "list"); first != second || strings.Count(first, " revoked ") != 1 {
		p.T.Errorf("one lists\n%s\nand the other\n%s", first, second)
	}
}

// joining: a version holds to what the other has agreed on with the deployment.
func joining(p *pair) {
	p.first.start()
	for _, row := range []struct{ find, put, says string }{
		{
			"{salt: a-salt-of-the-tests-that-is-random-enough-0123456789, fingerprint: 76b2c85d07ca9801}",
			"{salt: another-salt-of-the-tests-that-is-random-too-9876543210, fingerprint: d94e9f91aaa01e3d}",
			"this deployment's is 76b2c85d07ca9801",
		},
		{
			"{current: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=}",
			"{current: ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=, accept: [AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=]}",
			"was never accepted here",
		},
	} {
		stranger := p.newReplica(p.T, p.second.binary, p.Issuer, row.find, row.put)
		if err := stranger.tryStart(); err == nil || !strings.Contains(err.Error(), row.says) {
			p.T.Errorf("it should say %q: %v", row.says, err)
		}
	}
	p.second.start()
}
