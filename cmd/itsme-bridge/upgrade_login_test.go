package main_test

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/providertest"
)

// lucas is what CM tells of the person who approves, as claims.
func lucas() map[string]any {
	return map[string]any{
		"name": "Lucas Maes", "given_name": "Lucas", "family_name": "Maes", "gender": "male", "birthdate": "1974-01-31", "locale": "nl",
		"email": "lucas.maes@example.com", "email_verified": false, "phone_number": "+32471234567", "phone_number_verified": false,
		"address": map[string]any{
			"formatted": "Rue Neuve 1\n1000 Bruxelles\nBE", "street_address": "Rue Neuve 1", "postal_code": "1000", "locality": "Bruxelles", "country": "BE",
		},
	}
}

// richLucas is what the client rich is told of him beyond that.
func richLucas() map[string]any {
	claims := lucas()
	for name, value := range map[string]any{
		"sub": sandbox.Personas()[0].Identity.UserID, "email_verified": true, "phone_number_verified": true,
		"street_address": "Rue Neuve 1", "postal_code": "1000", "locality": "Bruxelles", "country": "BE",
	} {
		claims[name] = value
	}
	return claims
}

const everything = "openid profile email phone address offline_access"

// wholeLogin: each step is at the other version than the one before it.
func wholeLogin(p *pair) {
	p.before()
	b := p.Browser()
	back := b.Begin(set("scope", everything))
	p.after()
	response := p.Response(p.approved(b, back))
	p.includes(map[string]any{"state": response.Get("state"), "iss": response.Get("iss")}, map[string]any{"state": "a state", "iss": p.Issuer})
	p.before()
	got := p.tokens(p.redeem("app", response.Get("code")))
	if got.scope != "" {
		p.T.Errorf("the scope is what was asked for, and yet it is told: %q", got.scope)
	}
	claims := p.verified(got.id)
	p.includes(claims, map[string]any{"nonce": "a nonce", "aud": "app"})
	p.recent(claims["auth_time"])
	p.includes(p.introspected(got.access), map[string]any{"active": true, "sub": claims["sub"], "scope": everything, "token_type": "Bearer"})

	p.after()
	p.includes(p.introspected(got.access), map[string]any{"active": true, "sub": claims["sub"], "scope": everything, "token_type": "Bearer"})
	told := p.UserInfo(got.access).JSON()
	p.includes(told, lucas())
	p.includes(told, map[string]any{"sub": claims["sub"]})
	p.includes(p.verified(p.anew()), map[string]any{"sub": claims["sub"]})

	p.before()
	p.post("/revoke", "app", url.Values{"token": {got.access}}).Wants(p.T, http.StatusOK, "")
	p.after()
	p.opens(got.access, false)
}

// anew is the ID token of a login at one version alone.
func (p *pair) anew() string {
	p.T.Helper()
	_, got := p.loggedIn(nil)
	return got.id
}

// introspected is what the client app is told of a token. Its times must fit.
func (p *pair) introspected(access string) map[string]any {
	p.T.Helper()
	said := p.post("/introspect", "app", url.Values{"token": {access}}).JSON()
	p.recent(said["iat"])
	issued, _ := said["iat"].(float64)
	p.includes(said, map[string]any{"exp": issued + (5 * time.Minute).Seconds()})
	return said
}

// recent fails the test unless a time, in seconds, is within the last minutes.
func (p *pair) recent(seconds any) {
	p.T.Helper()
	at, _ := seconds.(float64)
	if ago := time.Since(time.Unix(int64(at), 0)); ago < -time.Second || ago > 5*time.Minute {
		p.T.Errorf("%v is not a time just now", seconds)
	}
}

// settledTerms: what the operator's entry says of a client counts from the
// beginning of a login, so it is kept with the login.
func settledTerms(p *pair) {
	ask := of("rich", "scope", everything, "acr_values", "https://rich.example/higher")
	settled := map[string]any{"aud": "rich", "acr": "https://rich.example/higher", "amr": []any{"mfa"}, "nonce": "a nonce"}
	p.before()
	b := p.Browser()
	back := b.Begin(ask)
	p.after()
	code := p.Response(p.approved(b, back)).Get("code")
	p.before()
	got := p.tokens(p.redeem("rich", code))
	for _, version := range []func(){p.after, p.before} { // and so in the family of its refresh tokens
		claims := p.verified(got.id)
		p.includes(claims, richLucas())
		p.includes(claims, settled)
		p.includes(p.UserInfo(got.access).JSON(), richLucas())
		version()
		p.includes(p.UserInfo(got.access).JSON(), richLucas())
		delete(settled, "nonce") // of the first ID token alone
		got = p.tokens(p.refresh("rich", got.refresh))
		if got.scope != "" {
			p.T.Errorf("the scope is what was asked for, and yet it is told: %q", got.scope)
		}
	}
}

// claimsByName: OpenID Connect Core §5.5.
func claimsByName(p *pair) {
	p.before()
	b := p.Browser()
	back := b.Begin(set("scope", "openid unknown", "claims", `{"userinfo": {"email": null}, "id_token": {"birthdate": null}}`))
	p.after()
	code := p.Response(p.approved(b, back)).Get("code")
	p.before()
	got := p.tokens(p.redeem("app", code))
	if got.scope != "openid" {
		p.T.Errorf("RFC 6749 §5.1: the scope that was granted is %q", got.scope)
	}
	p.includes(p.verified(got.id), map[string]any{"birthdate": "1974-01-31", "email": nil})
	p.after()
	p.includes(p.UserInfo(got.access).JSON(), map[string]any{"email": "lucas.maes@example.com", "birthdate": nil, "name": nil})
}

// strangerRefused: OpenID Connect Core §5.5.1.
func strangerRefused(p *pair) {
	p.before()
	b := p.Browser()
	back := b.Begin(of("rich", "claims", `{"id_token": {"sub": {"value": "somebody else"}}}`))
	p.after()
	if got := p.Response(p.approved(b, back)); got.Get("error") != "login_required" {
		p.T.Errorf("%v", got)
	}
}

// codeReplayed: RFC 6749 §4.1.2.
func codeReplayed(p *pair) {
	p.before()
	b := p.Browser()
	code := p.Response(p.approved(b, b.Begin(set("scope", everything)))).Get("code")
	p.after()
	got := p.tokens(p.redeem("app", code))
	p.before()
	p.opens(got.access, true)
	p.redeem("app", code).Wants(p.T, http.StatusBadRequest, "invalid_grant")
	p.after()
	p.opens(got.access, false)
	p.refresh("app", got.refresh).Wants(p.T, http.StatusBadRequest, "invalid_grant")
}

// responseWithIDToken: the ID token is signed whenever the response is sent, of
// what is in Redis.
func responseWithIDToken(p *pair) {
	p.before()
	b := p.Browser()
	back := b.Begin(of("rich", "response_type", "code id_token", "response_mode", "form_post"))
	p.after()
	first := p.formPost(p.approved(b, back))
	p.before()
	again := p.formPost(b.Get(back))
	for _, fields := range []url.Values{first, again} {
		claims := p.verified(fields.Get("id_token"))
		p.includes(claims, richLucas())
		p.includes(claims, map[string]any{"nonce": "a nonce", "aud": "rich", "amr": []any{"mfa"}, "acr": "https://rich.example/high"})
		if _, ok := claims["c_hash"]; !ok || fields.Get("code") == "" || fields.Get("code") != first.Get("code") || fields.Get("state") != "a state" {
			p.T.Errorf("%v", fields)
		}
	}
}

// formPost are the fields of a page that posts a response.
func (p *pair) formPost(a *providertest.Answer) url.Values {
	p.T.Helper()
	_, fields, ok := a.Form("/callback")
	if a.Page() != "form_post" || !ok {
		p.T.Fatalf("no form_post: %d\n%s", a.Status, a.Body)
	}
	return fields
}

// responseOfIDTokenAlone: here the code is only the name of the grant, and not told.
func responseOfIDTokenAlone(p *pair) {
	p.before()
	b := p.Browser()
	back := b.Begin(of("rich", "response_type", "id_token"))
	p.after()
	first := p.approved(b, back)
	p.before()
	again := b.Get(back)
	for _, answer := range []*providertest.Answer{first, again} {
		response := p.Response(answer)
		p.includes(p.verified(response.Get("id_token")), richLucas())
		if response.Has("code") || !strings.Contains(answer.Leads(), "#") {
			p.T.Errorf("leads to %q", answer.Leads())
		}
	}
}
