// Package interop_test has other people's libraries use the provider, each as
// an application would: over a real listener, by discovery, and believing
// nothing that it has not checked itself.
//
//	interop_test.go        the provider, its clients and a person's browser
//	gooidc_test.go         coreos/go-oidc, with golang.org/x/oauth2
//	zitadel_test.go        zitadel/oidc's relying party
//	openidclient_test.go   npm's openid-client: testdata/openid-client has the applications
//
// These libraries read the real clock, so here the provider does too.
package interop_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/keys"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

const goodbye = Home + "goodbye" // where a logout leads

// serve is a provider by whose app everybody approves at once.
func serve(t *testing.T, clients ...client.Client) *Server {
	t.Helper()
	s := With(t, Options{
		Clients: clients,
		Config:  func(c *provider.Config) { c.Session.TTL = time.Hour },
		Parts:   func(p *provider.Parts) { p.Now = time.Now },
	})
	s.Sandbox.Always(sandbox.Script{Outcome: itsme.Success})
	return s
}

// email is that of the person who approves.
func email() string { return sandbox.Personas()[0].Identity.EmailAddress }

// client is another one like App.
func clientNamed(id string, change func(*client.Client)) client.Client {
	c := Clients(nil)[0]
	c.ID, c.Name = id, id
	if change != nil {
		change(&c)
	}
	return c
}

// posts is what a client is whose secret comes in the form.
func posts(c *client.Client) { c.AuthMethod = client.ClientSecretPost }

// signs is what a client is that authenticates by its key, and by nothing else.
func signs(private jose.JSONWebKey) func(*client.Client) {
	return func(c *client.Client) {
		c.AuthMethod, c.SecretHashes, c.Keys = client.PrivateKeyJWT, nil, registered(private)
	}
}

// key is one that a client signs with.
func key(t *testing.T) jose.JSONWebKey {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return jose.JSONWebKey{Key: private, KeyID: "of the client", Algorithm: string(keys.ES256), Use: "sig"}
}

// registered are keys as a client registers them.
func registered(private jose.JSONWebKey) client.Keys {
	return client.Keys{Set: []jose.JSONWebKey{private.Public()}}
}

// walk opens an address and follows it to the application: as far as this
// machine goes, or to a page. The form is what was posted there, nil for a GET.
func walk(t *testing.T, b *Browser, address string) (to string, form url.Values, page *Answer) {
	t.Helper()
	for range 10 {
		page = b.Get(address)
		if to, fields, ok := page.Form(""); ok && page.Page() == "form_post" {
			return to, fields, page
		}
		if page.Leads() == "" {
			return address, nil, page
		}
		if address = page.Leads(); strings.HasPrefix(address, "https:") {
			return address, nil, page
		}
	}
	t.Fatalf("a chain of redirects without an end, at %s", address)
	return "", nil, nil
}
