package storage_test

import (
	"errors"
	"testing"
	"time"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

func modes() []string { return []string{"single", "sentinel", "cluster"} }

// open opens a store on a guarded Redis.
func open(t *testing.T, g storagetest.Guarded, mode string, o storage.Options) *storage.Store {
	t.Helper()
	o.Mode, o.Addresses, o.MasterName = mode, []string{g.Address}, "main"
	s, err := storage.Open(o, storage.NewKeyring(storage.NewKey()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// works fails unless a record can be put and read again, or unless Redis cannot be had at all.
func works(t *testing.T, s *storage.Store, want bool) {
	t.Helper()
	h := storage.NewHandle()
	if !want {
		if _, _, err := people(s).Get(soon(t), h); !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("Get: %v", err)
		}
		return
	}
	if err := s.Ping(soon(t)); err != nil {
		t.Fatal(err) // Put would go on asking
	}
	if err := people(s).Put(soon(t), h, person{Name: "Lucas"}, time.Minute); err != nil {
		t.Fatal(err)
	}
	holds(t, people(s), h, "Lucas")
}

// Redis is told who we are in every mode.
func TestPasswordsInEveryMode(t *testing.T) {
	for _, row := range []struct {
		name  string
		guard storagetest.Guard
		o     storage.Options
		ok    bool
	}{
		{"a user", storagetest.Guard{Username: "bridge", Password: "pw"}, storage.Options{Username: "bridge", Password: "pw"}, true},
		{"another user", storagetest.Guard{Username: "bridge", Password: "pw"}, storage.Options{Username: "ferry", Password: "pw"}, false},
		{"no user", storagetest.Guard{Username: "bridge", Password: "pw"}, storage.Options{Password: "pw"}, false},
		{"the default user", storagetest.Guard{Password: "pw"}, storage.Options{Password: "pw"}, true},
		{"another password", storagetest.Guard{Password: "pw"}, storage.Options{Password: "no"}, false},
		{"no password", storagetest.Guard{Password: "pw"}, storage.Options{}, false},
	} {
		for _, mode := range modes() {
			t.Run(row.name+"/"+mode, func(t *testing.T) {
				g := storagetest.StartGuarded(t, mode, row.guard, storagetest.Guard{})
				works(t, open(t, g, mode, row.o), row.ok)
			})
		}
	}
}

// A Redis that does not let us in has said nothing of what it holds: neither that a
// record is absent, nor that a lease is busy, nor that nothing was counted.
func TestNotLetInIsNotAbsent(t *testing.T) {
	for _, mode := range modes() {
		t.Run(mode, func(t *testing.T) {
			g := storagetest.StartGuarded(t, mode, storagetest.Guard{Password: "pw"}, storagetest.Guard{})
			s, h := open(t, g, mode, storage.Options{Password: "no"}), storage.NewHandle()
			var record storage.Record[person]
			var state storage.State
			var n int64
			for name, op := range map[string]storage.Op{
				"Read": people(s).Read(h, &record), "State": people(s).State(h.ID(), &state),
				"Acquire": s.NewLease("lease", h.ID()).Acquire(time.Minute), "Look": s.NewLease("lease", h.ID()).Look(),
				"Count": s.Count("starts", "all", time.Minute, time.Now(), &n),
			} {
				if err := s.Do(soon(t), op); !errors.Is(err, storage.ErrUnavailable) {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

// A sentinel has a user and a password of its own, and hears nothing of Redis's.
func TestPasswordsOfASentinel(t *testing.T) {
	redis, sentinel := storagetest.Guard{Username: "bridge", Password: "pw"}, storagetest.Guard{Username: "watcher", Password: "sentinel's"}
	for _, row := range []struct {
		name     string
		sentinel storagetest.Guard
		change   func(*storage.Options)
		ok       bool
	}{
		{"both right", sentinel, func(*storage.Options) {}, true},
		{"another user", sentinel, func(o *storage.Options) { o.SentinelUsername = "bridge" }, false},
		{"no user", sentinel, func(o *storage.Options) { o.SentinelUsername = "" }, false},
		{"another password", sentinel, func(o *storage.Options) { o.SentinelPassword = "pw" }, false},
		{"none", sentinel, func(o *storage.Options) { o.SentinelUsername, o.SentinelPassword = "", "" }, false},
		{"Redis's", redis, func(o *storage.Options) { o.SentinelUsername, o.SentinelPassword = "", "" }, false},
		{"the default user", storagetest.Guard{Password: "sentinel's"}, func(o *storage.Options) { o.SentinelUsername = "" }, true},
		{"none, and none is wanted", storagetest.Guard{}, func(o *storage.Options) { o.SentinelUsername, o.SentinelPassword = "", "" }, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := storage.Options{Username: "bridge", Password: "pw", SentinelUsername: "watcher", SentinelPassword: "sentinel's"}
			row.change(&o)
			g := storagetest.StartGuarded(t, "sentinel", redis, row.sentinel)
			works(t, open(t, g, "sentinel", o), row.ok)
		})
	}
}

// Records are where the operator looks for them.
func TestDatabase(t *testing.T) {
	for _, mode := range []string{"single", "sentinel"} {
		t.Run(mode, func(t *testing.T) {
			g := storagetest.StartGuarded(t, mode, storagetest.Guard{}, storagetest.Guard{})
			works(t, open(t, g, mode, storage.Options{Database: 3}), true)
			if keys := g.Redis.DB(3).Keys(); len(keys) != 1 || len(g.Redis.DB(0).Keys()) != 0 {
				t.Errorf("database 3 holds %q", keys)
			}
		})
	}
}
