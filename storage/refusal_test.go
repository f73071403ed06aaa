package storage_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// refused fails unless a store is refused like this.
func refused(t *testing.T, s *storage.Store, setting string, lasting bool) {
	t.Helper()
	err := s.Probe(soon(t))
	if !errors.Is(err, storage.ErrUnavailable) {
		t.Fatalf("Probe: %v", err)
	}
	why, ok := s.RefusalIn(err)
	if !ok || why.Setting != setting || why.Lasting != lasting || why.Text == "" {
		t.Errorf("%+v, %v; want %q, lasting %v\n%v", why, ok, setting, lasting, err)
	}
}

// A Redis that takes no writes says why, and what it is about.
func TestWhyARealRedisTakesNoWrites(t *testing.T) {
	for _, row := range []struct {
		name    string
		server  []string
		mode    string
		change  func(*storage.Options)
		setting string
		lasting bool
	}{
		{"no password", []string{"--requirepass", "pw"}, "single", nil, "password", true},
		{"another password", []string{"--requirepass", "pw"}, "single", func(o *storage.Options) { o.Password = "no" }, "password", true},
		{"another user", nil, "single", func(o *storage.Options) { o.Username, o.Password = "ferry", "pw" }, "password", true},
		{"a user who may only read", user("~* +@read +@scripting +@connection"), "single", asBridge, "username", true},
		{"a user who may run no script", user("~* +@read +@write +@connection"), "single", asBridge, "username", true},
		{"a user of other keys", user("~other:* +@all"), "single", asBridge, "username", true},
		{"a replica", []string{"--replicaof", "127.0.0.1", "1"}, "single", nil, "addresses", true},
		{"no such database", nil, "single", func(o *storage.Options) { o.Database = 99 }, "database", true},
		{"no scripts", []string{"--rename-command", "EVAL", "SOMETHING"}, "single", nil, "addresses", true},
		{"no Cluster", nil, "cluster", nil, "mode", true},
		{"no sentinel", nil, "sentinel", nil, "mode", true},
		{"no memory", []string{"--maxmemory", "1"}, "single", nil, "", false},
		{"no replicas", []string{"--min-replicas-to-write", "1"}, "single", nil, "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := storage.Options{Mode: row.mode, Addresses: []string{storagetest.Serve(t, row.server...)}, MasterName: "main", Prefix: "test:"}
			if row.mode != "single" {
				o.Addresses = []string{storagetest.ServeOnPort(t)}
			}
			if row.change != nil {
				row.change(&o)
			}
			s, err := storage.Open(o, storage.NewKeyring(storage.NewKey()))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			refused(t, s, row.setting, row.lasting)
		})
	}
}

// user are the arguments of a server that has a user for the bridge.
func user(rules string) []string {
	return append([]string{"--user", "bridge", "on", ">pw"}, strings.Fields(rules)...)
}

func asBridge(o *storage.Options) { o.Username, o.Password = "bridge", "pw" }

// A master's name that no sentinel knows is found out, unless a sentinel is not reached,
// which may know it.
func TestAMasterThatNobodyKnows(t *testing.T) {
	for name, row := range map[string]struct {
		more    []string
		lasting bool
	}{"nobody": {nil, true}, "perhaps somebody": {[]string{"127.0.0.1:1"}, false}} {
		t.Run(name, func(t *testing.T) {
			s, err := storage.Open(storage.Options{
				Mode: "sentinel", Addresses: append([]string{storagetest.SentinelAddress(t)}, row.more...), MasterName: "other",
			}, storage.NewKeyring(storage.NewKey()))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			refused(t, s, "master_name", row.lasting)
		})
	}
}

// The words of other versions, and of what a test does not bring about.
func TestWhatRedisSaysWhereItRefuses(t *testing.T) {
	for _, row := range []struct {
		says    string
		mode    string
		setting string
		lasting bool
	}{
		{"ERR unknown command `EVAL`, with args beginning with: `return 1`", "single", "addresses", true}, // 6.0
		{"ERR invalid password", "single", "password", true},                                              // 5
		{"ERR Client sent AUTH, but no password is set", "single", "password", true},                      // 5
		{"ERR wrong number of arguments for 'auth' command", "single", "username", true},                  // 5
		{"NOPERM this user has no permissions to run the 'eval' command or its subcommand", "single", "username", true},
		{"ERR Error running script (call to f_5): @user_script:2: @user_script: 2: The user executing the script can't run this command or subcommand", "single", "username", true},
		{"ERR Error running script (call to f_5): @user_script:2: @user_script: 2: -READONLY You can't write against a read only replica.", "single", "addresses", true},
		{"READONLY You can't write against a read only replica.", "sentinel", "", false},
		{"READONLY You can't write against a read only replica.", "cluster", "", false},
		{"ERR Error running script (call to f_5): @user_script:2: @user_script: 2: -OOM command not allowed when used memory > 'maxmemory'.", "single", "", false},
		{"MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.", "single", "", false},
		{"LOADING Redis is loading the dataset in memory", "single", "", false},
		{"BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", "single", "", false},
		{"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", "single", "", false},
		{"CLUSTERDOWN Hash slot not served", "cluster", "", false},
		{"ERR max number of clients reached", "single", "", false},
		{"MOVED 3999 127.0.0.1:6381", "single", "mode", true},
		{"DENIED Redis is running in protected mode because protected mode is enabled", "single", "password", true},
	} {
		t.Run(row.mode+" "+row.says, func(t *testing.T) {
			g := storagetest.StartGuarded(t, row.mode, storagetest.Guard{}, storagetest.Guard{})
			s := open(t, g, row.mode, storage.Options{})
			if err := s.Probe(soon(t)); err != nil {
				t.Fatal(err)
			}
			g.Redis.SetError(row.says)
			refused(t, s, row.setting, row.lasting)
		})
	}
}

// A way to Redis that is broken is no refusal of Redis.
func TestABrokenWayIsNoRefusal(t *testing.T) {
	w := storagetest.New(t)
	w.Faults().Down()
	err := w.Store.Probe(soon(t))
	if why, ok := w.Store.RefusalIn(err); ok || !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("%+v, %v", why, err)
	}
	if why, ok := w.Store.RefusalIn(nil); ok {
		t.Errorf("nothing failed: %+v", why)
	}
}

// One probe is one write in one round trip, which goes by itself.
func TestAProbeIsCheap(t *testing.T) {
	for _, world := range []world{{"single", storagetest.Real}, {"cluster", storagetest.Cluster}, {"sentinel", storagetest.Sentinel}} {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			w.ResetRoundtrips()
			for range 3 {
				if err := w.Store.Probe(soon(t)); err != nil {
					t.Fatal(err)
				}
			}
			if n := w.Roundtrips(); n != 3 {
				t.Errorf("%d round trips", n)
			}
			w.Advance(10 * time.Second)
			if left := w.Dump(); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

// The rights that config.yaml and the refusal name are enough.
func TestTheRightsOfAUser(t *testing.T) {
	address := storagetest.Serve(t, user("~test:* +@read +@write +@scripting +@connection -@dangerous +select")...)
	o := storage.Options{Mode: "single", Addresses: []string{address}, Prefix: "test:", Database: 1}
	asBridge(&o)
	s, err := storage.Open(o, storage.NewKeyring(storage.NewKey()))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	works(t, s, true)
	if err := s.Probe(soon(t)); err != nil {
		t.Error(err)
	}
	n, h := int64(0), storage.NewHandle()
	lease := s.NewLease("lease", h.ID())
	if err := s.Do(soon(t), lease.Acquire(time.Minute), s.Count("starts", "all", time.Minute, time.Now(), &n)); err != nil {
		t.Error(err)
	}
	committed(t, s, true, people(s).Set(h, person{Name: "Lucas"}, time.Minute), lease.Release(0))
	used(t, s, h, won)
	used(t, s, h, replay)
	swap(t, s.Cell("keys", time.Hour), "", "one", true)
	load(t, s.Cell("keys", time.Hour), "one")
	q := storage.NewQueue[person](s, "letters", time.Hour)
	if err := q.Add(soon(t), time.Now().Add(-time.Second), storage.Item[person]{ID: "A"}); err != nil {
		t.Error(err)
	}
	if items, err := q.Claim(soon(t), time.Now(), time.Minute, 1); err != nil || len(items) != 1 || q.Done(soon(t), items[0]) != nil {
		t.Errorf("Claim = %v, %v", items, err)
	}
	if policy, err := s.Policy(soon(t)); policy != "" || err != nil { // it is not let ask
		t.Errorf("Policy = %q, %v", policy, err)
	}
}
