package provider_test

import (
	"net/http"
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
