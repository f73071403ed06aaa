package provider_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/grant"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

// signing are clients whose userinfo is signed, each by another algorithm.
func signing(algorithms ...keys.Algorithm) []client.Client {
	var all []client.Client
	for _, algorithm := range algorithms {
		c := clientNamed(string(algorithm), client.None)
		c.UserinfoAlg = algorithm
		all = append(all, c)
	}
	return all
}

// described are the tokens of a login of a client without a secret.
func (b *backchannel) described(id string) reply {
	b.t.Helper()
	m := exchange(b.code(func(g *grant.Grant) { g.ClientID = id }))
	m.header.Del("Authorization")
	m.form.Set("client_id", id)
	answer := b.send(m)
	answer.want(b.t, http.StatusOK, "")
	return answer
}

// OpenID Connect Core §5.3.2, as coreos/go-oidc sees it.
func TestSignedUserinfo(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t), signing(algorithms()...)...)
	found, err := oidc.NewProvider(t.Context(), b.issuer)
	if err != nil {
		t.Fatal(err)
	}
	for _, algorithm := range algorithms() {
		t.Run(string(algorithm), func(t *testing.T) {
			token := b.described(string(algorithm)).access(t)
			b.Advance(time.Second)
			answer := b.send(bearer(token))
			answer.want(t, http.StatusOK, "")
			if answer.header.Get("Content-Type") != "application/jwt" || answer.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%v", answer.header)
			}
			if header := headerOf(t, answer.body); header["alg"] != string(algorithm) || header["typ"] != "JWT" || header["kid"] == nil {
				t.Errorf("header: %v", header)
			}
			same(t, payloadOf(t, answer.body), map[string]any{
				"iss": b.issuer, "aud": string(algorithm), "sub": subject, "iat": float64(b.Now().Unix()),
				"name": "Lucas Maes", "email": "lucas.maes@example.com", "email_verified": false, "address": map[string]any{"country": "BE"},
			})
			checker := found.VerifierContext(context.Background(), &oidc.Config{
				ClientID: string(algorithm), Now: b.Now, SkipExpiryCheck: true, SupportedSigningAlgs: []string{string(algorithm)},
			})
			if _, err := checker.Verify(t.Context(), answer.body); err != nil {
				t.Error(err)
			}
		})
	}
}

// Errors are told as they always are, and a key that is not there is our fault.
func TestSignedUserinfoRefusals(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t), signing(keys.ES256, keys.PS256)...)
	b.send(bearer("words")).want(t, http.StatusUnauthorized, "invalid_token")
	answer := b.send(bearer(b.described("PS256").access(t)))
	answer.want(t, http.StatusInternalServerError, "server_error")
	if len(answer.json(t)) != 2 || answer.header.Get("Content-Type") != "application/json" {
		t.Errorf("%v %s", answer.header, answer.body)
	}
}

// RFC 8725 §2.8: userinfo that is signed is no ID token: a client that checks an
// ID token refuses it, and so do we, as a hint.
func TestSignedUserinfoIsNoIDToken(t *testing.T) {
	s := With(t, Options{App: func(c *client.Client) { c.UserinfoAlg = keys.RS256 }})
	token, _ := s.Exchange(s.Login(nil).Get("code"), nil).JSON()["access_token"].(string)
	told := s.UserInfo(token)
	if strings.Count(told.Body, ".") != 2 {
		t.Fatalf("no JWT: %d %s", told.Status, told.Body)
	}
	found, err := oidc.NewProvider(t.Context(), s.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := found.Verifier(&oidc.Config{ClientID: App, Now: s.Now}).Verify(t.Context(), told.Body); err == nil {
		t.Error("it passes for an ID token")
	}
	started := s.Sandbox.Starts()
	_, got := responseOf(t, s.Browser().Authorize(func(v url.Values) { v.Set("id_token_hint", told.Body) }))
	if got.Get("error") != "invalid_request" || s.Sandbox.Starts() != started {
		t.Errorf("it passes for an id_token_hint: %v", got)
	}
}
