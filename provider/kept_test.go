package provider_test

import (
	"encoding/json"
	"strings"
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage"
)

// A finished login keeps what answers the browser that comes again. What was asked of a person, of no use
// any more, does not stay in Redis with it.
func TestAFinishedLoginKeepsItsAnswer(t *testing.T) {
	asks := all(set("login_hint", "+32499887766"), set("nonce", "a-nonce-8642"), set("state", "a-state-9731"), set("claims", `{"id_token":{"birthdate":null}}`))
	asked := []string{"32499887766", "a-nonce-8642", challenge(Verifier), "birthdate", `"sector"`, `"scopes"`, `"asked"`, `"service"`, `"alg"`}
	atOnce := func(c *client.Client) { c.RedirectFailures = true }
	returns := func(b *Browser, back string) { b.Get(back) }
	for _, row := range []struct {
		name   string
		script sandbox.Script
		app    func(*client.Client)
		end    func(b *Browser, back string)
	}{
		{name: "approved", script: sandbox.Script{Outcome: itsme.Success}, end: returns},
		{name: "cancelled, and the client is told at once", script: sandbox.Script{Outcome: itsme.Cancelled}, app: atOnce, end: returns},
		{name: "the person leaves", end: func(b *Browser, back string) { b.Submit(b.Get(back), "/itsme/leave") }},
		{name: "CM makes no transaction, and the client is told at once", script: sandbox.Script{StartFault: sandbox.ServerError}, app: atOnce},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := light(t, Options{App: row.app})
			s.Sandbox.Next(row.script)
			b := s.Browser()
			if row.end == nil {
				b.Authorize(asks)
			} else {
				back := b.Begin(asks)
				under := loginOf(t, s, b)
				for _, word := range asked {
					if !strings.Contains(under, word) {
						t.Errorf("while it is under way it does not say %s: %s", word, under)
					}
				}
				row.end(b, back)
			}
			over := loginOf(t, s, b)
			for _, word := range asked {
				if strings.Contains(over, word) {
					t.Errorf("it still says %s: %s", word, over)
				}
			}
			for _, word := range []string{`"outcome"`, Callback, "a-state-9731", `"response_type":"code"`, `"name"`, `"home"`, `"locale"`} {
				if !strings.Contains(over, word) {
					t.Errorf("it does not say %s: %s", word, over)
				}
			}
		})
	}
}

// Nor does the handle of a pushed request stay, which opens all that was asked.
func TestAFinishedLoginForgetsItsPushedRequest(t *testing.T) {
	s := light(t, Options{})
	b := s.Browser()
	b.Get(pushed(t, s, nil))
	if under := loginOf(t, s, b); !strings.Contains(under, `"pushed"`) {
		t.Errorf("while it is under way it does not say where it comes from: %s", under)
	}
	s.Approve()
	b.Get(s.ReturnURL())
	if over := loginOf(t, s, b); !strings.Contains(over, `"outcome"`) || strings.Contains(over, `"pushed"`) {
		t.Errorf("it still says where it comes from: %s", over)
	}
}

// loginOf is what Redis holds of the only login that there is, as the browser's cookie opens it.
func loginOf(t *testing.T, s *Server, b *Browser) string {
	t.Helper()
	found := keysOf(s, "login")
	if len(found) != 1 {
		t.Fatalf("%d logins", len(found))
	}
	id := strings.Trim(found[0][strings.IndexByte(found[0], '{'):], "{}")
	held, ok, err := storage.NewBucket[json.RawMessage](s.Store, "login").Get(t.Context(), storage.HandleOf(id, secretOf(t, b)))
	if err != nil || !ok {
		t.Fatalf("the login does not open: %v %v", ok, err)
	}
	return string(held)
}
