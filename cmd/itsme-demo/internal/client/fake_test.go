package client_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"
)

// bridge is an issuer whose answers a test can bend.
type bridge struct {
	URL    string
	key    *rsa.PrivateKey
	now    func() time.Time
	codes  []string   // that were exchanged
	forms  url.Values // of the last token request
	nonce  string     // of the login that is on its way
	bend   func(idToken map[string]any)
	token  func(http.ResponseWriter) bool // answers instead
	claims map[string]any                 // of userinfo
	server *httptest.Server
}

const (
	clientID     = "demo"
	clientSecret = "a secret of the demo client, long"
	accessToken  = "an-access-token-that-nobody-may-read"
)

// ownKey is the key of every bridge. Making one takes longer than all else in these tests.
var ownKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func newBridge(t *testing.T, now func() time.Time) *bridge {
	t.Helper()
	key, err := ownKey()
	if err != nil {
		t.Fatal(err)
	}
	b := &bridge{key: key, now: now, claims: map[string]any{
		"sub": "person-1", "given_name": "Lucas", "name": "Lucas <Maes>", "email": "lucas@example.com", "email_verified": false,
		"address": map[string]any{"formatted": "Rue Neuve 1\n1000 Bruxelles"},
	}}
	keys := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "k1", Algorithm: oidc.RS256}}}
	mux := http.NewServeMux()
	mux.Handle("GET /keys", keys)
	mux.HandleFunc("GET /.well-known/openid-configuration", b.discovery)
	mux.HandleFunc("POST /token", b.tokens)
	mux.HandleFunc("GET /userinfo", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+accessToken {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		answer(w, b.claims)
	})
	b.server = httptest.NewServer(mux)
	t.Cleanup(b.server.Close)
	b.URL = b.server.URL
	keys.SetIssuer(b.URL)
	return b
}

func (b *bridge) discovery(w http.ResponseWriter, _ *http.Request) {
	answer(w, map[string]any{
		"issuer": b.URL, "authorization_endpoint": b.URL + "/authorize", "token_endpoint": b.URL + "/token",
		"userinfo_endpoint": b.URL + "/userinfo", "jwks_uri": b.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"RS256"},
	})
}

func (b *bridge) tokens(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	id, _ = url.QueryUnescape(id)
	secret, _ = url.QueryUnescape(secret)
	if err := r.ParseForm(); err != nil || id != clientID || secret != clientSecret {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	b.codes, b.forms = append(b.codes, r.PostForm.Get("code")), r.PostForm
	if b.token != nil && b.token(w) {
		return
	}
	claims := map[string]any{
		"iss": b.URL, "aud": clientID, "sub": "person-1", "nonce": b.nonce,
		"iat": b.now().Unix(), "exp": b.now().Add(time.Minute).Unix(),
	}
	if b.bend != nil {
		b.bend(claims)
	}
	payload, _ := json.Marshal(claims) // of strings and numbers
	answer(w, map[string]any{
		"access_token": accessToken, "token_type": "Bearer", "expires_in": 300,
		"id_token": oidctest.SignIDToken(b.key, "k1", oidc.RS256, string(payload)),
	})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
