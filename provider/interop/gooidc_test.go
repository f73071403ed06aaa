package interop_test

import (
	"context"
	"crypto/rand"
	"net/url"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"golang.org/x/oauth2"

	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// application is one that uses coreos/go-oidc, from its discovery on.
type application struct {
	t        *testing.T
	s        *Server
	provider *oidc.Provider
	config   oauth2.Config
}

func newApplication(t *testing.T, s *Server, id string, more ...string) *application {
	t.Helper()
	found, err := oidc.NewProvider(context.Background(), s.Issuer) // the context of its key set, too
	if err != nil {
		t.Fatal(err)
	}
	return &application{t, s, found, oauth2.Config{
		ClientID: id, ClientSecret: AppSecret, Endpoint: found.Endpoint(), RedirectURL: Callback,
		Scopes: append([]string{oidc.ScopeOpenID, "profile", "email"}, more...),
	}}
}

// login goes the whole way of a code, and checks what the library leaves to its user.
func (a *application) login() (*oauth2.Token, *oidc.IDToken) {
	a.t.Helper()
	verifier, state, nonce := oauth2.GenerateVerifier(), rand.Text(), rand.Text()
	to, _, _ := walk(a.t, a.s.Browser(), a.config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier), oidc.Nonce(nonce)))
	back, err := url.Parse(to)
	if err != nil {
		a.t.Fatal(err)
	}
	if back.Query().Get("state") != state || back.Query().Get("iss") != a.s.Issuer {
		a.t.Fatalf("state or iss (RFC 9207) is another: %s", to)
	}
	token, err := a.config.Exchange(a.t.Context(), back.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		a.t.Fatal(err)
	}
	idToken := a.verify(token)
	if idToken.Nonce != nonce {
		a.t.Errorf("nonce %q, want %q", idToken.Nonce, nonce)
	}
	return token, idToken
}

// verify checks an ID token, and that it belongs to its access token (OpenID Connect Core §3.1.3.7, §3.1.3.8).
func (a *application) verify(token *oauth2.Token) *oidc.IDToken {
	a.t.Helper()
	raw, _ := token.Extra("id_token").(string)
	idToken, err := a.provider.Verifier(&oidc.Config{ClientID: a.config.ClientID}).Verify(a.t.Context(), raw)
	if err != nil {
		a.t.Fatal(err)
	}
	if err := idToken.VerifyAccessToken(token.AccessToken); err != nil {
		a.t.Error(err)
	}
	return idToken
}

// greet asks who the person is (OpenID Connect Core §5.3.4).
func (a *application) greet(token *oauth2.Token, idToken *oidc.IDToken) {
	a.t.Helper()
	info, err := a.provider.UserInfo(a.t.Context(), a.config.TokenSource(a.t.Context(), token))
	if err != nil {
		a.t.Fatal(err)
	}
	if info.Subject != idToken.Subject || info.Email != email() || info.EmailVerified {
		a.t.Errorf("sub %q, want %q; email %q, verified: %t", info.Subject, idToken.Subject, info.Email, info.EmailVerified)
	}
}

func TestGoOIDC(t *testing.T) {
	rows := []struct {
		name   string
		change func(*client.Client)
	}{
		{"client_secret_basic", nil},
		{"client_secret_post", posts}, // oauth2 finds out by itself
		{"ID token by ES256", func(c *client.Client) { c.SigningAlg = keys.ES256 }},
		{"signed userinfo", func(c *client.Client) { c.UserinfoAlg = keys.RS256 }},
	}
	var clients []client.Client
	for _, row := range rows {
		clients = append(clients, clientNamed(row.name, row.change))
	}
	s := serve(t, clients...)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			a := newApplication(t, s, row.name)
			a.greet(a.login())
		})
	}
}

// RFC 6749 §6, OpenID Connect Core §12, as golang.org/x/oauth2 does it: by itself, when the access token has expired.
func TestGoOIDCRefresh(t *testing.T) {
	s := serve(t, clientNamed("refreshing", func(c *client.Client) { c.Scopes = append(c.Scopes, oidc.ScopeOfflineAccess) }))
	a := newApplication(t, s, "refreshing", oidc.ScopeOfflineAccess)
	first, before := a.login()
	expired := *first
	expired.Expiry = time.Now().Add(-time.Second)
	second, err := a.config.TokenSource(t.Context(), &expired).Token()
	if err != nil {
		t.Fatal(err)
	}
	if second.AccessToken == first.AccessToken {
		t.Error("the access token is the same")
	}
	after := a.verify(second)
	if after.Subject != before.Subject {
		t.Errorf("sub %q, want %q", after.Subject, before.Subject)
	}
	a.greet(second, after)
}

// Promise 6: who has the old keys meets the new one without noticing, and an
// application that begins today can check what was signed yesterday.
func TestGoOIDCAfterARotation(t *testing.T) {
	s := serve(t)
	a := newApplication(t, s, App)
	before, _ := a.login()
	for _, wait := range []time.Duration{28 * 24 * time.Hour, 2*24*time.Hour + time.Minute} { // published, then signing
		s.Advance(wait)
		if err := s.Ring.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	after, idToken := a.login()
	a.greet(after, idToken)
	if kidOf(t, before) == kidOf(t, after) {
		t.Error("the key is the same: nothing was tested")
	}
	newApplication(t, s, App).verify(before)
}

func kidOf(t *testing.T, token *oauth2.Token) string {
	t.Helper()
	raw, _ := token.Extra("id_token").(string)
	signed, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	return signed.Signatures[0].Header.KeyID
}
