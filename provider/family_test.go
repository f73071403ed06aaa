package provider_test

import (
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"itsme-bridge/keys"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/token"
	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// putFamily leaves behind a family of a client, and returns its refresh token.
func (b *backchannel) putFamily(id, jkt string) string {
	b.t.Helper()
	f := token.Family{
		Grant: grant.Grant{SigningAlg: keys.ES256, Identity: grant.Identity{Subject: subject, AuthTime: b.Now()}},
		Turn:  rand.Text(),
	}
	offline(id)(&f.Grant)
	f.RedirectURI, f.CodeChallenge, f.Nonce, f.Expires = "", "", "", b.Now().Add(time.Hour)
	if id == "native" {
		f.DPoPKey = jkt
	}
	h := storage.NewHandle()
	if err := storage.NewBucket[token.Family](b.Store, "family").Put(b.t.Context(), h, f, time.Hour+5*time.Minute); err != nil {
		b.t.Fatal(err)
	}
	return h.Text() + "." + f.Turn
}

// stands reports whether there is a family of that refresh token in Redis.
func (b *backchannel) stands(refreshToken string) bool {
	_, there := b.Dump()[storagetest.Prefix+"family:{"+refreshToken[:26]+"}"]
	return there
}

// next refreshes, and must succeed.
func (b *backchannel) next(token string) reply {
	b.t.Helper()
	answer := b.send(refreshing(token))
	answer.want(b.t, http.StatusOK, "")
	return answer
}

// dead fails the test unless everything that came of a login is dead.
func (b *backchannel) dead(t *testing.T, all ...reply) {
	t.Helper()
	for _, r := range all {
		b.send(bearer(r.access(t))).want(t, http.StatusUnauthorized, "invalid_token")
		if active := b.send(ask("/introspect", r.access(t), "lasting", "lasting-secret")).json(t)["active"]; active != false {
			t.Errorf("introspection says active: %v", active)
		}
		b.send(refreshing(r.refresh(t))).want(t, http.StatusBadRequest, "invalid_grant")
	}
}

// RFC 9700 §4.14.2: the token before the newest works on for a grace, without
// another rotation. After it, and of older ones at once, a use ends the family.
func TestRefreshTokenReuse(t *testing.T) {
	worlds(t, func(t *testing.T, b *backchannel) {
		t.Helper()
		b.provider.Register(lasting())
		for _, row := range []struct {
			name  string
			later time.Duration
			older bool // not the one before, but the one before that
			lives bool
		}{
			{name: "the one before, at once", lives: true},
			{name: "the one before, as the grace ends", later: time.Minute - time.Second, lives: true},
			{name: "the one before, after the grace", later: time.Minute},
			{name: "the one before that, at once", older: true},
		} {
			t.Run(row.name, func(t *testing.T) {
				first := b.begun("lasting")
				all := []reply{first, b.next(first.refresh(t))}
				if row.older {
					all = append(all, b.next(all[1].refresh(t)))
				}
				b.Advance(row.later)
				again := b.send(refreshing(first.refresh(t)))
				if row.lives {
					again.want(t, http.StatusOK, "")
					if again.refresh(t) != all[1].refresh(t) {
						t.Error("there was another rotation")
					}
					b.send(bearer(again.access(t))).want(t, http.StatusOK, "")
					b.next(again.refresh(t))
					return
				}
				again.want(t, http.StatusBadRequest, "invalid_grant")
				if !strings.Contains(again.body, "used before") || !strings.Contains(b.log.String(), `"refresh_token_reused":true`) {
					t.Errorf("nobody learns of it: %s\n%s", again.body, b.log)
				}
				if b.stands(first.refresh(t)) {
					t.Error("the family is still there")
				}
				b.dead(t, all...)
			})
		}
	})
}

// Promise 5, RFC 9700 §4.5.1: a code that comes a second time ends all that came of it.
func TestCodeReplayEndsTheFamily(t *testing.T) {
	for _, row := range []struct {
		name  string
		later time.Duration
	}{{"at once", 0}, {"long after the access token", 50 * time.Minute}} {
		t.Run(row.name, func(t *testing.T) {
			b := newLasting(t, storagetest.New(t))
			code := b.code(offline("lasting"))
			first := b.send(exchange(code).by("lasting"))
			b.Advance(row.later)
			second := b.next(first.refresh(t))
			b.send(bearer(second.access(t))).want(t, http.StatusOK, "")
			b.send(exchange(code).by("lasting")).want(t, http.StatusBadRequest, "invalid_grant")
			if b.stands(first.refresh(t)) {
				t.Error("the family is still there")
			}
			b.dead(t, first, second)
		})
	}
	t.Run("whoever reads it before and writes after", func(t *testing.T) {
		b := newLasting(t, storagetest.New(t))
		code := b.code(offline("lasting"))
		var first reply
		faster := func() { first = b.send(exchange(code).by("lasting")) }
		b.signing.Store(&faster)
		b.send(exchange(code).by("lasting")).want(t, http.StatusBadRequest, "invalid_grant")
		b.dead(t, first)
	})
}

// A family that is ended while somebody refreshes gives him nothing that works.
func TestFamilyEndsWhileRefreshing(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	first := b.begun("lasting")
	second := b.next(first.refresh(t))
	end := func() {
		b.send(ask("/revoke", second.refresh(t), "lasting", "lasting-secret")).want(t, http.StatusOK, "")
	}
	b.signing.Store(&end)
	b.send(refreshing(second.refresh(t))).want(t, http.StatusBadRequest, "invalid_grant")
	if b.stands(first.refresh(t)) {
		t.Error("the family has come back")
	}
}

// Somebody refreshes twice while we sign: that is a race, and no theft.
func TestFamilyTurnsTwiceWhileRefreshing(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	first := b.begun("lasting")
	var newest string
	race := func() { newest = b.next(b.next(first.refresh(t)).refresh(t)).refresh(t) }
	b.signing.Store(&race)
	if answer := b.next(first.refresh(t)); answer.refresh(t) != newest {
		t.Error("not the newest refresh token")
	}
	b.next(newest)
}

// FAPI 2.0 Security Profile §5.3.2.1: no rotation. The access tokens are bound.
func TestFAPI2DoesNotRotate(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	h := b.holder()
	first := b.send(h.exchange(b.code(offline("profiled"))).by("profiled"))
	first.want(t, http.StatusOK, "")
	for range 3 {
		b.Advance(time.Minute)
		m := refreshing(first.refresh(t)).by("profiled")
		m.header["Dpop"] = []string{h.proof(http.MethodPost, "/token", "")}
		answer := b.send(m)
		answer.want(t, http.StatusOK, "")
		h.nonce = answer.header.Get("DPoP-Nonce")
		if answer.refresh(t) != first.refresh(t) || answer.text(t, "token_type") != "DPoP" {
			t.Errorf("another refresh token, or an access token of type %s", answer.text(t, "token_type"))
		}
		b.send(h.userinfo(answer.access(t))).want(t, http.StatusOK, "")
		b.send(bearer(answer.access(t))).want(t, http.StatusUnauthorized, "invalid_token")
	}
}

// A family ends an hour after the login, whatever becomes of its turns, and so
// do its access tokens soon after. Our clock decides.
func TestFamilyExpires(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	first := b.begun("lasting")
	b.Advance(time.Hour - time.Second)
	second := b.next(first.refresh(t))
	if ttl := b.Redis().PTTL(t.Context(), storagetest.Prefix+"family:{"+first.refresh(t)[:26]+"}").Val(); ttl != 5*time.Minute+time.Second {
		t.Errorf("the family stays for %v", ttl)
	}
	b.Advance(time.Second)
	b.send(refreshing(second.refresh(t))).want(t, http.StatusBadRequest, "invalid_grant")
	b.send(bearer(second.access(t))).want(t, http.StatusOK, "") // it was promised five minutes
	b.Advance(5 * time.Minute)
	b.send(bearer(second.access(t))).want(t, http.StatusUnauthorized, "invalid_token")
	if b.stands(first.refresh(t)) {
		t.Error("the family is still there")
	}
}

// A client that is gone can do nothing any more.
func TestFamilyOfAClientThatIsGone(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	first := b.begun("lasting")
	second := b.next(first.refresh(t))
	b.provider.Register(confederates())
	b.send(refreshing(second.refresh(t))).want(t, http.StatusUnauthorized, "invalid_client")
	b.send(bearer(second.access(t))).want(t, http.StatusUnauthorized, "invalid_token")
}

// RFC 7009 §2.1: a refresh token takes everything with it, an access token only itself.
func TestRevokeOfAFamily(t *testing.T) {
	for _, row := range []struct {
		name  string
		token func(t *testing.T, first, second reply) string
		by    string
		lives bool
	}{
		{"the newest refresh token", func(t *testing.T, _, second reply) string { t.Helper(); return second.refresh(t) }, "lasting", false},
		{"an older one", func(t *testing.T, first, _ reply) string { t.Helper(); return first.refresh(t) }, "lasting", false},
		{"by another client", func(t *testing.T, _, second reply) string { t.Helper(); return second.refresh(t) }, "second", true},
		{"with another secret", func(t *testing.T, first, _ reply) string {
			t.Helper()
			return first.refresh(t)[:27] + strings.Repeat("A", 26) + first.refresh(t)[53:]
		}, "lasting", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newLasting(t, storagetest.New(t))
			first := b.begun("lasting")
			second := b.next(first.refresh(t))
			for range 2 {
				b.send(ask("/revoke", row.token(t, first, second), "", "").by(row.by)).want(t, http.StatusOK, "")
			}
			if row.lives {
				b.send(bearer(first.access(t))).want(t, http.StatusOK, "")
				b.send(bearer(second.access(t))).want(t, http.StatusOK, "")
				b.next(second.refresh(t))
				return
			}
			b.dead(t, first, second)
		})
	}
	t.Run("an access token", func(t *testing.T) {
		b := newLasting(t, storagetest.New(t))
		first := b.begun("lasting")
		second := b.next(first.refresh(t))
		third := b.next(second.refresh(t))
		for _, r := range []reply{first, second} {
			b.send(ask("/revoke", r.access(t), "", "").by("lasting")).want(t, http.StatusOK, "")
			b.send(bearer(r.access(t))).want(t, http.StatusUnauthorized, "invalid_token")
		}
		b.send(bearer(third.access(t))).want(t, http.StatusOK, "")
		b.next(third.refresh(t))
	})
}

// RFC 7662 §2.2: nobody is allowed to introspect a refresh token, so that it
// never passes for an access token; it opens no userinfo either, and is no code.
func TestRefreshTokenIsNothingElse(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	first := b.begun("lasting")
	token := first.refresh(t)
	for _, caller := range []*message{ask("/introspect", token, "", "").by("lasting"), ask("/introspect", token, "monitor", "monitor-secret")} {
		same(t, b.send(caller).json(t), map[string]any{"active": false})
	}
	for _, text := range []string{token, token[:53]} {
		b.send(bearer(text)).want(t, http.StatusUnauthorized, "invalid_token")
		b.send(exchange(text).by("lasting")).want(t, http.StatusBadRequest, "invalid_grant")
	}
	b.send(refreshing(first.access(t)+token[53:])).want(t, http.StatusBadRequest, "invalid_grant")
	b.next(token)
}

// A login with refresh tokens costs no round trip more, until they are used.
func TestRoundtripsOfRefresh(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	first := b.begun("lasting")
	second := b.next(first.refresh(t))
	for _, row := range []struct {
		name string
		send *message
		want int
	}{
		{"/token with a code", exchange(b.code(offline("lasting"))).by("lasting"), 2},
		{"/userinfo", bearer(first.access(t)), 1},
		{"/userinfo after a refresh", bearer(second.access(t)), 2},
		{"/token with a refresh token", refreshing(second.refresh(t)), 3},
		{"/token with words", refreshing("words"), 0},
		{"/revoke", ask("/revoke", second.refresh(t), "", "").by("lasting"), 2},
	} {
		b.ResetRoundtrips()
		b.send(row.send)
		if got := b.Roundtrips(); got != row.want {
			t.Errorf("%s: %d round trips, want %d: %v", row.name, got, row.want, b.Commands())
		}
	}
}
