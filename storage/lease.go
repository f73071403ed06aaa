package storage

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/redis/go-redis/v9"
)

// Lease is the right to act alone on an id for a while. A failover may lose it:
// what is written under a lease also compares the revision (Replace).
type Lease struct {
	name, id, key string
	value         string // ours alone
	held, busy    bool

	look  bool // only
	ttl   time.Duration
	reply *redis.StringCmd
}

// NewLease makes a lease that is not held yet.
func (s *Store) NewLease(name, id string) *Lease {
	return &Lease{name: name, id: id, key: s.key(name, id), value: rand.Text()}
}

// Acquire takes the lease if nobody has it; ask Held afterwards. It lasts at least
// until ttl after the moment before Do. It looks at the value, not at whether SET
// succeeded, so that a lost reply does not make us lose to ourselves.
func (l *Lease) Acquire(ttl time.Duration) Op {
	l.ttl, l.look = ttl, false
	return l
}

// Look only finds out whether somebody has the lease; ask Busy afterwards.
func (l *Lease) Look() Op {
	l.look = true
	return l
}

// Busy reports whether the last Acquire or Look found that somebody else holds it.
func (l *Lease) Busy() bool { return l.busy }

// Held reports whether the last Acquire got it.
func (l *Lease) Held() bool { return l.held }

// Release gives the lease up after a while (0: now) if it is still ours, and
// changes nothing if it is not. It never fails a commit.
func (l *Lease) Release(after time.Duration) Write {
	return Write{verb: verbRelease, id: l.id, key: l.key, was: l.value, ttl: after}
}

// Renew lets the lease last for ttl from now, if it is still ours, and changes
// nothing if it is not. It never fails a commit.
func (l *Lease) Renew(ttl time.Duration) Write { return l.Release(ttl) }

func (l *Lease) queue(ctx context.Context, p redis.Pipeliner) error {
	l.held, l.busy = false, false
	if err := checkID(l.id); err != nil {
		return failed("acquire "+l.name, err)
	}
	if !l.look {
		if l.ttl < time.Millisecond {
			return failed("acquire "+l.name, errTTL)
		}
		p.Do(ctx, "set", l.key, l.value, "px", l.ttl.Milliseconds(), "nx")
	}
	l.reply = p.Get(ctx, l.key)
	return nil
}

func (l *Lease) settle() error {
	l.held = l.reply.Val() == l.value
	l.busy = !l.held && l.reply.Val() != ""
	return nil
}
