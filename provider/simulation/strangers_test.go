package simulation_test

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/provider/providertest"
)

// Strangers have found a code or a token: another client, and a thief with a key of their own.

func (x *session) strangers(add func(string, func())) {
	if x.code != "" {
		add("another client sends the code of "+x.name, func() { x.foreign("redeems", "/token", x.codeForm()) })
	}
	if x.tokens == nil {
		return
	}
	add("another client revokes the access token of "+x.name, func() { x.foreign("revokes", "/revoke", url.Values{"token": {x.tokens.access}}) })
	if x.tokens.refresh == "" {
		return
	}
	add("another client refreshes with the token of "+x.name, func() { x.foreign("refreshes", "/token", refreshForm(x.tokens.refresh)) })
	if x.server.world.plan.public && x.taker == nil {
		add("a thief with a key refreshes with the token of "+x.name, func() {
			x.disturbed, x.taker = true, &taker{session: x, token: x.tokens.refresh}
			x.taker.refresh()
		})
	}
}

// foreign is a request of another client, which shows everything but that it is the right one. It changes nothing.
func (x *session) foreign(what, path string, form url.Values) {
	r := x.post(path, form)
	r.SetBasicAuth("other", secret)
	e := x.server.world.send(sender{name: "another client " + what + " for " + x.name}, r, func(*providertest.Answer) {})
	if path == "/token" {
		e.grant, e.thief = x, true
	}
}

// taker is a thief with a refresh token of a public client and a DPoP key of their own, to which the tokens that they
// get are bound. When the owner comes with the older token, it is in two hands, and nobody's works any more.
type taker struct {
	session *session
	token   string
	nonce   string
	proofs  int
	took    bool
	ended   time.Time // the owner has come, and was refused; zero: not yet
}

func (t *taker) refresh() {
	x, late := t.session, !t.ended.IsZero()
	form := refreshForm(t.token)
	form.Set("client_id", "app")
	r := x.post("/token", form)
	r.Header.Set("DPoP", t.proof())
	x.server.world.send(sender{name: "a thief with a key refreshes for " + x.name}, r, func(a *providertest.Answer) { t.refreshed(late, a) })
}

func (t *taker) refreshed(late bool, a *providertest.Answer) {
	x, p := t.session, t.session.server.world.promises
	again := a == nil || a.Status == http.StatusServiceUnavailable || a.JSON()["error"] == "use_dpop_nonce"
	if a != nil && a.Header.Get("DPoP-Nonce") != "" {
		t.nonce = a.Header.Get("DPoP-Nonce")
	}
	switch {
	case again && t.proofs < mostCalls:
		t.later("refreshes again", t.refresh)
	case again || a.Status != http.StatusOK:
	case late && !p.lostSince(idOf(x.code), t.ended):
		p.broken("a thief refreshes on with the tokens of %s, whose owner has come with an older one", x.name)
	default:
		t.token, _ = a.JSON()["refresh_token"].(string)
		p.secret(t.token)
		if t.proofs, t.took = 0, true; t.ended.IsZero() {
			x.browser.later = append(x.browser.later, &act{name: x.name + " comes with its own token", after: time.Now().Add(2 * time.Second), do: func() { x.refresh(x.tokens.refresh) }})
		}
	}
}

func (t *taker) later(what string, do func()) {
	b := t.session.browser
	b.later = append(b.later, &act{name: "a thief with a key " + what + " for " + t.session.name, after: time.Now().Add(time.Second), do: do})
}

// met notes that the owner was refused for what the thief has done, who goes on.
func (t *taker) met() {
	if t == nil || !t.took || !t.ended.IsZero() {
		return
	}
	if t.ended = t.session.ended; t.ended.IsZero() {
		t.ended = time.Now()
	}
	t.later("goes on", t.refresh)
}

// proof is one of possession of the thief's key (RFC 9449 §4.2).
func (t *taker) proof() string {
	t.proofs++
	seed := t.session.server.world.plan.seed
	claims := map[string]any{
		"jti": made("proof of "+t.session.name, seed, t.proofs) + t.nonce, "htm": http.MethodPost, "htu": issuer + "/token", "iat": time.Now().Unix(),
	}
	if t.nonce != "" {
		claims["nonce"] = t.nonce
	}
	key := ed25519.NewKeyFromSeed([]byte(made("key", seed, 0)[:ed25519.SeedSize]))
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: key}, (&jose.SignerOptions{EmbedJWK: true}).WithType("dpop+jwt"))
	if err != nil {
		panic(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		panic(err)
	}
	compact, err := jws.CompactSerialize()
	if err != nil {
		panic(fmt.Sprint("a proof: ", err))
	}
	return compact
}
