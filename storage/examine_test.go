package storage_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

func examine(t *testing.T, o storage.Options) *storage.Examiner {
	t.Helper()
	if o.Mode == "" {
		o.Mode = "single"
	}
	if o.Prefix == "" {
		o.Prefix = "test:"
	}
	x, err := storage.Examine(o, storage.NewKeyring(storage.NewKey()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	return x
}

const documented = "+@read +@write +@scripting +@connection -@dangerous +select"

// What Redis lets our user not do is named in the words that give it to him.
func TestRightsNamesWhatIsLacking(t *testing.T) {
	for _, row := range []struct {
		name, acl string
		database  int
		lacking   []string
	}{
		{"as documented", "~test:* " + documented, 2, nil},
		{"everything", "~* +@all", 0, nil},
		{"no scripts", "~test:* " + documented + " -eval", 0, []string{"+eval"}},
		{"no hashes", "~test:* " + documented + " -hset -hget", 0, []string{"+hset", "+hget"}},
		{"other keys", "~other:* " + documented, 0, []string{"~test:*"}},
		{"no database but the first", "~test:* +@read +@write +@scripting +@connection -select", 2, []string{"+select"}},
		{"no writing of anything", "~test:* +@read +@scripting +@connection +select", 0, []string{"+set", "+pexpire", "+hdel", "+zrem", "+zremrangebyscore", "+del"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			socket := storagetest.Serve(t, strings.Fields("--user bridge on >secret-of-the-test "+row.acl)...)
			o := storage.Options{Addresses: []string{socket}, Username: "bridge", Password: "secret-of-the-test", Database: row.database}
			rights, err := examine(t, o).Rights(t.Context())
			if err != nil || !slices.Equal(rights.Lacking, row.lacking) || len(rights.Unknown) > 0 {
				t.Errorf("%+v %v, want %v", rights, err, row.lacking)
			}
			leavesNothing(t, socket, row.name)
		})
	}
}

// leavesNothing fails the test where a key would stay.
func leavesNothing(t *testing.T, socket, name string) {
	t.Helper()
	c := redis.NewClient(&redis.Options{Network: "unix", Addr: socket, Protocol: 2, DisableIdentity: true})
	defer func() { _ = c.Close() }()
	for _, key := range c.Keys(context.Background(), "*").Val() {
		if left := c.TTL(context.Background(), key).Val(); left <= 0 || left > time.Minute {
			t.Errorf("%s: %s stays (%s)", name, key, left)
		}
	}
}

// Every command of the package's own scripts is tried.
func TestRightsTriesEveryCommandOfTheScripts(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	tried := storage.Tried()
	called := regexp.MustCompile(`redis\.call\('([A-Z]+)'`)
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, command := range called.FindAllStringSubmatch(string(text), -1) {
			found++
			if !slices.Contains(tried, strings.ToLower(command[1])) {
				t.Errorf("%s calls %s, and Rights does not try it", file, command[1])
			}
		}
	}
	if found < 20 {
		t.Errorf("%d commands are found", found)
	}
}

// A command that has been renamed is unknown, which is not the user's right.
func TestRightsTellsWhatIsUnknown(t *testing.T) {
	socket := storagetest.Serve(t, "--rename-command", "SETRANGE", "ELSEWHERE")
	rights, err := examine(t, storage.Options{Addresses: []string{socket}}).Rights(t.Context())
	if err != nil || len(rights.Lacking) > 0 || !slices.Equal(rights.Unknown, []string{"setrange"}) {
		t.Errorf("%+v %v", rights, err)
	}
}

func TestServersDescribeThemselves(t *testing.T) {
	socket := storagetest.Serve(t, "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru", "--appendonly", "yes", "--appendfsync", "always", "--maxclients", "90")
	servers, err := examine(t, storage.Options{Addresses: []string{socket}}).Servers(t.Context())
	if err != nil || len(servers) != 1 {
		t.Fatalf("%+v %v", servers, err)
	}
	s := servers[0]
	if s.Policy != "allkeys-lru" || s.MaxMemory != 64<<20 || s.Memory == 0 || !s.AppendOnly || s.Sync != "always" || s.MaxClient != 90 || s.Clients == 0 {
		t.Errorf("%+v", s)
	}
	if s.Mode != "standalone" || s.Role != "master" || !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(s.Version) || !s.Persistence || !s.Configured {
		t.Errorf("%+v", s)
	}
}

// Redis need not let us ask.
func TestServersMayNotBeAsked(t *testing.T) {
	socket := storagetest.Serve(t, strings.Fields("--user bridge on >secret-of-the-test ~test:* "+documented)...)
	servers, err := examine(t, storage.Options{Addresses: []string{socket}, Username: "bridge", Password: "secret-of-the-test"}).Servers(t.Context())
	if err != nil || len(servers) != 1 || servers[0].Version != "" || servers[0].Configured || servers[0].Persistence {
		t.Errorf("%+v %v", servers, err)
	}
}

func TestForeignCountsWhatIsNotOfOurForm(t *testing.T) {
	socket := storagetest.Serve(t)
	x := examine(t, storage.Options{Addresses: []string{socket}})
	c := redis.NewClient(&redis.Options{Network: "unix", Addr: socket, Protocol: 2, DisableIdentity: true})
	defer func() { _ = c.Close() }()
	for i := range 3 {
		if err := c.Set(t.Context(), fmt.Sprintf("test:session-%d", i), "x", time.Minute).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Set(t.Context(), "another:session", "x", time.Minute).Err(); err != nil {
		t.Fatal(err)
	}
	if err := x.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen, foreign, err := x.Foreign(t.Context(), 10_000)
	if err != nil || seen != 4 || foreign != 3 {
		t.Errorf("%d of %d, %v", foreign, seen, err)
	}
}

func TestSentinelsSayWhatTheyKnow(t *testing.T) {
	address := storagetest.SentinelAddress(t)
	x := examine(t, storage.Options{Mode: "sentinel", Addresses: []string{address, "127.0.0.1:1"}, MasterName: "main"})
	found := x.Sentinels(t.Context())
	if len(found) != 2 || found[0].Err != nil || found[0].Down || found[0].Others != "0" || found[0].Replicas != "0" || found[0].Quorum != nil || found[0].Master == "" {
		t.Errorf("%+v", found)
	}
	if found[1].Err == nil {
		t.Error("nobody is there, and it says something")
	}
	x = examine(t, storage.Options{Mode: "sentinel", Addresses: []string{address}, MasterName: "other"})
	if found := x.Sentinels(t.Context()); len(found) != 1 || found[0].Err == nil {
		t.Errorf("an unknown master: %+v", found)
	}
}

func TestPartsOfACluster(t *testing.T) {
	n := storagetest.StartNodes(t)
	x := examine(t, storage.Options{Mode: "cluster", Addresses: n.Addresses()})
	parts, err := x.Parts(t.Context())
	for range 100 { // whose replica it is, the nodes tell each other by and by
		if parts.Alone == 2 {
			break
		}
		time.Sleep(100 * time.Millisecond)
		parts, err = x.Parts(t.Context())
	}
	if err != nil || parts != (storage.Parts{State: "ok", Served: 16384, Masters: 3, Alone: 2}) {
		t.Errorf("%+v %v", parts, err)
	}
	servers, err := x.Servers(t.Context())
	if err != nil || len(servers) != 3 || servers[0].Mode != "cluster" {
		t.Errorf("%+v %v", servers, err)
	}
	if rights, err := x.Rights(t.Context()); err != nil || len(rights.Lacking)+len(rights.Unknown) > 0 {
		t.Errorf("%+v %v", rights, err)
	}
}

func TestPingsAndTime(t *testing.T) {
	x := examine(t, storage.Options{Addresses: []string{storagetest.Serve(t)}})
	took, err := x.Pings(t.Context(), 5, time.Now)
	if err != nil || len(took) != 5 || !slices.IsSorted(took) || took[0] <= 0 {
		t.Errorf("%v %v", took, err)
	}
	at, err := x.Time(t.Context())
	if err != nil || time.Since(at).Abs() > time.Minute {
		t.Errorf("%v %v", at, err)
	}
	if text := fmt.Sprintf("%v %+v", x, x); strings.Contains(text, "Password") {
		t.Error(text)
	}
}
