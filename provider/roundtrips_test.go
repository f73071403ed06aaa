package provider_test

import (
	"net/http"
	"testing"

	. "itsme-bridge/provider/providertest"
)

// A login costs seven pipelines to Redis: 2 to begin, 2 to return, 2 for the
// code, 1 for userinfo.
func TestRoundTrips(t *testing.T) {
	s := New(t)
	b := s.Browser()
	s.ResetRoundtrips()
	spent := func(step string, want int) {
		t.Helper()
		if n := s.Roundtrips(); n != want {
			t.Errorf("%s: %d pipelines, want %d: %v", step, n, want, s.Commands())
		}
		s.ResetRoundtrips()
	}

	back := b.Begin(nil)
	spent("authorize", 2)
	s.Approve()
	code := s.Response(b.Get(back)).Get("code")
	spent("return", 2)
	tokens := s.Exchange(code, nil)
	spent("token", 2)
	accessToken, _ := tokens.JSON()["access_token"].(string)
	if answer := s.UserInfo(accessToken); answer.Status != http.StatusOK {
		t.Fatalf("userinfo: %d\n%s", answer.Status, answer.Body)
	}
	spent("userinfo", 1)

	for _, path := range []string{"/keys", "/.well-known/openid-configuration"} {
		if answer := b.Get(s.Issuer + path); answer.Status != http.StatusOK {
			t.Errorf("%s: %d", path, answer.Status)
		}
		spent(path, 0)
	}
	b.Get(s.Issuer + "/authorize?client_id=nobody")
	spent("a bad request", 0)
	s.Browser().Get(back[:len(back)-1] + "x")
	spent("a forged proof, but for the label", 1)
}
