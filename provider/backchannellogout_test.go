package provider_test

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// Back-Channel Logout §2.4 and §2.6, as coreos/go-oidc sees it.
func TestLogoutToken(t *testing.T) {
	for _, algorithm := range []keys.Algorithm{keys.RS256, keys.ES256} {
		app, other := newReceiver(t), newReceiver(t)
		s := withReceivers(t, app, other, func(o *Options) {
			change := o.App
			o.App = func(c *client.Client) { change(c); c.SigningAlg = algorithm }
		})
		b := s.Browser()
		hint := logIn(t, s, b, nil)
		b.Get("/logout?" + loggingOut(hint, nil).Encode())
		deliver(t, s.Provider)
		heard := app.heard(t)
		if len(heard) != 1 || len(other.heard(t)) != 0 {
			t.Fatalf("%s: %d tokens", algorithm, len(heard))
		}
		found, err := oidc.NewProvider(t.Context(), s.Issuer)
		if err != nil {
			t.Fatal(err)
		}
		verifier := found.VerifierContext(context.Background(), &oidc.Config{ClientID: App, Now: s.Now, SupportedSigningAlgs: []string{string(algorithm)}})
		token, err := verifier.VerifyLogout(t.Context(), heard[0])
		if err != nil {
			t.Fatal(err)
		}
		claims := payloadOf(t, hint)
		if token.Subject != claims["sub"] || token.SessionID != claims["sid"] {
			t.Errorf("sub %q, sid %q, want those of %v", token.Subject, token.SessionID, claims)
		}
		said := payloadOf(t, heard[0])
		if got := slices.Sorted(maps.Keys(said)); !slices.Equal(got, []string{"aud", "events", "exp", "iat", "iss", "jti", "sid", "sub"}) {
			t.Errorf("§2.4 members %v", got)
		}
		if said["aud"] != App || said["iat"] != float64(s.Now().Unix()) || said["exp"] != float64(s.Now().Add(2*time.Minute).Unix()) {
			t.Errorf("§2.4 aud, iat, exp: %v", said)
		}
		if header := headerOf(t, heard[0]); header["typ"] != "logout+jwt" || header["alg"] != string(algorithm) {
			t.Errorf("header %v", header)
		}
		if _, err := verifier.Verify(t.Context(), heard[0]); err == nil && said["nonce"] != nil {
			t.Error("it passes for an ID token")
		}
		deliver(t, s.Provider)
		if n := len(app.heard(t)); n != 0 {
			t.Errorf("it is told %d times more", n)
		}
	}
}

// Back-Channel Logout §2.3: everybody whom the session was good for hears, each
// by the name that it knows the person by.
func TestTheAudienceHears(t *testing.T) {
	app, other := newReceiver(t), newReceiver(t)
	s := withReceivers(t, app, other, nil)
	b := s.Browser()
	hint := logIn(t, s, b, nil)
	s.ResetRoundtrips()
	responseOf(t, b.Authorize(set("client_id", SPA)))
	if n := s.Roundtrips(); n != 2 {
		t.Errorf("a client that does not want to hear joins: %v", s.Commands())
	}
	for range 2 {
		_, got := responseOf(t, b.Authorize(asOther))
		if got.Get("code") == "" {
			t.Fatal(got)
		}
	}
	if asked := b.Submit(b.Get("/logout"), "/itsme/logout"); asked.Page() != "logged_out" {
		t.Fatal(asked.Page())
	}
	deliver(t, s.Provider)
	mine, theirs := app.heard(t), other.heard(t)
	if len(mine) != 1 || len(theirs) != 1 {
		t.Fatalf("%d and %d tokens", len(mine), len(theirs))
	}
	one, two := payloadOf(t, mine[0]), payloadOf(t, theirs[0])
	if one["sub"] == two["sub"] || one["sub"] != payloadOf(t, hint)["sub"] || one["sid"] != two["sid"] || one["jti"] == two["jti"] || two["aud"] != Other {
		t.Errorf("%v\n%v", one, two)
	}
	// The same logout again finds nobody who has not heard.
	byServer(t, s, hint)
	deliver(t, s.Provider)
	if len(app.heard(t))+len(other.heard(t)) != 0 {
		t.Error("a hint that is shown again is told again")
	}
}

// Only a person's logout is told of; a session that ends otherwise is not.
func TestNobodyHearsOfOtherEnds(t *testing.T) {
	app, other := newReceiver(t), newReceiver(t)
	s := withReceivers(t, app, other, nil)
	b := s.Browser()
	first := logIn(t, s, b, nil)
	second := logIn(t, s, b, set("prompt", "login"))
	deliver(t, s.Provider)
	if n := len(app.heard(t)); n != 0 {
		t.Errorf("a new login is told of %d times", n)
	}
	// A client's server may still log out of the session that was replaced.
	if answer := byServer(t, s, first); answer.Location() == "" {
		t.Errorf("%d", answer.Status)
	}
	deliver(t, s.Provider)
	if heard := app.heard(t); len(heard) != 1 || payloadOf(t, heard[0])["sid"] != payloadOf(t, first)["sid"] || !lives(t, b) {
		t.Errorf("%d tokens", len(heard))
	}
	s.Advance(time.Hour)
	b.Get("/logout?" + loggingOut(second, nil).Encode())
	deliver(t, s.Provider)
	if n := len(app.heard(t)); n != 0 {
		t.Errorf("a session that has expired is told of %d times", n)
	}
}

// What is to be said is in Redis before the session is gone, and whoever joins
// in between is told too.
func TestTheOutboxComesFirst(t *testing.T) {
	app, other := newReceiver(t), newReceiver(t)
	s := withReceivers(t, app, other, nil)
	b := s.Browser()
	hint := logIn(t, s, b, nil)
	id := sessionIn(s, payloadOf(t, hint))
	reached, release := s.Faults().Hold(3) // the audience is read, and told: now the session would end
	done := later(func() *Answer { return byServer(t, s, hint) })
	<-reached
	if !slices.Contains(recordsOf(s, id), "browser") {
		t.Error("the session has ended before")
	}
	waiting := slices.ContainsFunc(slices.Collect(maps.Keys(s.Dump())), func(key string) bool { return strings.Contains(key, "queue-values") })
	if !waiting {
		t.Error("nothing is in the outbox")
	}
	if _, got := responseOf(t, b.Authorize(asOther)); got.Get("code") == "" {
		t.Fatal(got)
	}
	release()
	if answer := <-done; answer.Location() == "" {
		t.Errorf("%d", answer.Status)
	}
	deliver(t, s.Provider)
	if len(app.heard(t)) != 1 || len(other.heard(t)) != 1 || lives(t, b) {
		t.Error("somebody has not heard")
	}
}

// Nobody joins a session that has ended since it was looked at.
func TestNobodyJoinsAfterTheEnd(t *testing.T) {
	app, other := newReceiver(t), newReceiver(t)
	s := withReceivers(t, app, other, nil)
	b := s.Browser()
	hint := logIn(t, s, b, nil)
	reached, release := s.Faults().Hold(2) // the session is read: now Other would join
	joined := later(func() *Answer { return b.Authorize(func(v url.Values) { asOther(v); v.Set("prompt", "none") }) })
	<-reached
	byServer(t, s, hint)
	release()
	if _, got := responseOf(t, <-joined); got.Get("error") != "login_required" {
		t.Errorf("%v", got)
	}
}

// Sealed under the server's key alone, the audience of a session is names that
// only its clients know; Redis alone does not tell them either.
func TestTheAudienceIsSealed(t *testing.T) {
	app, other := newReceiver(t), newReceiver(t)
	s := withReceivers(t, app, other, nil)
	b := s.Browser()
	hint := logIn(t, s, b, nil)
	claims := payloadOf(t, hint)
	sub, _ := claims["sub"].(string)
	look := func(when string) {
		t.Helper()
		for key, value := range s.Dump() {
			if strings.Contains(key+string(value), sub) {
				t.Errorf("%s: %s tells the sub", when, key)
			}
		}
	}
	look("with a session")
	b.Get("/logout?" + loggingOut(hint, nil).Encode())
	look("with a notice")
	if id := sessionIn(s, claims); slices.ContainsFunc(slices.Collect(maps.Keys(s.Dump())), func(key string) bool {
		return strings.Contains(key, "queue") && strings.Contains(key, id)
	}) {
		t.Error("the outbox names the session")
	}
}

// An audience that nobody can read any more keeps nobody logged in.
func TestAnUnreadableAudience(t *testing.T) {
	app, other := newReceiver(t), newReceiver(t)
	s := withReceivers(t, app, other, nil)
	hint := logIn(t, s, s.Browser(), nil)
	id := sessionIn(s, payloadOf(t, hint))
	if err := s.Redis().Set(t.Context(), "test:logout:{"+id+"}", "\x01rubbish", time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	if answer := byServer(t, s, hint); answer.Location() == "" || slices.Contains(recordsOf(s, id), "browser") {
		t.Errorf("%d, %v", answer.Status, recordsOf(s, id))
	}
}

// Where no client wants to hear there is no audience, and Redis is not asked.
func TestNobodyWantsToHear(t *testing.T) {
	s := withSessions(t, Options{})
	b := s.Browser()
	hint := logIn(t, s, b, nil)
	if slices.Contains(recordsOf(s, sessionIn(s, payloadOf(t, hint))), "logout") {
		t.Error("there is an audience")
	}
	s.ResetRoundtrips()
	deliver(t, s.Provider)
	if n := s.Roundtrips(); n != 0 {
		t.Errorf("%d round trips", n)
	}
	if answer := b.Get("/logout?" + loggingOut(hint, del("post_logout_redirect_uri")).Encode()); answer.Status != http.StatusOK || lives(t, b) {
		t.Errorf("%d", answer.Status)
	}
}
