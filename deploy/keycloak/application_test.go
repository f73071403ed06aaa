//go:build products

package keycloak_test

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// application is what people log in to, by way of Keycloak. It knows nothing of itsme.
type application struct {
	oauth2.Config
	url      string
	realm    string // the issuer
	provider *oidc.Provider
	verifier string
	token    string // the last ID token, for a logout
}

// opened starts an application. Its paths:
//
//	/login?…    to Keycloak, with these parameters
//	/callback   says who has logged in
//	/logout     ends the session at Keycloak, and comes back to /bye
func opened(t *testing.T, issuer string) *application {
	t.Helper()
	a := &application{realm: issuer, verifier: oauth2.GenerateVerifier()}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

// discover is done once the realm is there.
func (a *application) discover(t *testing.T) {
	t.Helper()
	provider, err := oidc.NewProvider(t.Context(), a.realm)
	if err != nil {
		t.Fatal(err)
	}
	a.provider = provider
	a.Config = oauth2.Config{ClientID: "application", RedirectURL: a.url + "/callback", Scopes: []string{"openid", "profile", "email", "phone", "address"}, Endpoint: provider.Endpoint()}
}

func (a *application) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	said := ""
	switch r.URL.Path {
	case "/login":
		options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(a.verifier)}
		for name, values := range r.URL.Query() {
			options = append(options, oauth2.SetAuthURLParam(name, values[0]))
		}
		http.Redirect(w, r, a.AuthCodeURL("a state", options...), http.StatusSeeOther)
		return
	case "/logout":
		q := url.Values{"id_token_hint": {a.token}, "post_logout_redirect_uri": {a.url + "/bye"}}
		http.Redirect(w, r, a.realm+"/protocol/openid-connect/logout?"+q.Encode(), http.StatusSeeOther)
		return
	case "/callback":
		claims, err := a.callback(r.Context(), r)
		if said = claims; err != nil {
			said = "error: " + err.Error()
		}
	case "/bye":
		said = "bye"
	}
	w.Header().Set("Content-Type", "text/html")
	_, _ = fmt.Fprintf(w, `<p id="said">%s</p>`, html.EscapeString(said))
}

// callback is the claims that Keycloak tells, as JSON.
func (a *application) callback(ctx context.Context, r *http.Request) (string, error) {
	if refused := r.FormValue("error"); refused != "" {
		return "", fmt.Errorf("%s: %s", refused, r.FormValue("error_description"))
	}
	token, err := a.Exchange(ctx, r.FormValue("code"), oauth2.VerifierOption(a.verifier))
	if err != nil {
		return "", err
	}
	a.token, _ = token.Extra("id_token").(string)
	verified, err := a.provider.Verifier(&oidc.Config{ClientID: a.ClientID}).Verify(ctx, a.token)
	if err != nil {
		return "", err
	}
	var claims map[string]any
	if err := verified.Claims(&claims); err != nil {
		return "", err
	}
	text, err := json.Marshal(claims)
	return string(text), err
}
