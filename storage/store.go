package storage

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Store is a Redis, a prefix for its keys, and the keyring that seals what goes in.
type Store struct {
	redis  redis.UniversalClient
	prefix string
	keys   Keyring
	mode   string    // of Options, or that of the client
	pipes  sync.Pool // of [redis.Pipeliner], each empty
}

// New makes a store on a client. The client must not send commands again by itself
// (MaxRetries: -1); Open makes one that does not.
func New(c redis.UniversalClient, prefix string, k Keyring) *Store {
	s := &Store{redis: c, prefix: prefix, keys: k, mode: "single"}
	if _, ok := c.(*redis.ClusterClient); ok {
		s.mode = "cluster"
	}
	return s
}

// Keyring is what the store seals with.
func (s *Store) Keyring() Keyring { return s.keys }

// Ping reports whether Redis answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.redis.Ping(ctx).Err(); err != nil {
		return unavailable("ping", err)
	}
	return nil
}

// Close closes the client. Nothing may be running any more.
func (s *Store) Close() error { return s.redis.Close() }

// Policy is what Redis does when its memory is full (maxmemory-policy), or "" where
// it does not let us ask. Anything but noeviction loses logins.
func (s *Store) Policy(ctx context.Context) (string, error) {
	found, err := s.redis.ConfigGet(ctx, "maxmemory-policy").Result()
	if err != nil && !isReply(err) {
		return "", unavailable("policy", err)
	}
	return found["maxmemory-policy"], nil
}

var errID = errors.New("an id is empty or holds a brace")

// key is {prefix}{name}:{"{"id"}"}: the id is the hash tag, so that everything of
// one id lives in one slot of a Cluster.
func (s *Store) key(name, id string) string { return s.prefix + name + ":{" + id + "}" }

// checkID refuses an id that would not be a hash tag.
func checkID(id string) error {
	if id == "" || strings.ContainsAny(id, "{}") {
		return errID
	}
	return nil
}

// evaluation is an EVAL. Scripts are sent whole: EVALSHA fails in pipelines and
// after a failover, and these are short. What it would save is a sixteenth of what a login
// costs Redis, which hashes each script anew.
func evaluation(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	return redis.NewCmd(ctx, words(script, keys, args...)...)
}

// words are those of an EVAL. Keys go by their address, as arguments may: go-redis reads
// them there, and an any that holds a pointer needs no memory of its own.
func words(script string, keys []string, args ...any) []any {
	all := make([]any, 0, 3+len(keys)+len(args))
	all = append(all, "eval", script, len(keys))
	for i := range keys {
		all = append(all, &keys[i])
	}
	return append(all, args...)
}

// movingPatience is how long a command waits for a slot that moves from one node of a
// Cluster to another.
const movingPatience = 3 * time.Second

// send runs a command, and again while Redis says that it did not run: TRYAGAIN, since
// some of its keys have moved to another node and some have not.
func (s *Store) send(ctx context.Context, command redis.Cmder) error {
	for pause, waited := firstPause, time.Duration(0); ; pause = min(2*pause, longPause) {
		err := s.redis.Process(ctx, command)
		if !redis.IsTryAgainError(err) || waited >= movingPatience || !wait(ctx, pause) {
			return err
		}
		waited += pause
	}
}

// Spread reports whether records of different ids may be on different nodes, of which
// some are there and some are not.
func (s *Store) Spread() bool { return s.mode == "cluster" }

// once is a command that go-redis does not send again by itself, in a Cluster
// either: there it otherwise repeats on a broken connection whatever MaxRetries
// says. We repeat scripts ourselves, within the caller's time.
type once struct{ *redis.Cmd }

// NoRetry is what go-redis asks before it sends a command again.
func (once) NoRetry() bool { return true }
