package storage

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// Seal seals as a bucket does.
func Seal(k Keyring, bucket string, h Handle, plain []byte) []byte { return k.seal(bucket, h, plain) }

// Unseal opens as a bucket does.
func Unseal(k Keyring, bucket string, h Handle, raw []byte) (plain []byte, ok bool, err error) {
	return k.open(bucket, h, raw)
}

// OpenBound opens with the key of one record and the associated data of another.
func OpenBound(k Keyring, bucket string, h Handle, otherBucket, otherID string, raw []byte) ([]byte, error) {
	l := k.keys[0].lock(bucket, h)
	l.bound = k.keys[0].lock(otherBucket, HandleOf(otherID, h.Secret())).bound
	return l.open(raw)
}

// SendOnce sends one command, and does not repeat it.
func SendOnce(ctx context.Context, s *Store) error {
	return s.redis.Process(ctx, once{evaluation(ctx, "return 1", []string{s.key("people", "id")})})
}

// Unavailable is how an error of Redis leaves the package.
func Unavailable(operation string, err error) error { return unavailable(operation, err) }

// Pool is what a client was told about its connections.
type Pool struct {
	Size, Pipelines int
	Timeout         time.Duration
}

// PoolOf is what a store's client was told about its connections.
func PoolOf(s *Store) Pool {
	switch c := s.redis.(type) {
	case *redis.Client:
		return Pool{c.Options().PoolSize, c.Options().PipelinePoolSize, c.Options().PoolTimeout}
	case *redis.ClusterClient:
		return Pool{c.Options().PoolSize, c.Options().PipelinePoolSize, c.Options().PoolTimeout}
	default:
		return Pool{}
	}
}

// Operations are what scripts are called in a trace.
func Operations() map[string]string { return operations() }

// Tried are the commands that an examiner tries.
func Tried() (names []string) {
	for _, words := range tried("") {
		name, _ := words[0].(string)
		names = append(names, name)
	}
	return names
}

// HMACOf is how this package makes it.
func HMACOf(key []byte, parts ...[]byte) []byte { made := hmacOf(key, parts...); return made[:] }

// HKDF is how this package makes it: 64 bytes.
func HKDF(secret, salt []byte, info string) []byte {
	prk := extract(secret, salt)
	made := expand(&prk, []byte(info))
	return made[:]
}

// Derived is the first byte of what a record's key is made of.
func Derived(secret, salt []byte) byte {
	prk := extract(secret, salt)
	made := expand(&prk, []byte("itsme-bridge record 1 and what it is bound to"))
	return made[0]
}
