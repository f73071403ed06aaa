package storagetest

import (
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// Guard is what a Redis or a sentinel asks of whoever connects.
type Guard struct {
	TLS      *tls.Config // nil: it speaks in clear
	Username string      // "": the default user
	Password string      // "": it lets everybody in
}

// Guarded is a Redis in this process that is found in one of the three modes.
type Guarded struct {
	Address string // where a store of that mode begins: the sentinel's, or that of Redis
	Redis   *miniredis.Miniredis
}

// StartGuarded starts a Redis behind a guard: alone, as the only node of a Cluster, or
// with a sentinel before it that has a guard of its own and knows it as "main".
func StartGuarded(t testing.TB, mode string, redis, sentinel Guard) Guarded {
	t.Helper()
	g := Guarded{Redis: miniredis.NewMiniRedis()}
	start := g.Redis.Start
	if redis.TLS != nil {
		start = func() error { return g.Redis.StartTLS(redis.TLS) }
	}
	if err := start(); err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	t.Cleanup(g.Redis.Close)
	g.Redis.RequireUserAuth(redis.user(), redis.Password)
	if g.Address = g.Redis.Addr(); mode == "sentinel" {
		g.Address = startGuardedSentinel(t, sentinel, g.Redis)
	}
	return g
}

func (g Guard) user() string {
	if g.Username == "" {
		return "default"
	}
	return g.Username
}

// admits reports whether the words of an AUTH are the right ones.
func (g Guard) admits(words []string) bool {
	if len(words) == 1 {
		words = []string{"default", words[0]}
	}
	return slices.Equal(words, []string{g.user(), g.Password})
}

// startGuardedSentinel listens as a sentinel that knows one master and no other
// sentinel, and gives its host:port.
func startGuardedSentinel(t testing.TB, g Guard, master *miniredis.Miniredis) string {
	t.Helper()
	listen := server.NewServer
	if g.TLS != nil {
		listen = func(address string) (*server.Server, error) { return server.NewServerTLS(address, g.TLS) }
	}
	sentinel, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	t.Cleanup(sentinel.Close)
	if err := errors.Join(knowAs(sentinel, "main", master.Host(), master.Port()), letIn(sentinel, g)); err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	return sentinel.Addr().String()
}

// letIn makes a server refuse every command of a connection that has not said who it is.
func letIn(s *server.Server, g Guard) error {
	var known sync.Map // connections that have
	s.SetPreHook(func(c *server.Peer, command string, _ ...string) bool {
		if _, ok := known.Load(c); ok || g.Password == "" || command == "AUTH" {
			return false
		}
		c.WriteError("NOAUTH Authentication required.")
		return true
	})
	return s.Register("AUTH", func(c *server.Peer, _ string, words []string) {
		if !g.admits(words) {
			c.WriteError("WRONGPASS invalid username-password pair or user is disabled.")
			return
		}
		known.Store(c, true)
		c.WriteOK()
	})
}

// knowAs makes a server answer as a sentinel that knows a master by this name.
func knowAs(s *server.Server, name, host, port string) error {
	return errors.Join(
		s.Register("PING", func(c *server.Peer, _ string, _ []string) { c.WriteInline("PONG") }),
		s.Register("SUBSCRIBE", func(c *server.Peer, _ string, channels []string) {
			for i, channel := range channels {
				c.WriteLen(3)
				c.WriteBulk("subscribe")
				c.WriteBulk(channel)
				c.WriteInt(i + 1)
			}
		}),
		s.Register("SENTINEL", func(c *server.Peer, _ string, words []string) {
			switch strings.ToLower(strings.Join(words, " ")) {
			case "get-master-addr-by-name " + name:
				c.WriteStrings([]string{host, port})
			case "sentinels " + name:
				c.WriteLen(0)
			default:
				c.WriteError("ERR No such master with that name")
			}
		}),
	)
}
