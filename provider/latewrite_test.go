package provider_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A write may reach Redis a second time, long after: a connection hung, the store has sent it again on another one, and
// what was held back comes through after all. That must not bring back what was revoked meanwhile.
func TestALateWriteRevivesNoToken(t *testing.T) {
	refreshed := func(t *testing.T, b *backchannel) reply { t.Helper(); return b.next(b.begun("lasting").refresh(t)) }
	redeemed := func(t *testing.T, b *backchannel) reply { t.Helper(); return b.begun("lasting") }
	accessOf := func(t *testing.T, r reply) string { t.Helper(); return r.access(t) }
	refreshOf := func(t *testing.T, r reply) string { t.Helper(); return r.refresh(t) }
	for _, row := range []struct {
		name   string
		get    func(t *testing.T, b *backchannel) reply
		late   []int // round trips that come again: 1 puts the code, 2 reads it, 3 redeems it, 4 reads the family, 5 puts an access token, 6 changes the turn
		revoke func(t *testing.T, got reply) string
	}{
		{"the access token of a code", redeemed, []int{3}, accessOf},
		{"the access token of a code, by its refresh token", redeemed, []int{3}, refreshOf},
		{"that of a refresh", refreshed, []int{5}, accessOf},
		{"that of a refresh, by its refresh token", refreshed, []int{3, 5, 6}, refreshOf},
	} {
		t.Run(row.name, func(t *testing.T) {
			worlds(t, func(t *testing.T, b *backchannel) {
				t.Helper()
				b.provider.Register(lasting())
				b.ResetRoundtrips()
				var again []func(testing.TB)
				for _, n := range row.late {
					again = append(again, b.Faults().Echo(n))
				}
				got := row.get(t, b)
				b.send(bearer(got.access(t))).want(t, http.StatusOK, "")
				b.send(ask("/revoke", row.revoke(t, got), "", "").by("lasting")).want(t, http.StatusOK, "")
				for range 2 { // at once, and just before the access token would have expired
					for _, write := range again {
						write(t)
					}
					b.send(bearer(got.access(t))).want(t, http.StatusUnauthorized, "invalid_token")
					if active := b.send(ask("/introspect", got.access(t), "", "").by("lasting")).json(t)["active"]; active != false {
						t.Errorf("introspection says active: %v", active)
					}
					b.Advance(5*time.Minute - time.Second)
				}
			})
		})
	}
}

// What was revoked stays so where another replica's clock is behind, too: its marker stands for a while after
// the token has expired by ours.
func TestARevokedTokenIsRememberedBeyondItsEnd(t *testing.T) {
	worlds(t, func(t *testing.T, b *backchannel) {
		t.Helper()
		tokens := func() map[string][]byte {
			held := b.Dump()
			maps.DeleteFunc(held, func(key string, _ []byte) bool { return !strings.HasPrefix(key, "test:session:") })
			return held
		}
		b.provider.Register(lasting())
		b.ResetRoundtrips()
		again := b.Faults().Echo(3) // the redemption of the code
		got := b.begun("lasting")
		b.send(ask("/revoke", got.access(t), "", "").by("lasting")).want(t, http.StatusOK, "")
		revoked := tokens()
		if len(revoked) != 1 {
			t.Fatalf("%d records of access tokens", len(revoked))
		}
		b.Advance(5*time.Minute + 50*time.Second)
		again(t)
		if now := tokens(); !maps.EqualFunc(now, revoked, func(a, b []byte) bool { return string(a) == string(b) }) {
			t.Error("a late write has brought the token back, for a replica by whose clock it is still good")
		}
	})
}
