package provider_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/storage/storagetest"
)

// userinfo is the right request for a token that is bound to the holder's key (RFC 9449 §7.1).
func (h *holder) userinfo(token string, changes ...spoil) *message {
	h.t.Helper()
	return &message{
		method: http.MethodGet, path: "/userinfo", form: url.Values{}, query: url.Values{},
		header: http.Header{"Authorization": {"DPoP " + token}, "Dpop": {h.proof(http.MethodGet, "/userinfo", token, changes...)}},
	}
}

// token is an access token of web that is bound to the holder's key.
func (b *backchannel) boundToken(h *holder) string {
	b.t.Helper()
	answer := b.send(h.exchange(b.code()))
	answer.want(b.t, http.StatusOK, "")
	return answer.text(b.t, "access_token")
}

// RFC 9449 §7.1.
func TestDPoPUserinfo(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	h := b.holder()
	token := b.boundToken(h)
	for _, row := range []struct {
		name   string
		change func(*message)
	}{
		{"as it is", func(*message) {}},
		{"the scheme in lower case", func(m *message) { m.header.Set("Authorization", "dpop "+token) }},
		{"the scheme in any case", func(m *message) { m.header.Set("Authorization", "dPOp "+token) }},
		{"several spaces", func(m *message) { m.header.Set("Authorization", "DPoP   "+token) }},
		{"a query that the proof does not cover", func(m *message) { m.query.Set("schema", "openid") }},
		{"a POST", func(m *message) {
			m.method, m.form = "POST", nil
			m.header["Dpop"] = []string{h.proof("POST", "/userinfo", token)}
		}},
		{"§4.3: an htu with query and fragment", func(m *message) {
			m.header["Dpop"] = []string{h.proof("GET", "/userinfo?x=y#z", token)}
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := h.userinfo(token)
			row.change(m)
			answer := b.send(m)
			answer.want(t, http.StatusOK, "")
			if answer.text(t, "sub") != subject || answer.header.Get("DPoP-Nonce") == "" {
				t.Errorf("%v %s", answer.header, answer.body)
			}
		})
	}
	b.ResetRoundtrips()
	b.send(h.userinfo(token)).want(t, http.StatusOK, "")
	if n := b.Roundtrips(); n != 2 { // the token, and then that its proof was used
		t.Errorf("%d pipelines, want 2: %v", n, b.Commands())
	}
}

// RFC 9449 §7.1 and §7.2. Each row differs from a request that succeeds in one thing.
func TestDPoPUserinfoRefused(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	h, eve := b.holder(), b.holder()
	token, unbound := b.boundToken(h), b.accessToken()
	proof := func(method, path, of string, changes ...spoil) func(*message) {
		return func(m *message) { m.header["Dpop"] = []string{h.proof(method, path, of, changes...)} }
	}
	for _, row := range []struct {
		name  string
		spoil func(*message)
		code  string
	}{
		{"§7.2: the scheme Bearer, with a proof", func(m *message) { m.header.Set("Authorization", "Bearer "+token) }, "invalid_token"},
		{"§7.2: the scheme Bearer, without", func(m *message) { m.header = http.Header{"Authorization": {"Bearer " + token}} }, "invalid_token"},
		{"§7.1: in the form, with a proof", func(m *message) {
			m.method = "POST"
			m.form.Set("access_token", token)
			m.header = http.Header{"Dpop": {h.proof("POST", "/userinfo", token)}}
		}, "invalid_token"},
		{"§7.1: an unbound token", func(m *message) { *m = *h.userinfo(unbound) }, "invalid_token"},
		{"§7.1: no such token", func(m *message) { *m = *h.userinfo(strings.Repeat("A", 26) + "." + strings.Repeat("B", 26)) }, "invalid_token"},
		{"§7.1: words", func(m *message) { *m = *h.userinfo("words") }, "invalid_token"},
		{"§7.1: a proof by another key", func(m *message) { *m = *eve.userinfo(token) }, "invalid_token"},
		{"§7.1: no proof", func(m *message) { m.header.Del("DPoP") }, "invalid_dpop_proof"},
		{"§4.3: two proofs", func(m *message) { m.header["Dpop"] = append(m.header["Dpop"], m.header["Dpop"]...) }, "invalid_dpop_proof"},
		{"§4.3: no ath", proof("GET", "/userinfo", ""), "invalid_dpop_proof"},
		{"§4.3: the ath of another token", proof("GET", "/userinfo", unbound), "invalid_dpop_proof"},
		{"§4.3: a proof for a POST", proof("POST", "/userinfo", token), "invalid_dpop_proof"},
		{"§4.3: a proof for /token", proof("GET", "/token", token), "invalid_dpop_proof"},
		{"§4.3: a proof for another host", proof("GET", "/userinfo", token, put("htu", "https://rs.example/userinfo")), "invalid_dpop_proof"},
		{"§4.3: a proof of an hour ago", proof("GET", "/userinfo", token, put("iat", b.Now().Add(-time.Hour).Unix())), "invalid_dpop_proof"},
		{"§9: no nonce", proof("GET", "/userinfo", token, without("nonce")), "use_dpop_nonce"},
		{"§9: another nonce", proof("GET", "/userinfo", token, put("nonce", "x")), "use_dpop_nonce"},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := h.userinfo(token)
			row.spoil(m)
			answer := b.send(m)
			answer.want(t, http.StatusUnauthorized, row.code)
			challenges := answer.header.Values("WWW-Authenticate")
			const dpop = `DPoP algs="RS256 PS256 ES256 EdDSA"`
			failed := `, error="` + row.code + `", error_description="`
			if strings.HasPrefix(m.header.Get("Authorization"), "DPoP ") {
				if len(challenges) != 1 || !strings.HasPrefix(challenges[0], dpop+failed) || answer.header.Get("DPoP-Nonce") == "" {
					t.Errorf("challenges %q", challenges)
				}
			} else if len(challenges) != 2 || !strings.HasPrefix(challenges[0], `Bearer realm="`+b.issuer+`"`+failed) || challenges[1] != dpop {
				t.Errorf("challenges %q", challenges)
			}
		})
	}
	b.send(h.userinfo(token)).want(t, http.StatusOK, "")
	for want, m := range map[string]*message{"bring it in the scheme DPoP": bearer(token), "bring it in the scheme Bearer": h.userinfo(unbound)} {
		if told := b.send(m).text(t, "error_description"); !strings.Contains(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
	}
	bare := b.send(h.userinfo(""))
	bare.want(t, http.StatusUnauthorized, "")
	if challenges := bare.header.Values("WWW-Authenticate"); len(challenges) != 1 || challenges[0] != `DPoP algs="RS256 PS256 ES256 EdDSA"` || bare.body != "" {
		t.Errorf("RFC 6750 §3.1: the scheme alone: %q %s", challenges, bare.body)
	}
	neither := b.send(get("/userinfo"))
	if challenges := neither.header.Values("WWW-Authenticate"); len(challenges) != 2 || !strings.HasPrefix(challenges[1], "DPoP algs=") {
		t.Errorf("§7.1: nothing at all: %q", challenges)
	}
	if log := b.log.String(); strings.Contains(log, "eyJ") || strings.Contains(log, h.nonce) || strings.Contains(log, token) {
		t.Error("a proof, a nonce or a token is in the log")
	}
}

// RFC 9449 §11.1: ten at once with one proof, and later ones.
func TestDPoPUserinfoReplayed(t *testing.T) {
	b := newBackchannel(t, storagetest.Real(t))
	h := b.holder()
	m := h.userinfo(b.boundToken(h))
	answers := make([]reply, 10)
	var wait sync.WaitGroup
	for i := range answers {
		wait.Go(func() { answers[i] = b.send(m) })
	}
	wait.Wait()
	let := 0
	for _, answer := range append(answers, b.send(m)) {
		if answer.status == http.StatusOK {
			let++
			continue
		}
		answer.want(t, http.StatusUnauthorized, "invalid_dpop_proof")
	}
	if let != 1 {
		t.Errorf("%d got through", let)
	}
}

// A proof is remembered for as long as it could be brought again.
func TestDPoPProofIsRemembered(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	h := b.holder()
	token := b.boundToken(h)
	ahead := put("iat", b.Now().Add(10*time.Second).Unix())
	m := h.userinfo(token, ahead)
	b.send(m).want(t, http.StatusOK, "")
	for range 24 {
		b.Advance(10 * time.Second)
		if answer := b.send(m); answer.status == http.StatusOK {
			t.Fatalf("accepted again, at %s", b.Now())
		}
	}
	b.Advance(20 * time.Second)
	for key := range b.Dump() {
		if strings.Contains(key, "proof:") {
			t.Errorf("%s is remembered longer", key)
		}
	}
}

// FAPI 2.0 Security Profile §5.4.1: RS256 is refused here too, though the key is the token's.
func TestDPoPUserinfoAlgorithms(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t), binders()...)
	nonce := b.holder().nonce
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	proof := func(alg jose.SignatureAlgorithm, method, path, token string) string {
		sum := sha256.Sum256([]byte(token))
		return signedBy(t, alg, key, (&jose.SignerOptions{EmbedJWK: true}).WithType("dpop+jwt"), map[string]any{
			"jti": rand.Text(), "htm": method, "htu": b.issuer + path, "iat": b.Now().Unix(), "nonce": nonce,
			"ath": base64.RawURLEncoding.EncodeToString(sum[:]),
		})
	}
	for id, strict := range map[string]bool{"fapi": true, "spa": false} {
		m := exchange(b.code(of(id))).as(id)
		m.header["Dpop"] = []string{proof(jose.PS256, "POST", "/token", "")}
		answer := b.send(m)
		answer.want(t, http.StatusOK, "")
		token := answer.text(t, "access_token")
		for alg, status := range map[jose.SignatureAlgorithm]int{jose.PS256: 200, jose.RS256: map[bool]int{true: 401, false: 200}[strict]} {
			m := bearer(token)
			m.header = http.Header{"Authorization": {"DPoP " + token}, "Dpop": {proof(alg, "GET", "/userinfo", token)}}
			if answer := b.send(m); answer.status != status {
				t.Errorf("%s %s: %d %s", id, alg, answer.status, answer.body)
			}
		}
	}
}
