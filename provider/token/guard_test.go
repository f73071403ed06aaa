package token_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"itsme-bridge/provider/ceilings"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/clientauth"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/token"
	"itsme-bridge/storage/storagetest"
)

// endpoints are those of an issuer without clients, with nothing before them.
func endpoints(t *testing.T) *token.Endpoints {
	t.Helper()
	issuer, err := edge.NewIssuer("https://login.example")
	if err != nil {
		t.Fatal(err)
	}
	world, clients := storagetest.New(t), client.NewRegistry(nil)
	ceilings, err := ceilings.New(ceilings.Limits{}, world.Store, nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return token.New(token.Lifetimes{}, token.Parts{
		Issuer: issuer, Clients: clients, Store: world.Store, Now: time.Now,
		Guard: clientauth.New(issuer, nil, clients, world.Store, ceilings, time.Now),
	})
}

// call calls one of them. The error is what it tells.
func call(t *testing.T, h edge.Handler, r *http.Request) (*oauth.Error, *httptest.ResponseRecorder) {
	t.Helper()
	w := httptest.NewRecorder()
	var told *oauth.Error
	if err := h(w, r); !errors.As(err, &told) {
		t.Errorf("%s %s: no error of ours: %v", r.Method, r.URL.Path, err)
		return new(oauth.Error), w
	}
	return told, w
}

// RFC 6749 §3.2: POST alone, whatever the routes let through.
func TestMethodsBehindTheRoutes(t *testing.T) {
	e := endpoints(t)
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, "BREW"} {
		for name, h := range map[string]edge.Handler{"token": e.Token(), "revoke": e.Revoke(), "introspect": e.Introspect()} {
			told, w := call(t, h, httptest.NewRequestWithContext(t.Context(), method, "/"+name, nil))
			if told.Status != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
				t.Errorf("%s: %s: %d, Allow: %q", name, method, told.Status, w.Header().Get("Allow"))
			}
		}
	}
	if told, _ := call(t, e.Userinfo(), httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/userinfo", nil)); told.Status != http.StatusMethodNotAllowed {
		t.Errorf("userinfo: PUT: %d", told.Status)
	}
}
