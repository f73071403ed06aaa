//go:build products && chaos

package chaos_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"itsme-bridge/deploy/internal/e2e"
)

// used is what a replica and Redis have in use when nobody logs in.
type used struct {
	goroutines, heap int64 // of the replica
	descriptors      int64 // likewise, less those of its connections to Redis
	pool             int64 // these: as many as it ever needed at once, and no more than 64
	resident         int64 // bytes that the system counts as its memory
	keys             int64 // in Redis, without the ledger's
}

// day is longer than Redis keeps anything of a login.
const day = 25 * time.Hour

// soaking is how much of a soak there is in each third of it.
type soaking struct{ rate, logins, rounds int }

// aThird is, in a long run, a third of an hour at 5 logins a second, in two minutes. In the
// hour the configuration is read anew every three minutes, or more often, and a replica
// restarted as often; another key begins to sign three times.
func aThird() soaking {
	if long() {
		return soaking{rate: 50, logins: 6000, rounds: 7}
	}
	return soaking{rate: 24, rounds: 3}
}

// TestSoak is days in a minute or two: people log in, the configuration is read anew and a
// replica is restarted, again and again. Three times everybody goes home, another key begins
// to sign, and a day passes for what is in Redis. What the other replica uses then does not grow.
func TestSoak(t *testing.T) {
	t.Parallel()
	redis := startRedis(t)
	w := start(t, 2, single(redis.address))
	lines := newTable(4)
	t.Cleanup(func() {
		lines.write(t, "What a replica and Redis have in use when nobody logs in:\n\n| after | logins | read anew and restarted | goroutines | heap KiB | resident KiB | descriptors | connections to Redis | keys there |\n|---|---|---|---|---|---|---|---|---|\n")
	})
	var first, last used
	// Before it there is as much as in a third of it, so that the pools of connections have grown.
	for n, after := range []string{"a beginning", "a third", "two thirds", "the end"} {
		logins, rounds := w.soak(t, aThird())
		w.switchKeys(t)
		redis.age(t, day)
		if last = w.uses(t, redis); n == 0 {
			first = last
		}
		lines.line(n, "| %s | %d | %d | %d | %d | %d | %d | %d | %d |", after, logins, rounds, last.goroutines, last.heap>>10, last.resident>>10, last.descriptors, last.pool, last.keys)
	}
	for _, grown := range []struct {
		what               string
		first, last, slack int64
	}{
		{"goroutines", first.goroutines, last.goroutines, 20},
		{"heap", first.heap, last.heap, 4 << 20},
		{"descriptors", first.descriptors, last.descriptors, 20},
		{"connections to Redis", 64, last.pool, 0},
		{"keys in Redis", first.keys, last.keys, 0},
	} {
		if grown.last > grown.first+grown.slack {
			t.Errorf("%s grow from %d to %d", grown.what, grown.first, grown.last)
		}
	}
}

// soak is a part of the soak. All of its logins complete, by one approval each.
func (w *world) soak(t *testing.T, amount soaking) (logins, rounds int) {
	t.Helper()
	l := w.begin(t.Context(), amount.rate)
	l.more(t, 10)
	w.during(func() {
		for ; rounds < amount.rounds || l.ended() < amount.logins; rounds++ {
			for _, r := range w.replicas {
				if err := r.process.Signal(syscall.SIGHUP); err != nil {
					t.Fatal(err)
				}
			}
			rest(time.Second)
			w.replicas[1].stop(t)
			w.replicas[1].restart(t)
		}
	})
	l.finish()
	l.judge(t)
	if l.counts[ledOn] > 0 {
		t.Errorf("%d people had to approve again", l.counts[ledOn])
	}
	return len(l.took), rounds
}

// switchKeys has another key sign. A rotation takes a day, so the old one is revoked, when nobody has a token
// of it any more.
func (w *world) switchKeys(t *testing.T) {
	t.Helper()
	var list struct {
		Keys []struct{ KID, State string }
	}
	if err := json.Unmarshal(w.command(t, "keys", "rotate", "--json"), &list); err != nil {
		t.Fatal(err)
	}
	for _, key := range list.Keys {
		if key.State != "current" {
			continue
		}
		w.command(t, "keys", "revoke", "--json", key.KID)
		within(t, "the replicas follow", func() bool {
			return !strings.Contains(fetch(t, w.issuer+"/keys")+fetch(t, w.issuer+"/keys"), key.KID)
		})
	}
}

// command runs the binary, and gives what it prints. There may be nothing to do.
func (w *world) command(t *testing.T, args ...string) []byte {
	t.Helper()
	command := exec.CommandContext(t.Context(), e2e.Binary(t), append([]string{args[0], args[1], "--config", w.replicas[0].file}, args[2:]...)...)
	out, err := command.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || failed.ExitCode() != 4) {
		t.Fatalf("itsme-bridge %s: %v", strings.Join(args, " "), err)
	}
	return out
}

// uses looks at the first replica, when it has nothing to do.
func (w *world) uses(t *testing.T, redis *server) (u used) {
	t.Helper()
	r := w.replicas[0]
	w.quiet(t, r)
	fetch(t, "http://"+r.operations+"/debug/pprof/heap?gc=1")
	now := r.metrics(t)
	for name, value := range now {
		if strings.HasPrefix(name, "itsme_bridge_redis_pool_connections{") {
			u.pool += int64(value)
		}
	}
	u.goroutines, u.heap = int64(now["go_goroutines"]), int64(now["go_memstats_heap_alloc_bytes"])
	u.resident = int64(now["process_resident_memory_bytes"])
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", r.process.PID()))
	if err != nil {
		t.Fatal(err)
	}
	u.descriptors = int64(len(open)) - u.pool
	for scan := redis.client.Scan(context.Background(), 0, "*", 1000).Iterator(); scan.Next(context.Background()); {
		if !strings.Contains(scan.Val(), ":tally-") { // the ledger's go by the minute, when logins of that minute are due
			u.keys++
		}
	}
	if u.goroutines == 0 || u.heap == 0 || u.keys == 0 {
		t.Fatalf("it cannot be measured: %+v", u)
	}
	return u
}

// quiet ends the connections that nobody uses any more, and waits until a replica has noticed.
func (w *world) quiet(t *testing.T, r *replica) {
	t.Helper()
	w.transport.CloseIdleConnections()
	w.balancer.transport.CloseIdleConnections()
	w.cm.hangUp()
	least, looks := math.MaxInt, 0 // since there were fewer
	within(t, "a replica is at rest", func() bool {
		wait(t.Context(), 100*time.Millisecond)
		if now := r.gates(t).goroutines; now < least {
			least, looks = now, 0
		}
		looks++
		return looks > 20
	})
}

// metrics are what a replica says of itself, each with its labels as they are written there.
func (r *replica) metrics(t *testing.T) map[string]float64 {
	t.Helper()
	all := map[string]float64{}
	for line := range strings.Lines(fetch(t, "http://"+r.operations+"/metrics")) {
		if at := strings.LastIndex(line, " "); at > 0 && line[0] != '#' {
			all[line[:at]], _ = strconv.ParseFloat(strings.TrimSpace(line[at:]), 64)
		}
	}
	return all
}

func fetch(t *testing.T, address string) string {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// age lets time pass for what is in Redis. Every key there has a lifetime.
func (s *server) age(t *testing.T, by time.Duration) {
	t.Helper()
	ctx := context.Background()
	for scan := s.client.Scan(ctx, 0, "*", 1000).Iterator(); scan.Next(ctx); {
		left, err := s.client.PTTL(ctx, scan.Val()).Result()
		switch {
		case err != nil:
			t.Fatal(err)
		case left == -1:
			t.Errorf("the key %s has no lifetime", scan.Val())
		case left > by:
			s.client.PExpire(ctx, scan.Val(), left-by)
		case left > 0:
			s.client.Del(ctx, scan.Val())
		}
	}
}
