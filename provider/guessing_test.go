package provider_test

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/client"
	"itsme-bridge/storage/storagetest"
)

// keyed is a client that signs its assertions with the party's key.
func keyed(app party) client.Client {
	c := clientNamed("keyed", client.PrivateKeyJWT)
	c.Keys, c.Scopes = app.keys(), append(c.Scopes, "offline_access")
	return c
}

// asserted is the message with a client assertion instead of whatever authenticates it.
func (m *message) asserted(b *backchannel, by party) *message {
	b.t.Helper()
	m.header.Del("Authorization")
	m.form.Set("client_assertion_type", jwtBearer)
	m.form.Set("client_assertion", by.sign(b.t, "JWT", map[string]any{
		"iss": "keyed", "sub": "keyed", "aud": b.issuer, "jti": rand.Text(), "exp": b.Now().Add(time.Minute).Unix(),
	}))
	return m
}

// guessing is a call with a secret that is wrong.
func guessing() *message {
	m := exchange("x")
	m.header.Set("Authorization", basic("web", "guess"))
	return m
}

// Whoever guesses without end is told to wait, in the name that it uses. Beside it, at the same address and in the
// same name, whoever shows what is right is served: a secret, an assertion, a proof, a code and a token alone.
func TestAGuesserKeepsNobodyOut(t *testing.T) {
	app, eve := newParty(t, "app-1"), newParty(t, "app-1")
	b := newBackchannel(t, storagetest.New(t), append(binders(), keyed(app))...)
	h := b.holder()
	token, bound := b.accessToken(), b.boundToken(h)
	const enough = 40
	var last reply
	for n := range enough {
		for _, m := range []*message{guessing(), exchange("x").asserted(b, eve)} {
			last = b.send(m)
			if want := http.StatusUnauthorized; n < 30 && last.status != want {
				t.Fatalf("guess %d: %d, want %d", n+1, last.status, want)
			}
		}
		b.send(exchange("x").as("spa")).want(t, http.StatusBadRequest, "invalid_grant")
		b.send(bearer("x")).want(t, http.StatusUnauthorized, "invalid_token")
		wrong := h.exchange("x").as("must")
		wrong.header["Dpop"][0] += "AAAA"
		b.send(wrong).want(t, http.StatusBadRequest, "invalid_dpop_proof")
	}
	last.want(t, http.StatusTooManyRequests, "temporarily_unavailable")
	if got := last.header.Get("Retry-After"); got != "2" { // there are 30 in a minute
		t.Errorf("Retry-After %q", got)
	}
	for name, m := range map[string]*message{
		"its secret":                  exchange(b.code()),
		"its assertion":               exchange(b.code(of("keyed"))).asserted(b, app),
		"a code alone":                exchange(b.code(of("spa"))).as("spa"),
		"a code and a proof":          h.exchange(b.code(of("must"))).as("must"),
		"a token":                     bearer(token),
		"a token and a proof":         h.userinfo(bound),
		"its secret, to introspect":   ask("/introspect", token, "web", webSecret),
		"its assertion, for a revoke": ask("/revoke", "x", "", "").asserted(b, app),
	} {
		if answer := b.send(m); answer.status != http.StatusOK {
			t.Errorf("with %s: %d %s", name, answer.status, answer.body)
		}
	}
	b.send(guessing()).want(t, http.StatusTooManyRequests, "temporarily_unavailable")
	for n := range 31 { // of a name that nobody has registered nothing else is told
		for _, name := range []string{"nobody", "no one", "other"} {
			m := exchange("x")
			m.header.Set("Authorization", basic(name, "guess"))
			if answer := b.send(m); (answer.status == http.StatusTooManyRequests) != (n == 30) {
				t.Errorf("guess %d at %s: %d", n+1, name, answer.status)
			}
		}
	}
	b.Advance(2 * time.Second)
	b.send(guessing()).want(t, http.StatusUnauthorized, "invalid_client")
	if n := b.refusedFor("client_authentication"); n != 2*enough+2+93 {
		t.Errorf("%v were counted by their reason, want %d", n, 2*enough+2+93)
	}
}

// refusedFor is how many were refused for a reason.
func (b *backchannel) refusedFor(reason string) float64 {
	b.t.Helper()
	families, err := b.registry.Gather()
	if err != nil {
		b.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "itsme_bridge_refused_total" && m.GetLabel()[0].GetValue() == reason {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

// Whoever shows nothing but a key of its own leaves nothing in Redis, however often it comes.
func TestStrangersLeaveNothingInRedis(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t), binders()...)
	h, eve := b.holder(), b.holder()
	bound := b.boundToken(h)
	code, others, word := b.code(of("spa")), b.code(), strings.Repeat("A", 26)
	before := len(b.Dump())
	for name, m := range map[string]*message{
		"a code that is none":      h.exchange(word + "." + word).as("spa"),
		"words":                    h.exchange("x").as("spa"),
		"a code of another client": h.exchange(others).as("spa"),
		"a wrong verifier": func() *message {
			m := h.exchange(code).as("spa")
			m.form.Set("code_verifier", strings.Repeat("x", 43))
			return m
		}(),
		"a token that is none":          h.userinfo(word + "." + word),
		"the key of another":            eve.userinfo(bound),
		"a request that is not pushed":  provenPush(h, url.Values{"client_id": {"spa"}}),
		"a refresh token that is none":  proven(h, word+"."+word+"."+word, "native"),
		"a client that may not refresh": proven(h, word+"."+word+"."+word, "spa").as("spa"),
	} {
		if answer := b.send(m); answer.status < 400 {
			t.Errorf("%s: %d %s", name, answer.status, answer.body)
		}
		if now := len(b.Dump()); now != before {
			t.Errorf("%s: something is left", name)
			before = now
		}
	}
	b.send(h.exchange(code).as("spa")).want(t, http.StatusOK, "")
}

// provenPush is a push with a proof.
func provenPush(h *holder, form url.Values) *message {
	h.t.Helper()
	return &message{
		method: http.MethodPost, path: "/par", form: form, query: url.Values{},
		header: http.Header{"Dpop": {h.proof(http.MethodPost, "/par", "")}},
	}
}

// A proof that has shown a code, a token or a request that is right works once, also for clients without a secret,
// and whoever has copied the whole request changes nothing with it.
func TestAProofOfAPublicClientWorksOnce(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t), lasting()...)
	h := b.holder()
	login := h.exchange(b.code(offline("native"))).by("native")
	first := b.send(login)
	first.want(t, http.StatusOK, "")
	b.send(login).want(t, http.StatusBadRequest, "invalid_dpop_proof")
	other := h.exchange(b.code(of("native"))).by("native")
	other.header["Dpop"] = login.header["Dpop"]
	b.send(other).want(t, http.StatusBadRequest, "invalid_dpop_proof")

	refresh := proven(h, first.refresh(t), "native")
	second := b.send(refresh)
	second.want(t, http.StatusOK, "")
	b.Advance(time.Minute + time.Second) // beyond the grace: the token itself would end the login
	b.send(refresh).want(t, http.StatusBadRequest, "invalid_dpop_proof")
	if !b.stands(first.refresh(t)) {
		t.Fatal("a copy of a request has ended the login")
	}
	form := url.Values{
		"client_id": {"native"}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid"}, "code_challenge": {challenge(verifier)},
		"code_challenge_method": {"S256"},
	}
	push := provenPush(b.holder(), form)
	b.send(push).want(t, http.StatusCreated, "")
	b.send(push).want(t, http.StatusBadRequest, "invalid_dpop_proof")
	b.send(proven(b.holderOf(h), second.refresh(t), "native")).want(t, http.StatusOK, "")
}

// holderOf is the same key, with the nonce of now.
func (b *backchannel) holderOf(h *holder) *holder {
	fresh := *h
	fresh.nonce = b.holder().nonce
	return &fresh
}

// A client that pushes without end is refused, by itself alone, and so is what it signs where nobody has approved
// anything. With a code of a person it is served even then, and its assertion works once.
func TestAClientThatLeavesTooMuch(t *testing.T) {
	app := newParty(t, "app-1")
	b := newBackchannel(t, storagetest.New(t), append(confederates(), keyed(app))...)
	form := url.Values{
		"redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid"}, "code_challenge": {challenge(verifier)},
		"code_challenge_method": {"S256"}, "state": {strings.Repeat("%", 2000)}, "claims": {`{"userinfo":{"x":null}}` + strings.Repeat(" ", 8000)},
	}
	push := func() *message {
		m := ask("/par", "", "", "")
		m.form = url.Values{}
		for name, values := range form {
			m.form[name] = values
		}
		return m
	}
	var refused reply
	for range 2000 {
		if refused = b.send(push().asserted(b, app)); refused.status != http.StatusCreated {
			break
		}
	}
	refused.want(t, http.StatusTooManyRequests, "temporarily_unavailable")
	seconds, err := strconv.Atoi(refused.header.Get("Retry-After"))
	if err != nil || seconds < 1 || seconds > 2 {
		t.Errorf("Retry-After %q", refused.header.Get("Retry-After"))
	}
	other := push()
	other.header.Set("Authorization", basic("web", webSecret))
	b.send(other).want(t, http.StatusCreated, "")

	// What is left of the ceiling is too little for a push, and goes to assertions; from then on they leave nothing.
	size := func() int64 { return b.Redis().DBSize(t.Context()).Val() }
	revoke := func(token string) *message { return ask("/revoke", token, "", "").asserted(b, app) }
	before := int64(-1)
	for n := 0; before != size(); n++ {
		if before = size(); n > 5000 {
			t.Fatal("it leaves something in Redis without end")
		}
		b.send(revoke("x")).want(t, http.StatusOK, "")
	}
	for _, m := range []*message{exchange("x").asserted(b, app), push().asserted(b, app), revoke("x"), ask("/introspect", "x", "", "").asserted(b, app)} {
		b.send(m)
	}
	if size() != before {
		t.Error("above its ceiling it still leaves something in Redis")
	}

	// A code and its tokens are good even then, and an assertion that has shown one works once.
	again := func(used, m *message) *message {
		m.header.Del("Authorization")
		for _, name := range []string{"client_assertion", "client_assertion_type"} {
			m.form.Set(name, used.form.Get(name))
		}
		return m
	}
	begun := func() reply { return b.send(exchange(b.code(offline("keyed"))).asserted(b, app)) }
	login := exchange(b.code(of("keyed"))).asserted(b, app)
	b.send(login).want(t, http.StatusOK, "")
	b.send(again(login, exchange(b.code(of("keyed"))))).want(t, http.StatusUnauthorized, "invalid_client")
	one, two, three := begun(), begun(), begun()
	look := ask("/introspect", one.access(t), "", "").asserted(b, app)
	if told := b.send(look); told.json(t)["active"] != true {
		t.Errorf("/introspect: %s", told.body)
	}
	b.send(look).want(t, http.StatusUnauthorized, "invalid_client")
	for _, row := range [][2]string{{one.access(t), two.access(t)}, {two.refresh(t), three.refresh(t)}} {
		used := revoke(row[0])
		b.send(used).want(t, http.StatusOK, "")
		b.send(again(used, ask("/revoke", row[1], "", ""))).want(t, http.StatusUnauthorized, "invalid_client")
	}
	b.send(push().asserted(b, app)).want(t, http.StatusTooManyRequests, "temporarily_unavailable")
	b.Advance(time.Duration(seconds) * time.Second)
	b.send(push().asserted(b, app)).want(t, http.StatusCreated, "")
}

// The tokens of one login are refused when they come without end, and those of another are not.
func TestALoginThatIsUsedWithoutEnd(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t), lasting()...)
	h := b.holder()
	token := b.boundToken(h)
	for n := range 300 {
		if answer := b.send(h.userinfo(token)); answer.status != http.StatusOK {
			t.Fatalf("%d: %d %s", n+1, answer.status, answer.body)
		}
	}
	refused := b.send(h.userinfo(token))
	refused.want(t, http.StatusTooManyRequests, "temporarily_unavailable")
	if refused.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", refused.header.Get("Retry-After"))
	}
	b.send(h.userinfo(b.boundToken(h))).want(t, http.StatusOK, "")

	first, other := b.begun("lasting"), b.begun("lasting")
	newest := first
	for range 300 {
		newest = b.next(newest.refresh(t))
	}
	b.send(refreshing(newest.refresh(t))).want(t, http.StatusTooManyRequests, "temporarily_unavailable")
	b.next(other.refresh(t))
	for range 310 { // what leaves nothing is nobody's business
		b.send(bearer(newest.access(t))).want(t, http.StatusOK, "")
	}
	b.Advance(time.Second)
	b.next(newest.refresh(t))
}

// Whoever has got hold of a login's tokens, and uses them without end, does not keep the owner's
// older token, or the code once more, from ending them.
func TestWhoeverUsesALoginUpIsFoundOutAllTheSame(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t), lasting()...)
	first := b.begun("lasting")
	newest := b.next(first.refresh(t))
	for range 299 {
		newest = b.next(newest.refresh(t))
	}
	b.send(refreshing(newest.refresh(t))).want(t, http.StatusTooManyRequests, "temporarily_unavailable")
	b.send(refreshing(first.refresh(t))).want(t, http.StatusBadRequest, "invalid_grant")
	b.send(bearer(newest.access(t))).want(t, http.StatusUnauthorized, "invalid_token")
	b.Advance(time.Second)
	b.send(refreshing(newest.refresh(t))).want(t, http.StatusBadRequest, "invalid_grant")
}
