package provider_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// Promise 5: Redis has carried the command out, and its answer is lost. Nobody's
// family dies of that.
func TestRedisReplyLostToRefresh(t *testing.T) {
	worlds(t, func(t *testing.T, b *backchannel) {
		t.Helper()
		b.provider.Register(lasting())
		for n, step := range []string{"reading the family", "writing the session", "changing the turn"} {
			t.Run(step, func(t *testing.T) {
				first := b.begun("lasting")
				b.Faults().DropReply(n + 1)
				second := b.next(first.refresh(t))
				b.send(bearer(second.access(t))).want(t, http.StatusOK, "")
				b.next(second.refresh(t))
			})
		}
		t.Run("changing the turn, while somebody else does", func(t *testing.T) {
			first := b.begun("lasting")
			race := func() { b.next(first.refresh(t)) }
			b.signing.Store(&race)
			b.Faults().DropReply(6) // 1 reads, 2 to 4 are the other one's, 5 writes the session
			b.next(b.next(first.refresh(t)).refresh(t))
		})
		t.Run("userinfo: looking for the family", func(t *testing.T) {
			second := b.next(b.begun("lasting").refresh(t))
			b.Faults().DropReply(2)
			b.send(bearer(second.access(t))).want(t, http.StatusOK, "")
		})
		for _, reply := range []int{1, 2} {
			t.Run("/revoke", func(t *testing.T) {
				first := b.begun("lasting")
				b.Faults().DropReply(reply)
				b.send(ask("/revoke", first.refresh(t), "", "").by("lasting")).want(t, http.StatusOK, "")
				b.dead(t, first)
			})
		}
		t.Run("reuse: ending the family", func(t *testing.T) {
			first := b.begun("lasting")
			second := b.next(first.refresh(t))
			b.Advance(time.Minute)
			b.Faults().DropReply(2)
			b.send(refreshing(first.refresh(t))).want(t, http.StatusBadRequest, "invalid_grant")
			b.dead(t, second)
		})
	})
}

// Redis goes away at each step: the answer is 503, nothing is revoked, and the
// same token refreshes when Redis is back.
func TestRedisAwayFromRefresh(t *testing.T) {
	t.Parallel() // what is sent again and again takes its budget of two seconds
	for n, step := range []string{"reading the family", "writing the session", "changing the turn"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			b := newLasting(t, storagetest.New(t))
			first := b.begun("lasting")
			for k := range 20 { // as often as it can be offered in its budget
				b.Faults().DropReply(n + 1 + k)
			}
			answer := b.send(refreshing(first.refresh(t)))
			answer.want(t, http.StatusServiceUnavailable, "temporarily_unavailable")
			if body := answer.json(t); len(body) != 2 {
				t.Errorf("tokens of which nobody knows whether they work: %v", body)
			}
			settle(b)
			b.send(bearer(first.access(t))).want(t, http.StatusOK, "")
			b.next(b.next(first.refresh(t)).refresh(t))
		})
	}
	t.Run("ending a family", func(t *testing.T) {
		t.Parallel()
		b := newLasting(t, storagetest.New(t))
		first := b.begun("lasting")
		b.next(first.refresh(t))
		b.Advance(time.Minute)
		for k := range 20 {
			b.Faults().DropReply(2 + k)
		}
		b.send(refreshing(first.refresh(t))).want(t, http.StatusServiceUnavailable, "temporarily_unavailable")
		settle(b)
		b.send(refreshing(first.refresh(t))).want(t, http.StatusBadRequest, "invalid_grant")
	})
	t.Run("all the time", func(t *testing.T) {
		b := newLasting(t, storagetest.New(t))
		first := b.begun("lasting")
		second := b.next(first.refresh(t))
		b.Faults().Down()
		for _, m := range []*message{
			refreshing(second.refresh(t)), bearer(second.access(t)), ask("/revoke", second.refresh(t), "", "").by("lasting"),
		} {
			b.send(m).want(t, http.StatusServiceUnavailable, "temporarily_unavailable")
		}
		b.Faults().Up()
		b.send(bearer(second.access(t))).want(t, http.StatusOK, "")
		b.next(second.refresh(t))
	})
}

// settle lets the faults pass that are left.
func settle(b *backchannel) {
	for range 25 {
		_ = b.Store.Ping(b.t.Context())
	}
}

// Promise 3: Redis alone opens no family, not even with the server's key. Promise
// 4: no refresh token is in a log, and none in Redis.
func TestRefreshTokensStaySecret(t *testing.T) {
	s := With(t, Options{App: func(c *client.Client) { c.Scopes = append(c.Scopes, "offline_access") }})
	found := fixtures(s)
	note := func(name string, tokens map[string]any) string {
		access, _ := tokens["access_token"].(string)
		token, _ := tokens["refresh_token"].(string)
		parts := strings.Split(token, ".")
		if len(parts) != 3 {
			t.Fatalf("no refresh token: %v", tokens)
		}
		found[name+" secret"], found[name+" turn"], found[name+" access token"] = parts[1], parts[2], strings.Split(access, ".")[1]
		return token
	}
	refresh := func(token string) *Answer {
		answer, err := s.Call("/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}},
			func(r *http.Request) { r.SetBasicAuth(App, AppSecret) })
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	code := s.Login(func(v url.Values) {
		v.Set("scope", "openid profile email phone address offline_access")
		v.Set("state", found["state"])
		v.Set("nonce", found["nonce"])
	}).Get("code")
	first := note("the first", s.Exchange(code, nil).JSON())
	second := note("the second", refresh(first).JSON())

	id := first[:26]
	readable(t, s, id, "label")
	for _, bucket := range []string{"family", "session"} {
		for key := range s.Dump() {
			_, name, _ := strings.Cut(key, bucket+":{")
			if _, ok, err := storage.NewBucket[json.RawMessage](s.Store, bucket).Get(t.Context(), storage.HandleOf(strings.TrimSuffix(name, "}"), "")); ok || name != "" && err != nil {
				t.Errorf("the server's key alone opens %s: %v", key, err)
			}
		}
	}
	var dump bytes.Buffer
	for key, value := range s.Dump() {
		dump.WriteString(key)
		dump.Write(value)
	}
	found.search(t, "the dump", dump.String())

	s.Advance(s.Config.RefreshGrace)
	refresh(second[:53])
	refresh(first).Wants(t, http.StatusBadRequest, "invalid_grant")
	s.Exchange(code, nil)
	found.search(t, "the log", s.Log.String())
}
