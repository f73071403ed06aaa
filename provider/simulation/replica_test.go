package simulation_test

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"itsme-bridge/itsme"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	"itsme-bridge/storage"
)

// bridge is what a replica runs: the provider of this version, or that of the version before (before_test.go).
type bridge interface {
	http.Handler
	Hurry()
	Drain(ctx context.Context) error
	DeliverLogouts(ctx context.Context) error
}

// replica is one process of the bridge.
type replica struct {
	world    *world
	name     string
	old      bool // it is of the version before
	bridge   bridge
	redis    redis.UniversalClient
	killed   chan struct{}
	starting bool // what it asks is answered at once
	stopping bool // it takes no more requests
	draining bool // it has answered all, and ends what is left
	drained  bool // it has done so
	handling int  // requests, also of those who have hung up

	looking bool            // into the outbox
	passes  sync.WaitGroup  // that it does so
	looks   context.Context //nolint:containedctx // that it goes on doing so, until the process ends
	blind   func()          // it ends that
}

// String names the replica and its version.
func (r *replica) String() string {
	if r.old {
		return r.name + " of the version before"
	}
	return r.name
}

func (r *replica) dead() bool {
	select {
	case <-r.killed:
		return true
	default:
		return false
	}
}

// start begins a replica of this version, or of the version before.
func (w *world) start(name string, old bool) *replica {
	r := &replica{world: w, name: name, old: old, killed: make(chan struct{}), starting: true}
	r.looks, r.blind = context.WithCancel(context.Background())
	r.redis = w.plan.redis()
	r.redis.AddHook(redisHook{r})
	begin := begins
	if old {
		begin = before
	}
	var err error
	if r.bridge, err = begin(r); err != nil {
		panic(err)
	}
	r.starting = false
	return r
}

// redis is a client that nothing leaves: of one Redis, or of a Cluster.
func (p plan) redis() redis.UniversalClient {
	off := &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	if p.cluster {
		return redis.NewClusterClient(&redis.ClusterOptions{
			Addrs: []string{"127.0.0.1:1"}, MaxRetries: -1, ContextTimeoutEnabled: true, Protocol: 2, DisableIdentity: true, MaintNotificationsConfig: off,
		})
	}
	return redis.NewClient(&redis.Options{
		Addr: "127.0.0.1:1", MaxRetries: -1, ContextTimeoutEnabled: true, Protocol: 2, DisableIdentity: true, MaintNotificationsConfig: off,
	})
}

// begins makes the provider of a replica of this version.
func begins(r *replica) (bridge, error) {
	w := r.world
	upstream, err := itsme.New(itsme.Config{
		BaseURL: cmAddress, Token: merchant, Timeout: cmPatience, StatusTimeout: statusPatience, Transport: cmTransport{r},
	})
	if err != nil {
		return nil, err
	}
	p, err := provider.New(w.plan.config(), provider.Parts{
		Store: storage.New(r.redis, prefix, storage.NewKeyring(storage.Key{1})), Upstream: upstream, Signer: w.signer,
		Outbound: outbound{r}, Log: w.log(), Now: time.Now,
	})
	if err != nil {
		return nil, err
	}
	p.Register([]client.Client{w.plan.client(), w.plan.another()})
	return p, p.RefreshNotBefore(context.Background())
}

// log is that of a replica.
func (w *world) log() *slog.Logger {
	return slog.New(slog.NewJSONHandler(w.promises, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
