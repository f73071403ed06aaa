package storage_test

import (
	"testing"

	"itsme-bridge/storage"
)

// Kin can be told to belong together, and are as hard to guess as strangers.
func TestKin(t *testing.T) {
	first := storage.NewHandle()
	seen := map[string]bool{first.ID(): true, first.Secret(): true}
	for range 100 {
		kin := storage.NewKin(first.ID())
		if _, ok := storage.ParseHandle(kin.Text()); !ok || storage.KinOf(kin.ID()) != storage.KinOf(first.ID()) {
			t.Fatalf("%q is no kin of %q", kin.ID(), first.ID())
		}
		if seen[kin.ID()] || seen[kin.Secret()] {
			t.Fatal("the same again")
		}
		seen[kin.ID()], seen[kin.Secret()] = true, true
	}
	for _, nobody := range []string{"", "short", first.Text()} {
		if alone := storage.NewKin(nobody); !storage.IsID(alone.ID()) || storage.KinOf(alone.ID()) == storage.KinOf(first.ID()) {
			t.Errorf("kin of %q: %q", nobody, alone.ID())
		}
	}
	if storage.KinOf("short") != "short" {
		t.Error("a short id is not its own kin")
	}
}
