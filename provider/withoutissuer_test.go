package provider_test

import (
	"net/http"
	"net/url"
	"testing"

	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// response_iss: false: no response to this client has iss, whatever it says and in
// whichever mode; those to others still do (RFC 9207 §2).
func TestResponsesWithoutIssuer(t *testing.T) {
	s := withSessions(t, Options{App: func(c *client.Client) { front(c); c.WithoutIssuer = true }})
	b := s.Browser()
	approved := func(change func(url.Values)) *Answer {
		browser := s.Browser()
		back := browser.Begin(change)
		s.Approve()
		return browser.Get(back)
	}
	logIn(t, s, b, nil)
	for _, mode := range []string{"query", "fragment", "form_post"} {
		in := set("response_mode", mode)
		answers := map[string]*Answer{
			"a code":                 approved(in),
			"a silent login":         b.Authorize(all(in, set("prompt", "none"))),
			"an error":               b.Authorize(all(in, set("scope", "email"))),
			"login_required":         s.Browser().Authorize(all(in, set("prompt", "none"))),
			"a denial":               denied(s, in),
			"an unknown request_uri": b.Authorize(all(in, set("request_uri", "urn:ietf:params:oauth:request_uri:x"))),
			"a pushed request":       denied(s, func(v url.Values) { push(t, s, v, in) }),
		}
		if mode != "query" {
			answers["an ID token"] = approved(all(in, set("response_type", "id_token")))
		}
		for name, answer := range answers {
			got, fields := responseOf(t, answer)
			if got != mode || fields.Has("iss") || fields.Get("state") != "a state" || !fields.Has("code") && !fields.Has("error") && !fields.Has("id_token") {
				t.Errorf("%s by %s: by %s %v", name, mode, got, fields)
			}
		}
		if _, fields := responseOf(t, approved(all(in, set("client_id", SPA)))); fields.Get("iss") != s.Issuer {
			t.Errorf("another client, by %s: %v", mode, fields)
		}
	}
}

// push puts a pushed request in the place of the parameters.
func push(t *testing.T, s *Server, v url.Values, change func(url.Values)) {
	t.Helper()
	answer := pushing(t, s, change)
	uri, _ := answer.JSON()["request_uri"].(string)
	if answer.Status != http.StatusCreated || uri == "" {
		t.Fatalf("%d %s", answer.Status, answer.Body)
	}
	clear(v)
	v.Set("client_id", App)
	v.Set("request_uri", uri)
}

// A login goes on as it began: the client that has changed its mind in between hears as it asked.
func TestResponseIssuerOfALoginUnderWay(t *testing.T) {
	for _, without := range []bool{false, true} {
		s := With(t, Options{App: func(c *client.Client) { c.WithoutIssuer = without }})
		b := s.Browser()
		back := b.Begin(nil)
		s.Provider.Register(Clients(func(c *client.Client) { c.WithoutIssuer = !without }))
		s.Approve()
		if got := s.Response(b.Get(back)); got.Has("iss") == without || got.Get("code") == "" {
			t.Errorf("%v", got)
		}
	}
}

// RFC 9207 §3: discovery says that responses have iss, while those to somebody do.
func TestDiscoveryOfTheResponseIssuer(t *testing.T) {
	s := New(t)
	without := func(c *client.Client) { c.WithoutIssuer = true }
	alone := Clients(without)[:1]
	for name, row := range map[string]struct {
		clients []client.Client
		want    bool
	}{
		"everybody": {Clients(nil), true}, "one": {Clients(without), true}, "nobody": {alone, false}, "no clients": {nil, true},
	} {
		s.Provider.Register(row.clients)
		answer, err := s.Call(openidConfiguration, nil, nil)
		if err != nil || answer.JSON()["authorization_response_iss_parameter_supported"] != row.want {
			t.Errorf("%s: %v %s", name, err, answer.Body)
		}
	}
}
