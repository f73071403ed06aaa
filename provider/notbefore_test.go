package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/notbefore"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// revokeAll refuses the logins of a client up to now, and lets the provider know.
func (b *backchannel) revokeAll(client string) {
	b.t.Helper()
	if _, err := notbefore.Set(b.t.Context(), b.Store, client, b.Now()); err != nil {
		b.t.Fatal(err)
	}
	b.hears()
}

func (b *backchannel) hears() {
	b.t.Helper()
	if err := b.provider.RefreshNotBefore(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// justNow lets a login happen at this second.
func (b *backchannel) justNow(g *grant.Grant) { g.AuthTime = b.Now().Truncate(time.Second) }

// Everything that came of a login is dead, at every endpoint, and what comes of
// a later one is not.
func TestNotBefore(t *testing.T) {
	for _, row := range []struct {
		name, revoked string
		dies          bool
	}{
		{"its client", "lasting", true},
		{"all", "", true},
		{"another client", "other", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newLasting(t, storagetest.New(t))
			first := b.begun("lasting", b.justNow)
			second := b.next(first.refresh(t))
			code, later := b.code(offline("lasting"), b.justNow), b.code(offline("lasting"), b.justNow)
			b.revokeAll(row.revoked)
			if !row.dies {
				b.send(exchange(code).by("lasting")).want(t, http.StatusOK, "")
				b.send(bearer(second.access(t))).want(t, http.StatusOK, "")
				b.next(second.refresh(t))
				return
			}
			b.send(exchange(code).by("lasting")).want(t, http.StatusBadRequest, "invalid_grant")
			b.dead(t, first, second)
			if !b.stands(first.refresh(t)) {
				t.Error("the family was ended, as if its token had been stolen")
			}
			b.Advance(time.Second)
			b.send(exchange(later).by("lasting")).want(t, http.StatusBadRequest, "invalid_grant") // its login counts, not the moment of its exchange
			b.next(b.begun("lasting", b.justNow).refresh(t))
		})
	}
}

// What a replica made that had not heard of it yet is dead, too: it looks at the
// login, not at the token.
func TestNotBeforeAndReplicas(t *testing.T) {
	world := storagetest.New(t)
	here := newLasting(t, world)
	there := newLasting(t, world)
	first := here.begun("lasting", here.justNow)
	here.revokeAll("lasting")
	here.Advance(2 * time.Second)

	second := there.next(first.refresh(t))
	there.send(bearer(second.access(t))).want(t, http.StatusOK, "") // it does not know
	here.send(bearer(second.access(t))).want(t, http.StatusUnauthorized, "invalid_token")
	there.hears()
	there.dead(t, first, second)
}

// Redis is away, or has forgotten: the provider goes on with what it knows.
func TestNotBeforeIsRemembered(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	first := b.begun("lasting", b.justNow)
	b.revokeAll("lasting")
	b.Faults().Down()
	if err := b.provider.RefreshNotBefore(t.Context()); err == nil {
		t.Error("no error")
	}
	b.Faults().Up()
	b.dead(t, first)

	b.Redis().Del(t.Context(), storagetest.Prefix+"cell:{not-before}")
	b.hears()
	b.dead(t, first)
	b.revokeAll("other")
	b.dead(t, first)
	b.revokeAll("")
	b.send(exchange(b.code(offline("native"), b.justNow)).by("native")).want(t, http.StatusBadRequest, "invalid_grant")
}

// What Redis has lost, whoever knows it puts back: for replicas that begin later.
func TestNotBeforeIsPutBack(t *testing.T) {
	const cell = storagetest.Prefix + "cell:{not-before}"
	for _, revoked := range []string{"lasting", ""} {
		t.Run("of "+revoked, func(t *testing.T) {
			world := storagetest.New(t)
			here := newLasting(t, world)
			code := here.code(offline("lasting"), here.justNow)
			here.revokeAll(revoked)
			here.Redis().Del(t.Context(), cell)
			here.hears()
			there := newLasting(t, world)
			there.hears()
			there.send(exchange(code).by("lasting")).want(t, http.StatusBadRequest, "invalid_grant")

			was := world.Dump()[cell]
			here.hears()
			there.hears()
			if is := world.Dump()[cell]; string(is) != string(was) {
				t.Error("it was written although nothing was missing")
			}
		})
	}
}

// What is heard counts at once, also if nothing can be put back.
func TestNotBeforeThatCannotBePutBack(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	b.revokeAll("other")
	b.Redis().Del(t.Context(), storagetest.Prefix+"cell:{not-before}")
	if _, err := notbefore.Set(t.Context(), b.Store, "lasting", b.Now()); err != nil {
		t.Fatal(err)
	}
	reached, release := b.Faults().Hold(2) // the swap
	done := make(chan error, 1)
	go func() { done <- b.provider.RefreshNotBefore(t.Context()) }()
	select {
	case <-reached:
	case err := <-done:
		t.Fatalf("nothing is put back: %v", err)
	}
	b.Faults().Down()
	release()
	if err := <-done; err == nil {
		t.Error("no error")
	}
	b.Faults().Up()
	b.send(exchange(b.code(offline("lasting"), b.justNow)).by("lasting")).want(t, http.StatusBadRequest, "invalid_grant")
}

// Who begins with a new server key seals it anew: nothing else would, before the
// old key is taken away.
func TestNotBeforeOutlivesTheServerKey(t *testing.T) {
	world := storagetest.New(t)
	last, next := storage.NewKey(), storage.NewKey()
	world.Store = world.With(t, storage.NewKeyring(last))
	first := newLasting(t, world)
	first.revokeAll("lasting")
	for _, ring := range []storage.Keyring{storage.NewKeyring(next, last), storage.NewKeyring(next)} {
		world.Store = world.With(t, ring)
		b := newLasting(t, world)
		b.hears()
		b.send(exchange(b.code(offline("lasting"), b.justNow)).by("lasting")).want(t, http.StatusBadRequest, "invalid_grant")
	}
}

// What cannot be read, or not opened, is not overwritten.
func TestNotBeforeThatCannotBeRead(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	for _, put := range []func(){
		func() {
			cell := b.Store.Cell("not-before", time.Hour)
			if ok, err := cell.Swap(t.Context(), "", []byte(`{"all":"lucas"}`)); !ok || err != nil {
				t.Fatal(err)
			}
		},
		func() {
			stranger := b.With(t, storage.NewKeyring(storage.NewKey()))
			b.Redis().Del(t.Context(), storagetest.Prefix+"cell:{not-before}")
			if _, err := notbefore.Set(t.Context(), stranger, "", b.Now()); err != nil {
				t.Fatal(err)
			}
		},
	} {
		put()
		before := string(b.Dump()[storagetest.Prefix+"cell:{not-before}"])
		if _, err := notbefore.Set(t.Context(), b.Store, "", b.Now()); err == nil || strings.Contains(err.Error(), "lucas") {
			t.Errorf("SetNotBefore: %v", err)
		}
		if err := b.provider.RefreshNotBefore(t.Context()); err == nil {
			t.Error("RefreshNotBefore: no error")
		}
		if after := string(b.Dump()[storagetest.Prefix+"cell:{not-before}"]); after != before {
			t.Error("it was overwritten")
		}
	}
}

// Two operators at once: both are heard.
func TestNotBeforeTwiceAtOnce(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	reached, release := b.Faults().Hold(2) // the swap
	done := make(chan error, 1)
	go func() {
		_, err := notbefore.Set(t.Context(), b.Store, "lasting", b.Now())
		done <- err
	}()
	<-reached
	b.revokeAll("native")
	release()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	b.hears()
	for _, id := range []string{"lasting", "native"} {
		b.send(exchange(b.code(offline(id), b.justNow)).by(id)).want(t, http.StatusBadRequest, "invalid_grant")
	}
}

func TestSetNotBeforeSaysFromWhen(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	set := func(client string, at time.Time) time.Time {
		t.Helper()
		got, err := notbefore.Set(t.Context(), b.Store, client, at)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	now := b.Now()
	if got := set("lasting", now); !got.Equal(now) {
		t.Errorf("%v", got)
	}
	if got := set("lasting", now.Add(-time.Hour)); !got.Equal(now) {
		t.Errorf("somebody said so later: %v", got)
	}
	if got := set("", now.Add(time.Hour)); !got.Equal(now.Add(time.Hour)) {
		t.Errorf("%v", got)
	}
	if got := set("lasting", now.Add(time.Minute)); !got.Equal(now.Add(time.Hour)) {
		t.Errorf("all are refused for longer: %v", got)
	}
}

// A browser's session is an approval, too: one that does not count serves nobody.
func TestNotBeforeEndsSessions(t *testing.T) {
	for _, row := range []struct {
		name, revoked string
		request       func(url.Values)
		serves        bool
	}{
		{"the client that made it", App, nil, false},
		{"the client that made it, where another one asks", App, set("client_id", SPA), false},
		{"the client that asks", SPA, set("client_id", SPA), false},
		{"all", "", nil, false},
		{"a third client", "other", nil, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := withSessions(t, Options{Config: func(c *provider.Config) { c.Session.Share = true }})
			b, _ := signedIn(t, s, nil)
			if _, err := notbefore.Set(t.Context(), s.Store, row.revoked, s.Now()); err != nil {
				t.Fatal(err)
			}
			if err := s.Provider.RefreshNotBefore(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, got := responseOf(t, b.Authorize(all(row.request, set("prompt", "none"))))
			if got.Has("code") != row.serves || !row.serves && got.Get("error") != "login_required" {
				t.Errorf("%v", got)
			}
		})
	}
}
