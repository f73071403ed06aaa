package storage

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Options say where Redis is and how to speak to it.
type Options struct {
	Mode      string   // "single", "sentinel" or "cluster"
	Addresses []string // host:port; of the one, the sentinels, or some nodes; single: also the path of a socket

	Username string // of an ACL user; "" for the default one
	Password string
	Database int // not with cluster

	MasterName       string // sentinel: which master
	SentinelUsername string
	SentinelPassword string

	TLS    *tls.Config // nil: none
	Prefix string      // of every key; no braces, which are the hash tag's

	DialTimeout  time.Duration // 0: 2 s
	ReadTimeout  time.Duration // 0: 2 s
	WriteTimeout time.Duration // 0: 2 s
	PoolTimeout  time.Duration // 0: 2 s; for a free connection
	PoolSize     int           // 0: 64 connections (to each node of a cluster)

	// Dial makes connections, with TLS if there shall be any; nil: as usual.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

const (
	usualTimeout  = 2 * time.Second
	usualPoolSize = 64
)

// Open makes a store. It connects when it is first used.
func Open(o Options, k Keyring) (*Store, error) {
	if err := o.check(); err != nil {
		return nil, failed("open", err)
	}
	o.DialTimeout = cmp.Or(o.DialTimeout, usualTimeout)
	o.ReadTimeout = cmp.Or(o.ReadTimeout, usualTimeout)
	o.WriteTimeout = cmp.Or(o.WriteTimeout, usualTimeout)
	o.PoolTimeout = cmp.Or(o.PoolTimeout, usualTimeout)
	o.PoolSize = cmp.Or(o.PoolSize, usualPoolSize)
	s := New(o.client(), o.Prefix, k)
	s.mode = o.Mode
	return s, nil
}

func (o *Options) check() error {
	switch {
	case len(o.Addresses) == 0:
		return errors.New("no address of Redis")
	case o.Mode == "single" && len(o.Addresses) > 1:
		return errors.New("several addresses, but the mode is single")
	case o.Mode == "sentinel" && o.MasterName == "":
		return errors.New("sentinel needs a master name")
	case o.Mode == "cluster" && o.Database != 0:
		return errors.New("a cluster has only database 0")
	case strings.ContainsAny(o.Prefix, "{}"):
		return errors.New("the prefix holds a brace")
	}
	switch o.Mode {
	case "single", "sentinel", "cluster":
		return nil
	default:
		return fmt.Errorf("the mode is %q, not single, sentinel or cluster", o.Mode)
	}
}

// client makes the client of a mode. All three agree on this:
//   - nothing is sent again by itself: whether a command may run twice is known here, not there;
//   - deadlines of a context count;
//   - one pool, also for pipelines;
//   - RESP 2 and no greetings: nothing here needs more, and every proxy understands it.
func (o *Options) client() redis.UniversalClient {
	switch o.Mode {
	case "sentinel":
		return o.sentinel()
	case "cluster":
		return o.cluster()
	}
	network := "tcp"
	if strings.HasPrefix(o.Addresses[0], "/") {
		network = "unix"
	}
	return redis.NewClient(&redis.Options{
		Network: network, Addr: o.Addresses[0], Dialer: o.Dial, TLSConfig: o.TLS,
		Username: o.Username, Password: o.Password, DB: o.Database,
		MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true,
		DialTimeout: o.DialTimeout, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout,
		PoolSize: o.PoolSize, PoolTimeout: o.PoolTimeout, PipelinePoolSize: -1,
		Protocol: 2, DisableIdentity: true, MaintNotificationsConfig: quiet(),
	})
}

func (o *Options) sentinel() redis.UniversalClient {
	return redis.NewFailoverClient(&redis.FailoverOptions{
		MasterName: o.MasterName, SentinelAddrs: o.Addresses, Dialer: o.Dial, TLSConfig: o.TLS,
		SentinelUsername: o.SentinelUsername, SentinelPassword: o.SentinelPassword,
		Username: o.Username, Password: o.Password, DB: o.Database,
		MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true,
		DialTimeout: o.DialTimeout, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout,
		PoolSize: o.PoolSize, PoolTimeout: o.PoolTimeout, PipelinePoolSize: -1,
		Protocol: 2, DisableIdentity: true,
	})
}

// cluster follows redirects (MaxRedirects), which also makes go-redis send again on
// broken connections; commands that must not be are marked (once).
func (o *Options) cluster() redis.UniversalClient {
	c := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: o.Addresses, Dialer: o.Dial, TLSConfig: o.TLS,
		Username: o.Username, Password: o.Password,
		MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true,
		DialTimeout: o.DialTimeout, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout,
		PoolSize: o.PoolSize, PoolTimeout: o.PoolTimeout, PipelinePoolSize: -1,
		Protocol: 2, DisableIdentity: true, DisableRoutingPolicies: true, MaintNotificationsConfig: quiet(),
	})
	(&reloader{cluster: c}).watch()
	return c
}

func quiet() *maintnotifications.Config {
	return &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}
