package app_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/storage/storagetest"
)

// revoke does what the command does.
func (b *bridge) revoke(client string) time.Time {
	b.t.Helper()
	config, err := b.parse()
	if err != nil {
		b.t.Fatal(err)
	}
	until, err := app.RevokeLogins(b.t.Context(), config, client, b.Now)
	if err != nil {
		b.t.Fatal(err)
	}
	return until
}

// A bridge that runs learns of it within seconds, one that starts before it
// serves; and a bridge that cannot ask says so.
func TestRevokedLogins(t *testing.T) {
	t.Parallel() // it waits twice for app.NotBeforeEvery
	world := storagetest.New(t)
	b := prepare(t, world, nil)
	b.furnish()
	b.start()
	b.ready()
	login := func() string {
		t.Helper()
		token, _ := b.Exchange(b.Login(nil).Get("code"), nil).JSON()["access_token"].(string)
		return token
	}
	token := login()
	if until := b.revoke("app"); !until.Equal(world.Now()) {
		t.Errorf("until %v", until)
	}
	other := prepare(t, world, nil)
	other.start()
	other.ready()
	if answer := other.UserInfo(token); answer.Status != http.StatusUnauthorized {
		t.Errorf("a bridge that starts: %d %s", answer.Status, answer.Body)
	}
	for deadline := time.Now().Add(patience); b.UserInfo(token).Status != http.StatusUnauthorized; {
		if time.Now().After(deadline) {
			t.Fatal("the bridge that runs does not learn of it")
		}
		time.Sleep(100 * time.Millisecond)
	}
	world.Advance(time.Second)
	if token = login(); token == "" || b.UserInfo(token).Status != http.StatusOK {
		t.Error("a later login is refused, too")
	}

	world.Faults().Down()
	b.journal.await(t, "nobody knows which logins were revoked since")
	if _, body := b.ask("/metrics"); !strings.Contains(body, "itsme_bridge_not_before_refresh_failures_total 1") {
		t.Error("it is not counted")
	}
	world.Faults().Up()
	if b.UserInfo(token).Status != http.StatusOK {
		t.Error("what it knew is gone")
	}
}

// Nobody revokes who could not join: nobody would understand him.
func TestRevokeInAnotherDeployment(t *testing.T) {
	world := storagetest.New(t)
	b := prepare(t, world, nil)
	b.furnish()
	b.start()
	b.ready()
	config, err := prepare(t, world, withKeys(secondKey, configtest.MasterKey)).parse()
	if err != nil {
		t.Fatal(err)
	}
	_, err = app.RevokeLogins(t.Context(), config, "app", b.Now)
	if refusal, ok := errors.AsType[*app.RefusedError](err); !ok || refusal.Path != "master_key.current" {
		t.Errorf("%v", err)
	}
}
