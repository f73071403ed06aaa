package provider_test

import (
	"testing"
	"time"

	. "itsme-bridge/provider/providertest"
)

// An id_token_hint that no key of ours verifies any more, since it was withdrawn or
// has had its time, names nobody: the person logs in. Where nobody shall be asked
// who it is, the client hears that somebody must be.
func TestAnIDTokenHintOfAKeyThatIsGone(t *testing.T) {
	for name, gone := range map[string]func(t *testing.T, s *Server, hint string){
		"withdrawn": func(t *testing.T, s *Server, hint string) {
			t.Helper()
			kid, _ := headerOf(t, hint)["kid"].(string)
			if err := s.Ring.Revoke(t.Context(), kid); err != nil {
				t.Fatal(err)
			}
		},
		"rotated away": func(t *testing.T, s *Server, _ string) {
			t.Helper()
			for range 4 { // published ahead, signing, kept, gone
				s.Advance(30 * 24 * time.Hour)
				if err := s.Ring.Refresh(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(t)
			mine := idTokenOf(t, s)
			hint := set("id_token_hint", mine)
			gone(t, s, mine)
			if got := s.Login(hint); got.Get("code") == "" {
				t.Errorf("%v", got)
			}
			if _, got := responseOf(t, s.Browser().Authorize(all(hint, set("prompt", "none")))); got.Get("error") != "login_required" {
				t.Errorf("prompt=none: %v", got)
			}
			// Another client has not had it from here.
			if _, got := responseOf(t, s.Browser().Authorize(all(hint, set("client_id", SPA)))); got.Get("error") != "invalid_request" {
				t.Errorf("another client's: %v", got)
			}
		})
	}
}

// Nor does a session answer for whoever the hint has named, where nobody shall be asked.
func TestASessionAndAHintOfAKeyThatIsGone(t *testing.T) {
	s := withSessions(t, Options{})
	b := s.Browser()
	mine := logIn(t, s, b, nil)
	hint := set("id_token_hint", mine)
	kid, _ := headerOf(t, mine)["kid"].(string)
	if err := s.Ring.Revoke(t.Context(), kid); err != nil {
		t.Fatal(err)
	}
	if _, got := responseOf(t, b.Authorize(hint)); got.Get("code") == "" {
		t.Errorf("%v", got)
	}
	if _, got := responseOf(t, b.Authorize(all(hint, set("prompt", "none")))); got.Get("error") != "login_required" {
		t.Errorf("prompt=none: %v", got)
	}
}
