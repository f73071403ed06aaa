package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	"itsme-bridge/storage/storagetest"
)

// idling is a backchannel whose refresh tokens end after 20 minutes in which nobody uses them, and after an hour anyway.
func idling(t *testing.T, clients ...client.Client) *backchannel {
	t.Helper()
	return newBackchannelWith(t, storagetest.New(t), func(c *provider.Config) { c.RefreshIdle = 20 * time.Minute }, clients...)
}

// RFC 9700 §4.14.2: a refresh token ends when nobody has used it for some time, and so does the record with the person's
// claims. Our clock decides.
func TestARefreshTokenThatNobodyUses(t *testing.T) {
	b := idling(t, lasting()...)
	kept := func(r reply) time.Duration {
		return b.Redis().PTTL(t.Context(), storagetest.Prefix+"family:{"+r.refresh(t)[:26]+"}").Val()
	}
	r := b.begun("lasting")
	for range 3 { // for longer than that in all
		if ttl := kept(r); ttl != 25*time.Minute {
			t.Errorf("the family stays for %v", ttl)
		}
		b.Advance(19 * time.Minute)
		r = b.next(r.refresh(t))
	}
	if ttl := kept(r); ttl != 8*time.Minute {
		t.Errorf("the family, which is to end in 3 minutes, stays for %v", ttl)
	}
	r = b.begun("lasting")
	b.skew.Store(int64(20 * time.Minute))
	b.send(refreshing(r.refresh(t))).want(t, http.StatusBadRequest, "invalid_grant")
	b.skew.Store(0)
	second := b.next(r.refresh(t)) // that it was refused has ended nothing
	b.Advance(20*time.Minute - time.Second)
	third := b.next(second.refresh(t))
	b.Advance(20 * time.Minute)
	b.send(refreshing(third.refresh(t))).want(t, http.StatusBadRequest, "invalid_grant")
	b.Advance(5 * time.Minute)
	if ttl := kept(third); ttl > 0 {
		t.Errorf("the family of which nothing can come any more stays for %v", ttl)
	}
}

// Where nothing is said of it, only the end of the family counts.
func TestARefreshTokenThatMayBeLeftAlone(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	r := b.begun("lasting")
	b.Advance(time.Hour - time.Second)
	b.next(r.refresh(t))
}

// profiled refreshes as the FAPI 2.0 client.
func (b *backchannel) profiled(h *holder, token string) (answer reply) {
	b.t.Helper()
	h.issuer = b.issuer
	for range 2 { // the first may only bring a nonce
		m := refreshing(token).by("profiled")
		m.header["Dpop"] = []string{h.proof(http.MethodPost, "/token", "")}
		answer = b.send(m)
		h.nonce = answer.header.Get("DPoP-Nonce")
		if !strings.Contains(answer.body, "use_dpop_nonce") {
			break
		}
	}
	return answer
}

// Where refresh_idle is made longer, the record of before, which was to live for so short a time, does not end a
// login that is used all the while.
func TestARefreshTokenThatMayIdleForLonger(t *testing.T) {
	world := storagetest.New(t)
	before := newBackchannelWith(t, world, func(c *provider.Config) { c.RefreshIdle = 10 * time.Minute }, lasting()...)
	b := newBackchannelWith(t, world, func(*provider.Config) {}, lasting()...)
	h := before.holder()
	r := before.send(h.exchange(before.code(offline("profiled"))).by("profiled"))
	r.want(t, http.StatusOK, "")
	for range 3 {
		b.Advance(9 * time.Minute)
		b.profiled(h, r.refresh(t)).want(t, http.StatusOK, "")
	}
}

// That of a FAPI 2.0 client does not rotate: each use is written down all the same, and gives none that was before another
// grace.
func TestARefreshTokenThatDoesNotRotateIdles(t *testing.T) {
	clients := lasting()
	profile := func(on bool) {
		for i := range clients {
			if clients[i].ID == "profiled" {
				clients[i].FAPI2 = on
			}
		}
	}
	profile(false)
	b := idling(t, clients...)
	h := b.holder()
	refresh := func(token string) reply { t.Helper(); return b.profiled(h, token) }
	before := b.send(h.exchange(b.code(offline("profiled"))).by("profiled"))
	before.want(t, http.StatusOK, "")
	r := refresh(before.refresh(t))
	profile(true)
	b.provider.Register(clients)
	for range 2 {
		b.Advance(19 * time.Minute)
		answer := refresh(r.refresh(t))
		answer.want(t, http.StatusOK, "")
		if answer.refresh(t) != r.refresh(t) {
			t.Error("it rotates")
		}
	}
	b.Advance(20 * time.Minute)
	refresh(r.refresh(t)).want(t, http.StatusBadRequest, "invalid_grant")

	before = b.send(h.exchange(b.code(offline("profiled"))).by("profiled"))
	profile(false)
	b.provider.Register(clients)
	r = refresh(before.refresh(t))
	profile(true)
	b.provider.Register(clients)
	b.Advance(2 * time.Minute)
	refresh(r.refresh(t)).want(t, http.StatusOK, "")
	refresh(before.refresh(t)).want(t, http.StatusBadRequest, "invalid_grant")
	refresh(r.refresh(t)).want(t, http.StatusBadRequest, "invalid_grant")
}
