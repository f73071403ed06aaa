package provider_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/grant"
	"itsme-bridge/storage/storagetest"
)

// holder is whoever has a DPoP key, and the nonce that it was given last.
type holder struct {
	party
	t      testing.TB
	issuer string
	now    func() time.Time
	nonce  string
}

type spoil func(header, claims map[string]any)

func newHolder(t testing.TB, issuer string, now func() time.Time) *holder {
	t.Helper()
	return &holder{party: newParty(t, ""), t: t, issuer: issuer, now: now}
}

func (b *backchannel) holder() *holder {
	h := newHolder(b.t, b.issuer, b.Now)
	first := b.send(h.exchange("x"))
	first.want(b.t, http.StatusBadRequest, "use_dpop_nonce")
	if h.nonce = first.header.Get("DPoP-Nonce"); h.nonce == "" {
		b.t.Fatal("RFC 9449 §8: there is no nonce")
	}
	return h
}

// jwk is a public key as a JSON object.
func jwk(t testing.TB, key any) map[string]any {
	t.Helper()
	text, err := json.Marshal(jose.JSONWebKey{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatal(err)
	}
	return object
}

// jkt is the thumbprint of the holder's key (RFC 7638), made without the library: the members in order.
func (h *holder) jkt() string {
	key := jwk(h.t, h.private.Public())
	members, err := json.Marshal(map[string]any{"crv": key["crv"], "kty": key["kty"], "x": key["x"], "y": key["y"]})
	if err != nil {
		h.t.Fatal(err)
	}
	return challenge(string(members))
}

// proof is one with which nothing is wrong, but for the changes (RFC 9449 §4.2).
func (h *holder) proof(method, path, token string, changes ...spoil) string {
	h.t.Helper()
	header := map[string]any{"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk(h.t, h.private.Public())}
	claims := map[string]any{"jti": rand.Text(), "htm": method, "htu": h.issuer + path, "iat": h.now().Unix()}
	if h.nonce != "" {
		claims["nonce"] = h.nonce
	}
	if token != "" {
		sum := sha256.Sum256([]byte(token))
		claims["ath"] = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	for _, change := range changes {
		change(header, claims)
	}
	return h.compact(h.t, header, claims)
}

// exchange is the right token request for a code of web, with a proof.
func (h *holder) exchange(code string, changes ...spoil) *message {
	h.t.Helper()
	m := exchange(code)
	m.header["Dpop"] = []string{h.proof(http.MethodPost, "/token", "", changes...)}
	return m
}

// as sends it as a public client instead of web.
func (m *message) as(id string) *message {
	m.header.Del("Authorization")
	m.form.Set("client_id", id)
	return m
}

func put(name string, value any) spoil {
	return func(_, claims map[string]any) { claims[name] = value }
}

func without(name string) spoil { return func(_, claims map[string]any) { delete(claims, name) } }

func head(name string, value any) spoil {
	return func(header, _ map[string]any) { header[name] = value }
}

// of is a code of another client.
func of(id string) func(*grant.Grant) { return func(g *grant.Grant) { g.ClientID = id } }

// binders are the confederates, and clients that must bind their tokens.
func binders() []client.Client {
	must, fapi := clientNamed("must", client.None), clientNamed("fapi", client.None)
	must.RequireDPoP, fapi.FAPI2 = true, true
	return append(confederates(), must, fapi)
}

// RFC 9449 §5: any client may bind its tokens to a key, and some must.
func TestDPoPTokens(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t), binders()...)
	h := b.holder()
	for _, row := range []struct {
		client string
		send   func(code string) *message
	}{
		{"web", func(code string) *message { return h.exchange(code) }},
		{"spa", func(code string) *message { return h.exchange(code).as("spa") }},
		{"must", func(code string) *message { return h.exchange(code).as("must") }},
		{"fapi", func(code string) *message { return h.exchange(code).as("fapi") }},
	} {
		t.Run(row.client, func(t *testing.T) {
			answer := b.send(row.send(b.code(of(row.client))))
			answer.want(t, http.StatusOK, "")
			if got := answer.text(t, "token_type"); got != "DPoP" {
				t.Errorf("token_type %q", got)
			}
			if answer.header.Get("DPoP-Nonce") == "" || answer.header.Get("Cache-Control") != "no-store" {
				t.Errorf("§8.2: %v", answer.header)
			}
			token := answer.text(t, "access_token")
			b.send(h.userinfo(token)).want(t, http.StatusOK, "")
			told := b.send(ask("/introspect", token, "monitor", "monitor-secret")).json(t)
			if cnf, _ := told["cnf"].(map[string]any); told["token_type"] != "DPoP" || cnf["jkt"] != h.jkt() || len(cnf) != 1 {
				t.Errorf("§6.2: %v", told)
			}
		})
	}
	for _, id := range []string{"must", "fapi"} {
		code := b.code(of(id))
		answer := b.send(exchange(code).as(id))
		answer.want(t, http.StatusBadRequest, "invalid_dpop_proof")
		if answer.header.Get("DPoP-Nonce") == "" {
			t.Errorf("%s: §8: there is no nonce", id)
		}
		b.send(h.exchange(code).as(id)).want(t, http.StatusOK, "")
	}
	elsewhere := ask("/revoke", "x", "web", webSecret)
	elsewhere.header.Set("DPoP", "no proof")
	b.send(elsewhere).want(t, http.StatusOK, "") // where it would bind nothing, it is nobody's business
	if answer := b.send(exchange(b.code())); answer.text(t, "token_type") != "Bearer" || answer.header.Get("DPoP-Nonce") != "" {
		t.Errorf("without a proof: %v %s", answer.header, answer.body)
	}
}

// RFC 9449 §4.3, by its numbers. Each row differs from a request that succeeds
// in one thing, and the code stays good.
func TestDPoPProofRefused(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t), binders()...)
	h, other := b.holder(), newParty(t, "")
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rs256 := func(alg jose.SignatureAlgorithm) string {
		return signedBy(t, alg, rsaKey, (&jose.SignerOptions{EmbedJWK: true}).WithType("dpop+jwt"), map[string]any{
			"jti": rand.Text(), "htm": "POST", "htu": b.issuer + "/token", "iat": b.Now().Unix(), "nonce": h.nonce,
		})
	}
	hmac := signedBy(t, jose.HS256, []byte(webSecret), (&jose.SignerOptions{}).WithType("dpop+jwt").
		WithHeader("jwk", map[string]any{"kty": "oct", "k": base64.RawURLEncoding.EncodeToString([]byte(webSecret))}),
		map[string]any{"jti": "1", "htm": "POST", "htu": b.issuer + "/token", "iat": b.Now().Unix(), "nonce": h.nonce})
	stray := h.proof(http.MethodPost, "/token", "")
	proof := func(changes ...spoil) []string { return []string{h.proof(http.MethodPost, "/token", "", changes...)} }
	elsewhere := strings.Replace(b.issuer, "127.0.0.1", "localhost", 1)
	past, future := b.Now().Add(-time.Hour).Unix(), b.Now().Add(time.Minute).Unix()
	code := b.code(of("fapi"))
	for _, row := range []struct {
		name  string
		proof []string
		code  string
	}{
		{"1: two headers", []string{stray, stray}, "invalid_dpop_proof"},
		{"1: two in one header", []string{stray + ", " + stray}, "invalid_dpop_proof"},
		{"2: no JWT", []string{"e30.e30"}, "invalid_dpop_proof"},
		{"2: nothing", []string{""}, "invalid_dpop_proof"},
		{"3: no jti", proof(without("jti")), "invalid_dpop_proof"},
		{"3: no htm", proof(without("htm")), "invalid_dpop_proof"},
		{"3: no htu", proof(without("htu")), "invalid_dpop_proof"},
		{"3: no iat", proof(without("iat")), "invalid_dpop_proof"},
		{"4: another typ", proof(head("typ", "JWT")), "invalid_dpop_proof"},
		{"5: alg none", []string{unsigned(t, map[string]any{"jti": "1"})}, "invalid_dpop_proof"},
		{"5: a symmetric key", []string{hmac}, "invalid_dpop_proof"},
		{"5: RS256, under FAPI 2.0 §5.4.1", []string{rs256(jose.RS256)}, "invalid_dpop_proof"},
		{"6: a signature by another key", proof(head("jwk", jwk(t, other.private.Public()))), "invalid_dpop_proof"},
		{"7: a private key", proof(head("jwk", jwk(t, h.private))), "invalid_dpop_proof"},
		{"8: another method", proof(put("htm", "GET")), "invalid_dpop_proof"},
		{"9: another endpoint", proof(put("htu", b.issuer+"/userinfo")), "invalid_dpop_proof"},
		{"9: another host", proof(put("htu", elsewhere+"/token")), "invalid_dpop_proof"},
		{"9: https instead of http", proof(put("htu", strings.Replace(b.issuer, "http:", "https:", 1)+"/token")), "invalid_dpop_proof"},
		{"9: without the issuer's path", proof(put("htu", strings.TrimSuffix(b.issuer, "/some/path")+"/token")), "invalid_dpop_proof"},
		{"10: no nonce", proof(without("nonce")), "use_dpop_nonce"},
		{"10: an empty nonce", proof(put("nonce", "")), "use_dpop_nonce"},
		{"10: another nonce", proof(put("nonce", strings.Repeat("A", len(h.nonce)))), "use_dpop_nonce"},
		{"10: a nonce that is no text", proof(put("nonce", 1)), "invalid_dpop_proof"},
		{"11: iat an hour ago", proof(put("iat", past)), "invalid_dpop_proof"},
		{"11: iat in a minute", proof(put("iat", future)), "invalid_dpop_proof"},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := exchange(code).as("fapi")
			m.header["Dpop"] = row.proof
			before := len(b.Dump())
			answer := b.send(m)
			answer.want(t, http.StatusBadRequest, row.code)
			if answer.header.Get("DPoP-Nonce") == "" || answer.header.Get("Cache-Control") != "no-store" {
				t.Errorf("§8: %v", answer.header)
			}
			if len(b.Dump()) != before {
				t.Error("what is refused is remembered")
			}
		})
	}
	m := exchange(b.code())
	m.header["Dpop"] = []string{rs256(jose.RS256)}
	b.send(m).want(t, http.StatusOK, "") // where FAPI 2.0 does not forbid it
	m = exchange(code).as("fapi")
	m.header["Dpop"] = []string{rs256(jose.PS256)}
	b.send(m).want(t, http.StatusOK, "")
	if log := b.log.String(); strings.Contains(log, "eyJ") || strings.Contains(log, h.nonce) {
		t.Error("a proof or a nonce is in the log")
	}
}

// RFC 9449 §11.1: a proof works once, and using it again does not cost the code.
func TestDPoPProofReplayed(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t), binders()...)
	h := b.holder()
	same := put("jti", "the same")
	used := h.exchange("x", same)
	b.send(used).want(t, http.StatusBadRequest, "invalid_grant")
	code := b.code()
	again := exchange(code)
	again.header["Dpop"] = used.header["Dpop"]
	answer := b.send(again)
	answer.want(t, http.StatusBadRequest, "invalid_dpop_proof")
	if got := answer.text(t, "error_description"); got != "The DPoP proof was used before." {
		t.Error(got)
	}
	b.send(h.exchange(code, same)).want(t, http.StatusBadRequest, "invalid_dpop_proof")
	b.Advance(40 * time.Second)
	b.send(again).want(t, http.StatusBadRequest, "invalid_dpop_proof")

	eve := b.holder()
	eve.nonce = h.nonce
	b.send(eve.exchange("x", same)).want(t, http.StatusBadRequest, "invalid_grant") // a jti is its key's own
	answer = b.send(h.exchange(code))
	answer.want(t, http.StatusOK, "")
	b.send(h.userinfo(answer.text(t, "access_token"), same)).want(t, http.StatusOK, "") // and its endpoint's
}

// Ten at once with one proof and one code: one gets the tokens, and nobody has
// used the code twice.
func TestDPoPProofTenTimesAtOnce(t *testing.T) {
	b := newBackchannel(t, storagetest.Real(t), binders()...)
	h := b.holder()
	m := h.exchange(b.code())
	answers := make([]reply, 10)
	var wait sync.WaitGroup
	for i := range answers {
		wait.Go(func() { answers[i] = b.send(m) })
	}
	wait.Wait()
	slices.SortFunc(answers, func(a, b reply) int { return a.status - b.status })
	token := answers[0].text(t, "access_token")
	for _, refused := range answers[1:] {
		refused.want(t, http.StatusBadRequest, "invalid_dpop_proof")
	}
	b.send(h.userinfo(token)).want(t, http.StatusOK, "")
}

// While nobody knows what was used before, nothing is accepted, and nothing is lost.
func TestDPoPWithoutRedis(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	h := b.holder()
	code := b.code()
	b.Faults().Down()
	b.send(h.exchange(code)).want(t, http.StatusServiceUnavailable, "temporarily_unavailable")
	b.Faults().Up()
	b.send(h.exchange(code)).want(t, http.StatusOK, "")
}

// RFC 9449 §10: a code that is bound to a key is good with its proof alone.
func TestDPoPCode(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	h, eve := b.holder(), b.holder()
	bound := func(g *grant.Grant) { g.DPoPKey = h.jkt() }
	b.send(h.exchange(b.code(bound))).want(t, http.StatusOK, "")
	for name, m := range map[string]*message{"another key": eve.exchange(b.code(bound)), "no proof": exchange(b.code(bound))} {
		t.Run(name, func(t *testing.T) { b.send(m).want(t, http.StatusBadRequest, "invalid_grant") })
	}
}

// RFC 9449 §8: a nonce is good on every replica, for two minutes at least and four at most.
func TestDPoPNonce(t *testing.T) {
	world := storagetest.New(t)
	b, replica, stranger := newBackchannel(t, world), newBackchannel(t, world), newBackchannel(t, storagetest.New(t))
	left := time.Duration(120-b.Now().Unix()%120) * time.Second
	try := func(nonce string) string {
		h := newHolder(t, b.issuer, b.Now)
		h.nonce = nonce
		return b.send(h.exchange("x")).text(t, "error")
	}
	mine, theirs := b.holder().nonce, replica.holder().nonce
	if mine != theirs || try(theirs) != "invalid_grant" {
		t.Error("a replica's nonce is refused")
	}
	if got := try(stranger.holder().nonce); got != "use_dpop_nonce" {
		t.Errorf("another deployment's: %s", got)
	}
	replica.skew.Store(int64(4 * time.Minute))
	if got := try(replica.holder().nonce); got != "use_dpop_nonce" {
		t.Errorf("one of the future: %s", got)
	}
	b.Advance(left + 2*time.Minute - time.Second)
	if got := try(mine); got != "invalid_grant" {
		t.Errorf("in the window after its own: %s", got)
	}
	if fresh := b.holder().nonce; fresh == mine {
		t.Error("the next nonce is the same")
	}
	b.Advance(time.Second)
	if got := try(mine); got != "use_dpop_nonce" {
		t.Errorf("after that: %s", got)
	}
	b.Advance(2*time.Minute - 5*time.Second)
	replica.skew.Store(int64(10 * time.Second))
	mine, theirs = b.holder().nonce, replica.holder().nonce
	if mine == theirs || try(mine) != "invalid_grant" || try(theirs) != "invalid_grant" {
		t.Error("ours, or that of a replica whose clock is a little ahead, is refused")
	}
}

// A page of its own may do all this (Fetch §3.2).
func TestDPoPFromAScript(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	h := b.holder()
	h.nonce = ""
	for _, m := range []*message{h.exchange(b.code(of("spa"))).as("spa"), h.userinfo("x")} {
		m.header.Set("Origin", "https://spa.example")
		answer := b.send(m)
		exposed := answer.header.Get("Access-Control-Expose-Headers")
		if answer.header.Get("DPoP-Nonce") == "" || !strings.Contains(exposed, "DPoP-Nonce") || !strings.Contains(exposed, "WWW-Authenticate") {
			t.Errorf("%s: %v", m.path, answer.header)
		}
	}
}
