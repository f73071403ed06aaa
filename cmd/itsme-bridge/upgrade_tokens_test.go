package main_test

import (
	"net/http"
	"net/url"

	"itsme-bridge/provider/providertest"
)

// assertionReplayed: RFC 7523 §3.
func assertionReplayed(p *pair) {
	form := url.Values{"token": {"of nobody"}, "client_assertion": {p.assertion()}}
	p.before()
	p.post("/introspect", "signer", form).Wants(p.T, http.StatusOK, "")
	p.after()
	p.post("/introspect", "signer", form).Wants(p.T, http.StatusUnauthorized, "invalid_client")
}

// nonce is one that a version gives to whoever brings a proof without one (RFC 9449 §8).
func (p *pair) nonce() string {
	p.T.Helper()
	answer := p.redeem("spa", "of nobody", p.prove(p.proof(http.MethodPost, "/token", "", "")))
	answer.Wants(p.T, http.StatusBadRequest, "use_dpop_nonce")
	return answer.Header.Get("DPoP-Nonce")
}

// atToken is the proof of a request to the token endpoint.
func (p *pair) atToken(nonce string) func(*http.Request) {
	p.T.Helper()
	return p.prove(p.proof(http.MethodPost, "/token", "", nonce))
}

// boundCode: RFC 9449 §10.
func boundCode(p *pair) {
	p.before()
	b := p.Browser()
	back := b.Begin(of("spa", "dpop_jkt", p.thumbprint()))
	p.after()
	code := p.Response(p.approved(b, back)).Get("code")
	p.before()
	p.redeem("spa", code).Wants(p.T, http.StatusBadRequest, "invalid_grant")
}

// boundTokens: RFC 9449 §5, §7, §8, §11.1.
func boundTokens(p *pair) {
	p.before()
	b, nonce := p.Browser(), p.nonce()
	back := b.Begin(of("spa", "scope", "openid offline_access", "dpop_jkt", p.thumbprint()))
	p.after()
	code, proof := p.Response(p.approved(b, back)).Get("code"), p.atToken(nonce)
	answer := p.redeem("spa", code, proof)
	got := p.tokens(answer)
	p.includes(answer.JSON(), map[string]any{"token_type": "DPoP"})
	p.before()
	p.refresh("spa", got.refresh, proof).Wants(p.T, http.StatusBadRequest, "invalid_dpop_proof")
	p.opens(got.access, false) // in the scheme Bearer

	holding := p.prove(p.proof(http.MethodGet, "/userinfo", got.access, nonce))
	if answer := p.userinfoInDPoP(got.access, holding); answer.Status != http.StatusOK {
		p.T.Errorf("userinfo: %d %s", answer.Status, answer.Body)
	}
	p.after()
	p.userinfoInDPoP(got.access, holding).Wants(p.T, http.StatusUnauthorized, "invalid_dpop_proof")

	p.before()
	p.refresh("spa", got.refresh).Wants(p.T, http.StatusBadRequest, "invalid_grant")
	next := p.tokens(p.refresh("spa", got.refresh, p.atToken(nonce)))
	p.after()
	p.refresh("spa", next.refresh).Wants(p.T, http.StatusBadRequest, "invalid_grant")
	p.tokens(p.refresh("spa", next.refresh, p.atToken(nonce)))
}

func (p *pair) userinfoInDPoP(access string, proof func(*http.Request)) *providertest.Answer {
	p.T.Helper()
	answer, err := p.Call("/userinfo", nil, func(r *http.Request) {
		r.Header.Set("Authorization", "DPoP "+access)
		proof(r)
	})
	if err != nil {
		p.T.Fatal(err)
	}
	return answer
}

// refreshTokens: RFC 9700 §4.14.2.
func refreshTokens(p *pair) {
	p.before()
	b := p.Browser()
	first := p.tokens(p.redeem("app", p.Response(p.approved(b, b.Begin(set("scope", everything)))).Get("code")))
	p.after()
	second := p.tokens(p.refresh("app", first.refresh))
	same := p.verified(first.id)
	p.includes(p.verified(second.id), map[string]any{"sub": same["sub"], "auth_time": same["auth_time"], "sid": same["sid"]})
	p.before()
	if late := p.tokens(p.refresh("app", first.refresh)); late.refresh != second.refresh {
		p.T.Error("within the grace, the token before the newest gives another one than the newest")
	}
	p.opens(second.access, true)
	third := p.tokens(p.refresh("app", second.refresh))
	p.after()
	p.opens(third.access, true)
	p.refresh("app", first.refresh).Wants(p.T, http.StatusBadRequest, "invalid_grant") // reused
	p.before()
	p.refresh("app", third.refresh).Wants(p.T, http.StatusBadRequest, "invalid_grant")
	for _, version := range []func(){p.before, p.after} {
		version()
		for _, got := range []tokens{first, second, third} {
			p.opens(got.access, false)
		}
	}
}

// familyRevoked: RFC 7009 §2.1.
func familyRevoked(p *pair) {
	p.before()
	b := p.Browser()
	first := p.tokens(p.redeem("app", p.Response(p.approved(b, b.Begin(set("scope", everything)))).Get("code")))
	second := p.tokens(p.refresh("app", first.refresh))
	p.after()
	p.opens(second.access, true)
	p.post("/revoke", "app", url.Values{"token": {second.refresh}}).Wants(p.T, http.StatusOK, "")
	p.before()
	p.opens(first.access, false)
	p.opens(second.access, false)
	p.refresh("app", second.refresh).Wants(p.T, http.StatusBadRequest, "invalid_grant")
	p.after()
	p.opens(second.access, false)
}
