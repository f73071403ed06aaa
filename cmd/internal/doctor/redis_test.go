package doctor_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/doctor"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/storage/storagetest"
)

const documented = "~itsme-bridge:* +@read +@write +@scripting +@connection +select"

// Each Redis that is not as it should be is named by its check, and what helps is said.
func TestRedis(t *testing.T) {
	cm := sandbox.NewServer(t)
	alone := func(args ...string) func(*testing.T) string {
		return func(t *testing.T) string {
			t.Helper()
			return fmt.Sprintf(`{mode: single, addresses: [%q]}`, storagetest.Serve(t, args...))
		}
	}
	filled := func(maxmemory string, bytes int64) func(*testing.T) string {
		return func(t *testing.T) string {
			t.Helper()
			socket := storagetest.Serve(t, "--maxmemory", maxmemory)
			storagetest.Fill(t, socket, bytes)
			return fmt.Sprintf(`{mode: single, addresses: [%q]}`, socket)
		}
	}
	user := func(rights string) func(*testing.T) string {
		return func(t *testing.T) string {
			t.Helper()
			socket := storagetest.Serve(t, strings.Fields("--user bridge on >"+password+" "+rights)...)
			return fmt.Sprintf(`{mode: single, addresses: [%q], username: bridge, password: %s}`, socket, password)
		}
	}
	for _, row := range []struct {
		name   string
		redis  func(*testing.T) string
		check  string
		want   doctor.Verdict
		saw    string
		advice string
	}{
		{"a good one", alone("--maxmemory", "64mb", "--appendonly", "yes"), "redis.persistence", doctor.OK, "a second at most", ""},
		{"everything may be forgotten", alone("--maxmemory-policy", "allkeys-lru"), "redis.eviction", doctor.Problem, "allkeys-lru", "noeviction"},
		{"nothing is kept", alone(), "redis.persistence", doctor.Warning, "keeps nothing", "appendonly yes"},
		{"snapshots alone", alone("--save", "900 1"), "redis.persistence", doctor.Warning, "save 900 1", "appendonly yes"},
		{"the system decides when", alone("--appendonly", "yes", "--appendfsync", "no"), "redis.persistence", doctor.Warning, "30 seconds", "everysec"},
		{"no bound", alone(), "redis.memory", doctor.Warning, "maxmemory does not bound it", "set maxmemory"},
		{"nearly full", filled("64mb", 54<<20), "redis.memory", doctor.Warning, "%)", "raise maxmemory"},
		{"full", alone("--maxmemory", "100kb"), "redis.memory", doctor.Problem, "nobody logs in", "raise maxmemory"},
		{"full, by a write", alone("--maxmemory", "100kb"), "redis.writes", doctor.Problem, "its memory is full", ""},
		{"too few connections", alone("--maxclients", "30"), "redis.connections", doctor.Problem, "maxclients", "pool_size"},
		{"hardly enough connections", alone("--maxclients", "64"), "redis.connections", doctor.Warning, "each replica", "pool_size"},
		{"the rights of the documentation", user(documented), "redis.rights", doctor.OK, "bridge may do all", ""},
		{"nothing may be asked", user(documented), "redis.eviction", doctor.OK, "not allowed to ask", ""},
		{"no scripts", user(documented + " -@scripting"), "redis.rights", doctor.Problem, "+eval", "ACL SETUSER bridge +eval"},
		{"other keys", user("~other:* +@all"), "redis.rights", doctor.Problem, "~itsme-bridge:*", "ACL SETUSER bridge ~itsme-bridge:*"},
		{"a command has another name", alone("--rename-command", "HSET", "ELSEWHERE"), "redis.rights", doctor.Problem, "hset", "rename-command"},
		{"another password", func(t *testing.T) string {
			t.Helper()
			return strings.Replace(user(documented)(t), "password: "+password, "password: another-password", 1)
		}, "redis.reached", doctor.Problem, "does not take this password", "write the right ones"},
		{"nobody is there", func(*testing.T) string { return `{mode: single, addresses: ["127.0.0.1:1"]}` }, "redis.reached", doctor.Problem, "does not answer", "start Redis"},
		{"a node of a Cluster, taken for one alone", func(t *testing.T) string {
			t.Helper()
			return fmt.Sprintf(`{mode: single, addresses: [%q]}`, storagetest.Cluster(t).Address())
		}, "redis.mode", doctor.Problem, "node of a Cluster", "mode: cluster"},
		{"one alone, taken for a Cluster", func(t *testing.T) string {
			t.Helper()
			return fmt.Sprintf(`{mode: cluster, addresses: [%q]}`, storagetest.ServeOnPort(t))
		}, "redis.reached", doctor.Problem, "no node of a Cluster", "single or sentinel"},
		{"a sentinel, taken for Redis", func(t *testing.T) string {
			t.Helper()
			return fmt.Sprintf(`{mode: single, addresses: [%q]}`, storagetest.SentinelAddress(t))
		}, "redis.mode", doctor.Problem, "is a sentinel", "mode: sentinel"},
		{"behind a sentinel", func(t *testing.T) string {
			t.Helper()
			return fmt.Sprintf(`{mode: sentinel, master_name: main, addresses: [%q]}`, storagetest.SentinelAddress(t))
		}, "redis.sentinels", doctor.OK, "its master is", ""},
		{"a master without replicas", func(t *testing.T) string {
			t.Helper()
			return fmt.Sprintf(`{mode: sentinel, master_name: main, addresses: [%q]}`, storagetest.SentinelAddress(t))
		}, "redis.replicas", doctor.Warning, "no replica", "REPLICAOF"},
		{"a master of another name", func(t *testing.T) string {
			t.Helper()
			return fmt.Sprintf(`{mode: sentinel, master_name: other, addresses: [%q]}`, storagetest.SentinelAddress(t))
		}, "redis.reached", doctor.Problem, "no master of this name", "sentinel monitor"},
		{"a replica", func(t *testing.T) string {
			t.Helper()
			host, port, _ := net.SplitHostPort(storagetest.ServeOnPort(t))
			return fmt.Sprintf(`{mode: single, addresses: [%q]}`, storagetest.Serve(t, "--replicaof", host+" "+port))
		}, "redis.mode", doctor.Problem, "a replica", "address of the master"},
		{"a replica, by a write", func(t *testing.T) string {
			t.Helper()
			host, port, _ := net.SplitHostPort(storagetest.ServeOnPort(t))
			return fmt.Sprintf(`{mode: single, addresses: [%q]}`, storagetest.Serve(t, "--replicaof", host+" "+port))
		}, "redis.writes", doctor.Problem, "replica", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			report := look(t, write(t, cm.URL, row.redis(t)), func(o *doctor.Options) { o.Only = []string{"redis"} })
			is := find(t, report, row.check)
			if is.Verdict != row.want || !strings.Contains(is.Saw, row.saw) || !strings.Contains(is.Advice, row.advice) || (is.Advice == "") != (row.want == doctor.OK) {
				t.Errorf("%+v", is)
			}
			if wrong := row.want == doctor.Problem; wrong != (report.Result == "wrong") {
				t.Errorf("the result is %s", report.Result)
			}
		})
	}
}

const password = "a-password-of-Redis-that-is-in-no-message"

const usual = `
issuer: http://%[1]s
listen: %[1]s
operations: {listen: "%[2]s"}
itsme: {url: "%[3]s", token: 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9}
redis: %[4]s
master_key: {current: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=}
subjects: {salt: a-salt-of-the-tests-that-is-random-enough-0123456789, fingerprint: 76b2c85d07ca9801}
clients: [{id: example, name: A, home: "https://a.example/", auth_method: none, redirect_uris: ["https://a.example/"], scopes: []}]
`

// write writes a configuration, and gives its name.
func write(t *testing.T, cm, redis string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(name, fmt.Appendf(nil, usual, free(t), free(t), cm, redis), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func free(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
