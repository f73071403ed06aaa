//go:build products

package dex_test

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// application logs people in at an issuer, and shows what it is told. It keeps no session.
type application struct {
	url      string
	provider *oidc.Provider
	config   oauth2.Config
	extra    []oauth2.AuthCodeOption // of its requests
}

// verifier is the code_verifier of a request that has a code_challenge.
const verifier = "Qm3vX8rT5wY1zB4nM7jH0gF3dS6aP9cEkX2vQ8rT5wY"

func start(t *testing.T) *application {
	t.Helper()
	a := &application{}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

// logInAt makes it a client of an issuer that runs.
func (a *application) logInAt(t *testing.T, issuer string, c oauth2.Config, extra ...oauth2.AuthCodeOption) {
	t.Helper()
	provider, err := oidc.NewProvider(t.Context(), issuer)
	if err != nil {
		t.Fatal(err)
	}
	c.RedirectURL, c.Scopes, c.Endpoint = a.url+"/callback", []string{"openid", "profile", "email"}, provider.Endpoint()
	a.provider, a.config, a.extra = provider, c, extra
}

func (a *application) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/callback" {
		http.Redirect(w, r, a.config.AuthCodeURL("a state", a.extra...), http.StatusSeeOther)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := a.greet(w, r); err != nil {
		_, _ = fmt.Fprintf(w, "<p id=error>%s</p>", html.EscapeString(err.Error()))
	}
}

func (a *application) greet(w http.ResponseWriter, r *http.Request) error {
	var with []oauth2.AuthCodeOption
	if len(a.extra) > 0 {
		with = append(with, oauth2.VerifierOption(verifier))
	}
	token, err := a.config.Exchange(r.Context(), r.FormValue("code"), with...)
	if err != nil {
		return err
	}
	info, err := a.provider.UserInfo(r.Context(), oauth2.StaticTokenSource(token))
	if err != nil {
		return err
	}
	claims := map[string]any{}
	if err := info.Claims(&claims); err != nil {
		return err
	}
	for _, name := range []string{"sub", "name", "email", "email_verified"} {
		_, _ = fmt.Fprintf(w, "<p id=%s>%s</p>", name, html.EscapeString(fmt.Sprint(claims[name])))
	}
	return nil
}
