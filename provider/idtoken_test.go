package provider_test

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/grant"
	"itsme-bridge/storage/storagetest"
)

// verified checks an ID token with somebody else's code, found by discovery.
func (b *backchannel) verified(t *testing.T, raw string) *oidc.IDToken {
	t.Helper()
	found, err := oidc.NewProvider(t.Context(), b.issuer)
	if err != nil {
		t.Fatal(err)
	}
	token, err := found.VerifierContext(context.Background(), &oidc.Config{ClientID: "web", Now: b.Now}).Verify(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// OpenID Connect Core §2 and §3.1.3.7, as coreos/go-oidc sees it.
func TestIDToken(t *testing.T) {
	edwards := clientNamed("edwards", client.None)
	edwards.SigningAlg = keys.EdDSA
	b := newBackchannel(t, storagetest.New(t), append(confederates(), edwards)...)
	for _, algorithm := range algorithms() {
		t.Run(string(algorithm), func(t *testing.T) {
			authTime := b.Now().Add(-30 * time.Second)
			answer := b.send(exchange(b.code(func(g *grant.Grant) {
				g.SigningAlg, g.ACR, g.AMR = algorithm, "http://example.org/loa", []string{"mfa", "hwk"}
			})))
			answer.want(t, http.StatusOK, "")
			token := b.verified(t, answer.text(t, "id_token"))
			if token.Subject != subject || token.Nonce != "a-nonce" {
				t.Errorf("sub %q, nonce %q", token.Subject, token.Nonce)
			}
			if err := token.VerifyAccessToken(answer.text(t, "access_token")); err != nil {
				t.Error(err)
			}
			var claims map[string]any
			if err := token.Claims(&claims); err != nil {
				t.Fatal(err)
			}
			want := map[string]any{
				"iss": b.issuer, "sub": subject, "aud": "web", "nonce": "a-nonce",
				"iat": float64(b.Now().Unix()), "exp": float64(b.Now().Add(4 * time.Minute).Unix()), "auth_time": float64(authTime.Unix()),
				"at_hash": halfHash(algorithm, answer.text(t, "access_token")),
				"acr":     "http://example.org/loa", "amr": []any{"mfa", "hwk"},
			}
			same(t, claims, want)
			header := headerOf(t, answer.text(t, "id_token"))
			if header["alg"] != string(algorithm) || header["typ"] != "JWT" || header["kid"] == nil {
				t.Errorf("header: %v", header)
			}
		})
	}
}

// halfHash is at_hash and c_hash (OpenID Connect Core §3.1.3.6). That of EdDSA is SHA-512, as Ed25519 uses.
func halfHash(algorithm keys.Algorithm, text string) string {
	if algorithm == keys.EdDSA {
		sum := sha512.Sum512([]byte(text))
		return base64.RawURLEncoding.EncodeToString(sum[:32])
	}
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// A key that is not there is our fault, and says nothing to the world.
func TestIDTokenWithoutAKey(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	for _, algorithm := range []keys.Algorithm{"PS256", "none", ""} {
		answer := b.send(exchange(b.code(func(g *grant.Grant) { g.SigningAlg = algorithm })))
		answer.want(t, http.StatusInternalServerError, "server_error")
		if len(answer.json(t)) != 2 {
			t.Errorf("%q: %s", algorithm, answer.body)
		}
	}
}

// What nobody knows is not there, and what nobody allowed is not either.
func TestIDTokenMembers(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	always := []string{"at_hash", "aud", "auth_time", "exp", "iat", "iss", "sub"}
	for _, row := range []struct {
		name   string
		change func(*grant.Grant)
		more   []string
	}{
		{"without nonce, acr, amr", func(*grant.Grant) {}, nil},
		{"OpenID Connect Core §5.4: no claims beside an access token", func(g *grant.Grant) { g.Nonce = "n" }, []string{"nonce"}},
		{"claims where the client's entry says so", func(g *grant.Grant) { g.IDTokenClaims = g.Claims }, []string{"address", "email", "email_verified", "name"}},
		{"no claims are known", func(g *grant.Grant) { g.IDTokenClaims, g.Claims = nil, nil }, nil},
		{"no claims are there", func(g *grant.Grant) { g.IDTokenClaims = json.RawMessage(`{}`) }, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			answer := b.send(exchange(b.code(func(g *grant.Grant) { g.Nonce = "" }, row.change)))
			answer.want(t, http.StatusOK, "")
			var claims map[string]any
			if err := b.verified(t, answer.text(t, "id_token")).Claims(&claims); err != nil {
				t.Fatal(err)
			}
			want := append(slices.Clone(always), row.more...)
			slices.Sort(want)
			if got := slices.Sorted(maps.Keys(claims)); !slices.Equal(got, want) {
				t.Errorf("members %v, want %v", got, want)
			}
			if verified, there := claims["email_verified"]; there && verified != false {
				t.Errorf("email_verified is %v, want false", verified)
			}
		})
	}
}

func same(t *testing.T, got, want map[string]any) {
	t.Helper()
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	if string(g) != string(w) {
		t.Errorf("got  %s\nwant %s", g, w)
	}
}

func headerOf(t *testing.T, compact string) map[string]any {
	t.Helper()
	first, _, _ := strings.Cut(compact, ".")
	decoded, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil {
		t.Fatal(err)
	}
	var header map[string]any
	if err := json.Unmarshal(decoded, &header); err != nil {
		t.Fatal(err)
	}
	return header
}
