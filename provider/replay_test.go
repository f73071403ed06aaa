package provider_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// Promise 5, RFC 6749 §4.1.2, RFC 9700 §4.5.1: of ten exchanges at the same
// time exactly one gets 200, and since all others are replays, its token is dead.
func TestCodeTenAtATime(t *testing.T) {
	worlds(t, func(t *testing.T, b *backchannel) {
		t.Helper()
		for range 5 {
			code := b.code()
			replies := make([]reply, 10)
			var together sync.WaitGroup
			for i := range replies {
				together.Go(func() { replies[i] = b.send(exchange(code)) })
			}
			together.Wait()
			won := slices.DeleteFunc(slices.Clone(replies), func(r reply) bool { return r.status != http.StatusOK })
			if len(won) != 1 {
				t.Fatalf("%d of 10 exchanges got 200", len(won))
			}
			for _, r := range replies {
				if r.status != http.StatusOK {
					r.want(t, http.StatusBadRequest, "invalid_grant")
				}
			}
			token := won[0].text(t, "access_token")
			b.send(bearer(token)).want(t, http.StatusUnauthorized, "invalid_token")
			b.Advance(30 * time.Second)
			b.send(bearer(token)).want(t, http.StatusUnauthorized, "invalid_token")
			if active := b.send(ask("/introspect", token, "web", webSecret)).json(t)["active"]; active != false {
				t.Errorf("introspection says active: %v", active)
			}
		}
	})
}

// A code that comes a second time ends the token of the first, as long as that
// token could live.
func TestCodeReplayedLater(t *testing.T) {
	for _, row := range []struct {
		name  string
		later time.Duration
	}{
		{"at once", 0},
		{"after 30 s", 30 * time.Second},
		{"a second before the token's end", 5*time.Minute - time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBackchannel(t, storagetest.New(t))
			code := b.code()
			token := b.send(exchange(code)).text(t, "access_token")
			b.Advance(row.later)
			b.send(bearer(token)).want(t, http.StatusOK, "")

			replay := b.send(exchange(code))
			replay.want(t, http.StatusBadRequest, "invalid_grant")
			if !strings.Contains(replay.body, "used before") || !strings.Contains(b.log.String(), `"code_replayed":true`) {
				t.Errorf("nobody learns that the code was replayed: %s\n%s", replay.body, b.log)
			}
			b.send(bearer(token)).want(t, http.StatusUnauthorized, "invalid_token")
		})
	}
}

// Whoever has read the code before another one wrote its tokens is the second to
// use it.
func TestCodeReplayedWhileSigning(t *testing.T) {
	worlds(t, func(t *testing.T, b *backchannel) {
		t.Helper()
		code := b.code()
		var first reply
		faster := func() { first = b.send(exchange(code)) }
		b.signing.Store(&faster)
		b.send(exchange(code)).want(t, http.StatusBadRequest, "invalid_grant")
		first.want(t, http.StatusOK, "")
		b.send(bearer(first.text(t, "access_token"))).want(t, http.StatusUnauthorized, "invalid_token")
	})
}

// Whoever knows a code's id and not its secret can neither use the code up nor
// kill its token.
func TestCodeOfAnotherSecret(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	code := b.code()
	known, _ := storage.ParseHandle(code)
	guess := storage.NewSecret(known.ID()).Text()
	b.send(exchange(guess)).want(t, http.StatusBadRequest, "invalid_grant")
	answer := b.send(exchange(code))
	answer.want(t, http.StatusOK, "")
	b.send(exchange(guess)).want(t, http.StatusBadRequest, "invalid_grant")
	b.send(bearer(answer.text(t, "access_token"))).want(t, http.StatusOK, "")
}

// A code is no access token, and an access token is no code.
func TestHandlesOpenOnlyTheirOwn(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	code := b.code()
	b.send(bearer(code)).want(t, http.StatusUnauthorized, "invalid_token")
	token := b.send(exchange(code)).text(t, "access_token")
	b.send(exchange(token)).want(t, http.StatusBadRequest, "invalid_grant")
	b.send(bearer(token)).want(t, http.StatusOK, "")
}

// The design's round trips: 2 at /token, 1 at /userinfo.
func TestRoundtripsOfTokens(t *testing.T) {
	worlds(t, func(t *testing.T, b *backchannel) {
		t.Helper()
		code, token := b.code(), b.accessToken()
		wrong := exchange(code)
		wrong.header.Set("Authorization", basic("web", "guess"))
		for _, row := range []struct {
			name string
			send *message
			want int
		}{
			{"/token by somebody else", wrong, 0},
			{"/token", exchange(code), 2},
			{"/userinfo", bearer(token), 1},
			{"/introspect", ask("/introspect", token, "web", webSecret), 1},
			{"/revoke", ask("/revoke", token, "web", webSecret), 2},
			{"/userinfo with words", bearer("no-token"), 0},
		} {
			b.ResetRoundtrips()
			b.send(row.send)
			if got := b.Roundtrips(); got != row.want {
				t.Errorf("%s: %d round trips, want %d: %v", row.name, got, row.want, b.Commands())
			}
		}
	})
}

// Promise 5: Redis has carried the command out, and its answer is lost.
func TestRedisReplyLostToTokens(t *testing.T) {
	worlds(t, func(t *testing.T, b *backchannel) {
		t.Helper()
		t.Run("/token: reading the code", func(t *testing.T) {
			code := b.code()
			b.Faults().DropReply(1)
			b.send(exchange(code)).want(t, http.StatusOK, "")
		})
		t.Run("/token: writing the session", func(t *testing.T) {
			code := b.code()
			b.Faults().DropReply(2)
			answer := b.send(exchange(code))
			answer.want(t, http.StatusOK, "")
			token := answer.text(t, "access_token")
			b.send(bearer(token)).want(t, http.StatusOK, "")
			b.send(exchange(code)).want(t, http.StatusBadRequest, "invalid_grant")
			b.send(bearer(token)).want(t, http.StatusUnauthorized, "invalid_token")
		})
		t.Run("/userinfo", func(t *testing.T) {
			token := b.accessToken()
			b.Faults().DropReply(1)
			b.send(bearer(token)).want(t, http.StatusOK, "")
		})
		t.Run("/introspect", func(t *testing.T) {
			token := b.accessToken()
			b.Faults().DropReply(1)
			answer := b.send(ask("/introspect", token, "web", webSecret))
			answer.want(t, http.StatusOK, "")
			if answer.json(t)["active"] != true {
				t.Error(answer.body)
			}
		})
		for _, reply := range []int{1, 2} {
			t.Run("/revoke", func(t *testing.T) {
				token := b.accessToken()
				b.Faults().DropReply(reply)
				b.send(ask("/revoke", token, "web", webSecret)).want(t, http.StatusOK, "")
				b.send(bearer(token)).want(t, http.StatusUnauthorized, "invalid_token")
			})
		}
	})
}

// Without Redis nothing is decided, and nothing is lost.
func TestRedisAwayFromTokens(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	token, code := b.accessToken(), b.code()
	b.Faults().Down()
	for _, m := range []*message{
		exchange(code), bearer(token), ask("/introspect", token, "web", webSecret), ask("/revoke", token, "web", webSecret),
	} {
		answer := b.send(m)
		answer.want(t, http.StatusServiceUnavailable, "temporarily_unavailable")
		if challenge := answer.header.Get("WWW-Authenticate"); challenge != "" {
			t.Errorf("%s: credentials are doubted because Redis is away: %s", m.path, challenge)
		}
		if strings.Contains(answer.body, "redis") || strings.Contains(answer.body, "storage") {
			t.Errorf("%s: our inside is told: %s", m.path, answer.body)
		}
	}
	b.Faults().Up()
	b.send(exchange(code)).want(t, http.StatusOK, "")
	b.send(bearer(token)).want(t, http.StatusOK, "")
}

// A replica that was not given the server key of the others cannot open what
// they have sealed. That is our fault, not the client's, and uses nothing up.
func TestReplicaWithAnotherServerKey(t *testing.T) {
	world := storagetest.New(t)
	b := newBackchannel(t, world)
	token, code := b.accessToken(), b.code()
	world.Store = world.With(t, storage.NewKeyring(storage.NewKey()))
	stranger := newBackchannel(t, world)
	for _, m := range []*message{
		exchange(code), bearer(token), ask("/introspect", token, "web", webSecret), ask("/revoke", token, "web", webSecret),
	} {
		stranger.send(m).want(t, http.StatusInternalServerError, "server_error")
	}
	b.send(exchange(code)).want(t, http.StatusOK, "")
	b.send(bearer(token)).want(t, http.StatusOK, "")
}
