package app_test

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/keys"
	"itsme-bridge/storage/storagetest"
)

// open finds the keys of a bridge.
func (b *bridge) open() (*app.SigningKeys, error) {
	b.t.Helper()
	config, err := b.parse()
	if err != nil {
		b.t.Fatal(err)
	}
	found, err := app.OpenSigningKeys(b.t.Context(), config, b.Now)
	if err == nil {
		b.t.Cleanup(found.Close)
	}
	return found, err
}

// states lists the keys of an algorithm.
func states(t *testing.T, k *app.SigningKeys, algorithm keys.Algorithm) (found []keys.State, first string) {
	t.Helper()
	list, err := k.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range list {
		if info.Algorithm == algorithm {
			found = append(found, info.State)
			if first == "" {
				first = info.ID
			}
		}
	}
	return found, first
}

func TestSigningKeys(t *testing.T) {
	world := storagetest.New(t)
	b := prepare(t, world, func(text string) string { return text + "    signing_alg: ES256\n" })
	k, err := b.open()
	if err != nil {
		t.Fatal(err)
	}
	if found, _ := states(t, k, keys.ES256); len(found) > 0 || len(world.Dump()) > 0 {
		t.Errorf("to list the keys made some: %v", found)
	}
	b.start()
	b.ready()
	found, kid := states(t, k, keys.ES256)
	if len(found) != 1 || found[0] != keys.Current {
		t.Fatalf("%v", found)
	}
	if err := k.Rotate(t.Context(), keys.ES256); err != nil {
		t.Fatal(err)
	}
	if found, _ := states(t, k, keys.ES256); len(found) != 2 || found[1] != keys.Next {
		t.Errorf("after rotate: %v", found)
	}
	if found, _ := states(t, k, keys.RS256); len(found) != 1 {
		t.Errorf("another algorithm rotated: %v", found)
	}
	if err := k.Revoke(t.Context(), kid); err != nil {
		t.Fatal(err)
	}
	if found, _ := states(t, k, keys.ES256); found[0] != keys.Revoked {
		t.Errorf("after revoke: %v", found)
	}
	if err := k.Revoke(t.Context(), "nobody"); !errors.Is(err, keys.ErrUnknownKey) {
		t.Errorf("%v", err)
	}
}

// The keys are nobody's who could not join: what he changed, the others could not read.
func TestSigningKeysOfAnotherDeployment(t *testing.T) {
	world := storagetest.New(t)
	b := prepare(t, world, nil)
	b.furnish()
	b.start()
	b.ready()
	_, err := prepare(t, world, withKeys(secondKey, configtest.MasterKey)).open()
	if refusal, ok := errors.AsType[*app.RefusedError](err); !ok || refusal.Path != "master_key.current" {
		t.Errorf("%v", err)
	}
}

func TestSigningKeysInFiles(t *testing.T) {
	folder := t.TempDir()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	configtest.PutKey(t, filepath.Join(folder, "rsa"), key)
	b := prepare(t, storagetest.New(t), func(text string) string {
		return strings.Replace(text, "clients:", "keys: {source: pem, files: ["+filepath.Join(folder, "rsa")+"]}\nclients:", 1)
	})
	k, err := b.open()
	if err != nil {
		t.Fatal(err)
	}
	if found, _ := states(t, k, keys.RS256); len(found) != 1 || found[0] != keys.Current {
		t.Errorf("%v", found)
	}
	if err := errors.Join(k.Rotate(t.Context(), keys.RS256)); !errors.Is(err, app.ErrKeysInFiles) {
		t.Errorf("%v", err)
	}
	if err := k.Revoke(t.Context(), "x"); !errors.Is(err, app.ErrKeysInFiles) {
		t.Errorf("%v", err)
	}
}

// Replicas rotate without anybody noticing: a token that was signed before is
// still good after, and the keys say when they change.
func TestTheRingRotatesUnderTheApp(t *testing.T) {
	world := storagetest.New(t)
	b := prepare(t, world, nil)
	b.start()
	b.ready()
	k, err := b.open()
	if err != nil {
		t.Fatal(err)
	}
	world.Advance(29 * 24 * time.Hour)
	if err := k.Rotate(t.Context(), keys.RS256); err != nil { // what is due is done with any change
		t.Fatal(err)
	}
	if found, _ := states(t, k, keys.RS256); len(found) != 2 || found[0] != keys.Current || found[1] != keys.Next {
		t.Errorf("a day before its time: %v", found)
	}
}
