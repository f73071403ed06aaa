package provider_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// idTokenOf is an ID token of ours, from a login of its own.
func idTokenOf(t *testing.T, s *Server) string {
	t.Helper()
	raw, _ := s.Exchange(s.Login(nil).Get("code"), nil).JSON()["id_token"].(string)
	if raw == "" {
		t.Fatal("no ID token")
	}
	return raw
}

// subjectClaim asks for one person, by claims (OpenID Connect Core §5.5.1).
func subjectClaim(member, sub string) func(url.Values) {
	text, _ := json.Marshal(map[string]any{member: map[string]any{"sub": map[string]any{"value": sub}}})
	return set("claims", string(text))
}

// OpenID Connect Core §3.1.2.1: if the person who approves is another than the
// one that was asked for, nobody is logged in, and nothing is kept.
func TestOnlyThisPerson(t *testing.T) {
	s := New(t)
	mine := idTokenOf(t, s)
	sub, _ := payloadOf(t, mine)["sub"].(string)
	s.Advance(24 * time.Hour) // an expired hint is one nevertheless
	for name, change := range map[string]func(url.Values){
		"id_token_hint":       set("id_token_hint", mine),
		"claims, in ID token": subjectClaim("id_token", sub),
		"claims, in userinfo": subjectClaim("userinfo", sub),
	} {
		if got := s.Login(change); got.Get("code") == "" {
			t.Errorf("%s: the right person: %v", name, got)
		}
		b := s.Browser()
		back := b.Begin(change)
		if err := s.Sandbox.Approve("", sandbox.Foreign); err != nil {
			t.Fatal(err)
		}
		before := len(grants(s))
		if _, got := responseOf(t, b.Get(back)); got.Get("error") != "login_required" || got.Has("code") {
			t.Errorf("%s: another person: %v", name, got)
		}
		if len(grants(s)) != before {
			t.Errorf("%s: something was kept of another person", name)
		}
	}
}

// grants are the keys of all grants in Redis.
func grants(s *Server) []string {
	var found []string
	for key := range s.Dump() {
		if strings.Contains(key, "grant:") {
			found = append(found, key)
		}
	}
	return found
}

// An id_token_hint that is not an ID token of this client is refused, and starts nothing.
func TestIDTokenHintRefused(t *testing.T) {
	other := Clients(nil)[0]
	other.ID = "other"
	s := With(t, Options{Clients: []client.Client{other}})
	mine, eve := idTokenOf(t, s), newParty(t, "eve")
	claims := payloadOf(t, mine)
	ours := func(typ string, change func(map[string]any)) string {
		c := payloadOf(t, mine)
		change(c)
		payload, _ := json.Marshal(c)
		signed, err := s.Ring.SignTyped(t.Context(), keys.RS256, typ, payload)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	started := s.Sandbox.Starts()
	for _, row := range []struct {
		name  string
		hint  string
		other func(url.Values)
	}{
		{name: "unsigned", hint: unsigned(t, claims)},
		{name: "signed by somebody else", hint: eve.sign(t, "JWT", claims)},
		{name: "no JWT", hint: "x"},
		{name: "tampered", hint: mine[:len(mine)-4] + "AAAA"},
		{name: "of another client", hint: mine, other: set("client_id", "other")},
		{name: "of another issuer", hint: ours("JWT", func(c map[string]any) { c["iss"] = "https://other.example" })},
		{name: "RFC 8725 §3.11 a logout token", hint: ours("logout+jwt", func(map[string]any) {})},
		{name: "userinfo that is signed", hint: ours("JWT", func(c map[string]any) { delete(c, "auth_time"); delete(c, "exp") })},
		{name: "without a subject", hint: ours("JWT", func(c map[string]any) { delete(c, "sub") })},
		{name: "another than the sub in claims", hint: mine, other: subjectClaim("id_token", "somebody else")},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, got := responseOf(t, s.Browser().Authorize(func(v url.Values) {
				v.Set("id_token_hint", row.hint)
				if row.other != nil {
					row.other(v)
				}
			}))
			if got.Get("error") != "invalid_request" {
				t.Errorf("%v", got)
			}
		})
	}
	if s.Sandbox.Starts() != started {
		t.Error("a transaction was started")
	}
}
