package provider_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/provider"
	"itsme-bridge/provider/authorize"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// objectOf is a request object's claims: those of a request with which nothing is wrong.
func objectOf(s *Server, change func(map[string]any)) map[string]any {
	claims := map[string]any{"iss": App, "aud": s.Issuer, "exp": s.Now().Add(time.Minute).Unix(), "nbf": s.Now().Unix()}
	for name, values := range Request(nil) {
		claims[name] = values[0]
	}
	if change != nil {
		change(claims)
	}
	return claims
}

// withObject asks with a request object and nothing beside it but what RFC 9101 §5 wants.
func withObject(compact string) url.Values {
	return url.Values{"client_id": {App}, "request": {compact}}
}

// shelf is what a client publishes: its key set, and request objects.
type shelf struct {
	keys    []jose.JSONWebKey
	objects map[string]string
	asked   []string
}

func (s *shelf) Keys(context.Context, string, string) ([]jose.JSONWebKey, error) {
	if s.keys == nil {
		return nil, errors.New("the key set does not answer")
	}
	return s.keys, nil
}

func (s *shelf) Fetch(_ context.Context, address, _ string, _ int64) ([]byte, http.Header, error) {
	s.asked = append(s.asked, address)
	if object, ok := s.objects[address]; ok {
		return []byte(object), nil, nil
	}
	return nil, nil, errors.New("there is nothing")
}

func (s *shelf) Post(context.Context, string, url.Values) (int, error) {
	return 0, errors.New("not here")
}

// RFC 9101 §6: by value, by reference, pushed, with its own parameters alone.
func TestRequestObjects(t *testing.T) {
	app, reference := newParty(t, "app-1"), "https://app.example/requests/1"
	published := &shelf{keys: []jose.JSONWebKey{app.public()}, objects: map[string]string{}}
	for _, row := range []struct {
		name string
		keys client.Keys
		ask  func(t *testing.T, s *Server, b *Browser, compact string) *Answer
	}{
		{"§5.1 by value", app.keys(), func(_ *testing.T, s *Server, b *Browser, compact string) *Answer {
			return b.Get(s.Issuer + "/authorize?" + withObject(compact).Encode())
		}},
		{"§5.1 by value, with keys from jwks_uri", client.Keys{URI: "https://app.example/jwks"}, func(_ *testing.T, s *Server, b *Browser, compact string) *Answer {
			return b.Get(s.Issuer + "/authorize?" + withObject(compact).Encode())
		}},
		{"§5.1 by value, in a POST", app.keys(), func(_ *testing.T, s *Server, b *Browser, compact string) *Answer {
			return b.Post(s.Issuer+"/authorize", withObject(compact))
		}},
		{"§5.2 by reference", app.keys(), func(_ *testing.T, s *Server, b *Browser, compact string) *Answer {
			published.objects[reference] = compact + "\n"
			return b.Get(s.Issuer + "/authorize?" + url.Values{"client_id": {App}, "request_uri": {reference}}.Encode())
		}},
		{"RFC 9126 §3 pushed", app.keys(), func(t *testing.T, s *Server, b *Browser, compact string) *Answer {
			t.Helper()
			return b.Get(pushed(t, s, func(v url.Values) {
				clear(v)
				v.Set("request", compact)
			}))
		}},
		{"§6.3 what stands beside it does not count", app.keys(), func(_ *testing.T, s *Server, b *Browser, compact string) *Answer {
			q := withObject(compact)
			q.Set("state", "another")
			q.Set("scope", "openid")
			q.Set("response_mode", "fragment")
			return b.Get(s.Issuer + "/authorize?" + q.Encode())
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := With(t, Options{
				App:   func(c *client.Client) { c.Keys, c.RequestURIs, c.RequireSigned = row.keys, []string{reference}, true },
				Parts: func(p *provider.Parts) { p.KeySets, p.Outbound = published, published },
			})
			b := s.Browser()
			compact := app.sign(t, "oauth-authz-req+jwt", objectOf(s, func(c map[string]any) { c["max_age"], c["ui_locales"] = 300, "nl" }))
			toItsme(t, s, row.ask(t, s, b, compact))
			if asked, _ := s.Sandbox.Last(); strings.Join(asked.Scopes, " ") != "profile email phone address" || asked.Locale != "nl" {
				t.Errorf("scopes %v, locale %s", asked.Scopes, asked.Locale)
			}
			s.Approve()
			mode, got := responseOf(t, b.Get(s.ReturnURL()))
			if mode != "query" || got.Get("state") != "a state" {
				t.Errorf("%s %v", mode, got)
			}
			s.Exchange(got.Get("code"), nil).Wants(t, http.StatusOK, "")
		})
	}
}

// RFC 9101 §6 and §10, OpenID Connect Core §6.1: a page, or the registered
// redirect URI that stands beside it, and never one of the object's own.
func TestRequestObjectsRefused(t *testing.T) {
	app, eve := newParty(t, "app-1"), newParty(t, "app-1")
	s := With(t, Options{App: func(c *client.Client) { c.Keys = app.keys() }})
	good := func(change func(map[string]any)) string {
		return app.sign(t, "oauth-authz-req+jwt", objectOf(s, change))
	}
	put := func(name string, value any) func(map[string]any) {
		return func(c map[string]any) { c[name] = value }
	}
	for _, row := range []struct{ name, object, code string }{
		{"§10.1 unsigned", unsigned(t, objectOf(s, nil)), "invalid_request_object"},
		{"§6.2 by a stranger", eve.sign(t, "oauth-authz-req+jwt", objectOf(s, nil)), "invalid_request_object"},
		{"§4 expired", good(put("exp", s.Now().Add(-time.Minute).Unix())), "invalid_request_object"},
		{"§4 not yet valid", good(put("nbf", s.Now().Add(time.Minute).Unix())), "invalid_request_object"},
		{"§4 for somebody else", good(put("aud", "https://other.example")), "invalid_request_object"},
		{"§4 by another issuer", good(put("iss", SPA)), "invalid_request_object"},
		{"§5 of another client", good(put("client_id", SPA)), "invalid_request_object"},
		{"§4 a request within", good(put("request", "x")), "invalid_request_object"},
		{"§4 a request_uri within", good(put("request_uri", "https://app.example/")), "invalid_request_object"},
		{"RFC 8725 §3.11 another kind of token", app.sign(t, "logout+jwt", objectOf(s, nil)), "invalid_request_object"},
		{"no JWS", "e30.e30", "invalid_request_object"},
	} {
		t.Run(row.name, func(t *testing.T) {
			alone := s.Browser().Get(s.Issuer + "/authorize?" + withObject(row.object).Encode())
			if alone.Status != http.StatusBadRequest || alone.Leads() != "" || !strings.Contains(alone.Body, row.code) {
				t.Errorf("alone: %d %q, want %s\n%s", alone.Status, alone.Leads(), row.code, alone.Body)
			}
			beside := Request(set("request", row.object))
			_, got := responseOf(t, s.Browser().Get(s.Issuer+"/authorize?"+beside.Encode()))
			if got.Get("error") != row.code || got.Get("state") != "a state" {
				t.Errorf("beside a registered redirect URI: %v, want %s", got, row.code)
			}
		})
	}
	evil := s.Browser().Get(s.Issuer + "/authorize?" + withObject(good(put("redirect_uri", "https://evil.example/"))).Encode())
	if evil.Status != http.StatusBadRequest || evil.Leads() != "" {
		t.Errorf("an unregistered redirect_uri within: %d %q", evil.Status, evil.Leads())
	}
	_, told := responseOf(t, s.Browser().Get(s.Issuer+"/authorize?"+withObject(good(put("scope", "email"))).Encode()))
	if told.Get("error") != "invalid_scope" {
		t.Errorf("what is wrong within is told to the client: %v", told)
	}
	if n := s.Sandbox.Starts(); n != 0 {
		t.Errorf("%d transactions", n)
	}
}

// A client without keys has nothing to sign with, and one that must sign may not come without.
func TestRequestObjectsByRegistration(t *testing.T) {
	app := newParty(t, "app-1")
	s := New(t)
	_, got := responseOf(t, s.Browser().Authorize(set("request", app.sign(t, "JWT", objectOf(s, nil)))))
	if got.Get("error") != "request_not_supported" {
		t.Errorf("without registered keys: %v", got)
	}
	s = With(t, Options{App: func(c *client.Client) { c.Keys, c.RequireSigned = app.keys(), true }})
	if _, got := responseOf(t, s.Browser().Authorize(nil)); got.Get("error") != "invalid_request" {
		t.Errorf("require_signed_request_object: %v", got)
	}
	pushing(t, s, nil).Wants(t, http.StatusBadRequest, "invalid_request")
}

// Only what is registered is fetched, and what cannot be fetched is told.
func TestRequestObjectsAreFetchedWhereRegistered(t *testing.T) {
	app, published := newParty(t, "app-1"), &shelf{}
	s := With(t, Options{
		App: func(c *client.Client) {
			c.Keys, c.RequestURIs = app.keys(), []string{"https://app.example/one", "https://app.example/many/"}
		},
		Parts: func(p *provider.Parts) { p.Outbound = published },
	})
	for address, fetched := range map[string]bool{
		"https://app.example/one": true, "https://app.example/one#hash": true, "https://app.example/many/1": true,
		"https://app.example/one/1": false, "https://app.example/oneself": false, "https://app.example/many": false, "https://user@app.example/one": false,
	} {
		published.asked = nil
		_, got := responseOf(t, s.Browser().Authorize(set("request_uri", address)))
		if got.Get("error") != "invalid_request_uri" || (len(published.asked) == 1) != fetched {
			t.Errorf("%s: %v, fetched %v", address, got, published.asked)
		}
	}
}

// What could not start a transaction does not make us ask a client's host either:
// an image on another page, a prefetch. A preview without fetch metadata may.
func TestRequestObjectsAreFetchedForPeople(t *testing.T) {
	app, published := newParty(t, "app-1"), &shelf{}
	s := With(t, Options{
		App:   func(c *client.Client) { c.Keys, c.RequestURIs = app.keys(), []string{"https://app.example/one"} },
		Parts: func(p *provider.Parts) { p.Outbound = published },
	})
	for _, row := range []struct {
		name, header, value string
		fetched             bool
	}{
		{"a navigation", "Sec-Fetch-Dest", "document", true},
		{"an image", "Sec-Fetch-Dest", "image", false},
		{"a frame", "Sec-Fetch-Dest", "iframe", false},
		{"a prefetch", "Sec-Purpose", "prefetch", false},
	} {
		published.asked = nil
		b := s.Browser()
		b.Header.Set(row.header, row.value)
		answer := b.Authorize(set("request_uri", "https://app.example/one"))
		if (len(published.asked) == 1) != row.fetched || !row.fetched && answer.Leads() != "" {
			t.Errorf("%s: fetched %v, %d leads to %q", row.name, published.asked, answer.Status, answer.Leads())
		}
	}
}

// A request object may have expired by the time of the click: it was checked before.
func TestRequestObjectAfterAClick(t *testing.T) {
	app := newParty(t, "app-1")
	s := With(t, Options{
		App:    func(c *client.Client) { c.Keys, c.RequireSigned = app.keys(), true },
		Config: func(c *provider.Config) { c.Start = authorize.StartAsk },
	})
	b := s.Browser()
	page := b.Get(s.Issuer + "/authorize?" + withObject(app.sign(t, "JWT", objectOf(s, nil))).Encode())
	s.Advance(2 * time.Minute)
	toItsme(t, s, b.Submit(page, "/itsme/continue"))
}
