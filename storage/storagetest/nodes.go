package storagetest

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"itsme-bridge/storage"
)

// Nodes are a real Cluster of three masters, of which the first has a replica. It goes
// on without one of them, as far as it has the slots.
type Nodes struct {
	addresses []string // of the masters, then of the replica
	kill      []func()
	clients   []*redis.Client
	keys      storage.Keyring
}

// slotsOf are the first and the last slot of each master.
func slotsOf() [][2]int { return [][2]int{{0, 5460}, {5461, 10922}, {10923, 16383}} }

// StartNodes starts them. It takes some seconds.
func StartNodes(t testing.TB) *Nodes {
	t.Helper()
	n := &Nodes{keys: storage.NewKeyring(storage.NewKey())}
	for range 4 {
		port := freeNodePort(t)
		n.kill = append(n.kill, run(t, t.TempDir(), accepts, plain("--bind", "127.0.0.1", "--port", port, "--cluster-enabled", "yes",
			"--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no")...))
		n.addresses = append(n.addresses, net.JoinHostPort("127.0.0.1", port))
		client := redis.NewClient(&redis.Options{Addr: net.JoinHostPort("127.0.0.1", port), Protocol: 2, DisableIdentity: true})
		t.Cleanup(func() { _ = client.Close() })
		n.clients = append(n.clients, client)
	}
	ctx := context.Background()
	for i, slots := range slotsOf() {
		all := make([]int, 0, slots[1]-slots[0]+1)
		for slot := slots[0]; slot <= slots[1]; slot++ {
			all = append(all, slot)
		}
		must(t, n.clients[i].ClusterAddSlots(ctx, all...).Err())
		must(t, n.clients[i].Do(ctx, "cluster", "set-config-epoch", i+1).Err())
	}
	host, port, _ := net.SplitHostPort(n.addresses[0])
	for _, client := range n.clients[1:] {
		must(t, client.ClusterMeet(ctx, host, port).Err())
	}
	n.until(t, func() bool { return n.all(ctx, "cluster_known_nodes:4") })
	first, err := n.clients[0].Do(ctx, "cluster", "myid").Text()
	must(t, err)
	must(t, n.clients[3].ClusterReplicate(ctx, first).Err())
	n.until(t, func() bool {
		info := n.clients[3].Info(ctx, "replication").Val()
		return n.all(ctx, "cluster_state:ok") && strings.Contains(info, "master_link_status:up")
	})
	return n
}

// all reports whether every node says so of the Cluster.
func (n *Nodes) all(ctx context.Context, says string) bool {
	for _, client := range n.clients {
		if !strings.Contains(client.ClusterInfo(ctx).Val(), says) {
			return false
		}
	}
	return true
}

// until waits for a Cluster, which tells nobody what becomes of it: it has to be asked.
func (n *Nodes) until(t testing.TB, so func() bool) {
	t.Helper()
	for range 600 {
		if so() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("storagetest: nothing becomes of the Cluster")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("storagetest: %v", err)
	}
}

// Addresses are host:port of each node.
func (n *Nodes) Addresses() []string { return n.addresses }

// Store is a store that knows the second master at first.
func (n *Nodes) Store(t testing.TB) *storage.Store {
	t.Helper()
	s, err := storage.Open(storage.Options{Mode: "cluster", Addresses: n.addresses[1:2], Prefix: Prefix}, n.keys)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// KillFirst kills the first master, and waits until its replica has taken its place.
func (n *Nodes) KillFirst(t testing.TB) {
	t.Helper()
	n.kill[0]()
	n.until(t, func() bool {
		return strings.Contains(n.clients[3].Info(context.Background(), "replication").Val(), "role:master")
	})
}

// KillLast kills the third master, whose place nobody takes, and waits until the others know.
func (n *Nodes) KillLast(t testing.TB) {
	t.Helper()
	n.kill[2]()
	n.until(t, func() bool {
		return strings.Contains(n.clients[1].ClusterInfo(context.Background()).Val(), "cluster_slots_fail:5461")
	})
}

// MasterOf is which master has an id's slot: 0, 1 or 2.
func (n *Nodes) MasterOf(t testing.TB, id string) int {
	t.Helper()
	slot, err := n.clients[1].ClusterKeySlot(context.Background(), "{"+id+"}").Result()
	must(t, err)
	for i, slots := range slotsOf() {
		if int(slot) <= slots[1] {
			return i
		}
	}
	return -1
}
