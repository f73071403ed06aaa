//go:build products && chaos

package chaos_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// topologyRows are what can happen to several Redis that stand together. What a primary
// has taken and its replica has not got yet is lost when the primary dies: whoever it
// belongs to approves again.
func topologyRows() []row {
	return []row{
		{name: "Sentinel: 1 primary, 2 replicas, 3 sentinels; the primary is killed", setup: primaryKilled},
		{name: "Sentinel: SENTINEL FAILOVER", setup: primaryHandsOver(), faithful: true},
		{name: "Sentinel: SENTINEL FAILOVER, min-replicas-to-write 2", setup: primaryHandsOver("--min-replicas-to-write", "2"), invisible: true},
		{name: "Cluster of 6 nodes: a master is killed", setup: masterKilled},
		{name: "Cluster of 6 nodes: 2,000 slots are moved", setup: slotsMoved, invisible: true},
	}
}

// watched is a primary with replicas and sentinels.
type watched struct {
	redis     []*server // the primary first
	sentinels []*server
}

func startSentinel(t *testing.T, more ...string) (*world, *watched) {
	t.Helper()
	args := append([]string{"--appendonly", "yes", "--repl-diskless-sync-delay", "0"}, more...)
	s := &watched{redis: []*server{startRedis(t, args...)}}
	host, port, _ := net.SplitHostPort(s.redis[0].address)
	for range 2 {
		s.redis = append(s.redis, startRedis(t, append(args, "--replicaof", host+" "+port)...))
	}
	within(t, "the replicas follow", func() bool { return following(s.redis) == 2 })
	var addresses []string
	for range 3 {
		own, file := freePort(t), filepath.Join(t.TempDir(), "sentinel.conf")
		text := fmt.Sprintf("bind 127.0.0.1\nport %s\nsentinel monitor main %s %s 2\n"+
			"sentinel down-after-milliseconds main 1000\nsentinel failover-timeout main 3000\n", own, host, port)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		sentinel := runServer(t, "redis-server", own, file, "--sentinel")
		s.sentinels, addresses = append(s.sentinels, sentinel), append(addresses, strconv.Quote(sentinel.address))
	}
	within(t, "the sentinels know each other", func() bool {
		known := s.says("master", "main")
		return strings.Contains(known, "num-other-sentinels 2") && strings.Contains(known, "num-slaves 2")
	})
	settings := fmt.Sprintf("{mode: sentinel, master_name: main, addresses: [%s]}", strings.Join(addresses, ", "))
	return start(t, 1, func(int) string { return settings }), s
}

// says is what the last sentinel answers.
func (s *watched) says(words ...any) string {
	answer := s.sentinels[2].client.Do(context.Background(), append([]any{"sentinel"}, words...)...).Val()
	list, _ := answer.([]any)
	return strings.Trim(fmt.Sprint(list), "[]")
}

// client is a client that finds the primary as the bridge does.
func (s *watched) client() redis.UniversalClient {
	var addresses []string
	for _, sentinel := range s.sentinels {
		addresses = append(addresses, sentinel.address)
	}
	return redis.NewFailoverClient(&redis.FailoverOptions{
		MasterName: "main", SentinelAddrs: addresses, Protocol: 2, DisableIdentity: true, MaxRetries: -1,
	})
}

// another waits until the primary is another one than it was.
func (s *watched) another(t *testing.T) {
	t.Helper()
	_, port, _ := net.SplitHostPort(s.redis[0].address)
	within(t, "another primary", func() bool {
		now := s.says("get-master-addr-by-name", "main")
		return now != "" && !strings.HasSuffix(now, " "+port)
	})
}

func primaryKilled(t *testing.T) (*world, func()) {
	t.Helper()
	w, s := startSentinel(t)
	return w, func() {
		s.redis[0].kill(t)
		s.another(t)
		s.redis[0].start(t) // and says that it is the primary, until the sentinels tell it otherwise
		rest(lasting(2 * time.Second))
	}
}

// primaryHandsOver is a failover that an operator asks for. Until the old primary is told,
// which takes a second or two, it takes writes that no replica gets any more.
func primaryHandsOver(more ...string) func(*testing.T) (*world, func()) {
	return func(t *testing.T) (*world, func()) { t.Helper(); return handsOver(t, more...) }
}

func handsOver(t *testing.T, more ...string) (*world, func()) {
	t.Helper()
	w, s := startSentinel(t, more...)
	return w, func() {
		seen := attest(t, s.client())
		rest(time.Second)
		asked := time.Now()
		_ = s.says("failover", "main")
		s.another(t)
		rest(lasting(2 * time.Second))
		w.forgot = seen.testify(t, asked)
	}
}

// startCluster starts three masters with a replica each.
func startCluster(t *testing.T) (*world, []*server) {
	t.Helper()
	var nodes []*server
	var addresses []string
	for range 6 {
		port := freePort(t)
		node := runServer(t, "redis-server", port, "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "yes",
			"--repl-diskless-sync-delay", "0", "--cluster-enabled", "yes", "--cluster-node-timeout", "1000")
		nodes, addresses = append(nodes, node), append(addresses, node.address)
	}
	redisCLI(t, append(append([]string{"create"}, addresses...), "--cluster-replicas", "1", "--cluster-yes")...)
	within(t, "the Cluster stands", func() bool {
		for _, node := range nodes {
			info := node.client.ClusterInfo(context.Background()).Val()
			if !strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, "cluster_known_nodes:6") {
				return false
			}
		}
		return len(masters(nodes[0])) == 3 && following(nodes) == 3
	})
	settings := fmt.Sprintf("{mode: cluster, addresses: [%q, %q]}", addresses[1], addresses[4])
	return start(t, 1, func(int) string { return settings }), nodes
}

// following is how many of the nodes have got all that another has.
func following(nodes []*server) (up int) {
	for _, node := range nodes {
		if strings.Contains(node.client.Info(context.Background(), "replication").Val(), "master_link_status:up") {
			up++
		}
	}
	return up
}

// redisCLI has redis-cli do something to a Cluster.
func redisCLI(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "redis-cli", append([]string{"--cluster"}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("redis-cli --cluster %s: %v\n%s", args[0], err, tail(string(out), 10))
	}
}

// masters are the ids of the masters that have slots, as a node sees it, by their address.
func masters(node *server) map[string]string {
	ids := map[string]string{}
	for line := range strings.Lines(node.client.ClusterNodes(context.Background()).Val()) {
		fields := strings.Fields(line)
		if len(fields) > 8 && strings.Contains(fields[2], "master") && !strings.Contains(fields[2], "fail") {
			address, _, _ := strings.Cut(fields[1], "@")
			ids[address] = fields[0]
		}
	}
	return ids
}

func masterKilled(t *testing.T) (*world, func()) {
	t.Helper()
	w, nodes := startCluster(t)
	return w, func() {
		nodes[0].kill(t)
		within(t, "a replica has taken its place", func() bool {
			left := masters(nodes[1])
			return len(left) == 3 && left[nodes[0].address] == "" &&
				strings.Contains(nodes[1].client.ClusterInfo(context.Background()).Val(), "cluster_state:ok")
		})
		nodes[0].start(t)
		rest(lasting(2 * time.Second))
	}
}

func slotsMoved(t *testing.T) (*world, func()) {
	t.Helper()
	w, nodes := startCluster(t)
	return w, func() {
		ids := masters(nodes[0])
		redisCLI(t, "reshard", nodes[0].address, "--cluster-from", ids[nodes[0].address], "--cluster-to", ids[nodes[1].address],
			"--cluster-slots", "2000", "--cluster-yes")
	}
}
