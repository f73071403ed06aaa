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
	asked         bool // for the lease, or it was ours, and Redis has not said since whose it is

	look  bool  // only
	ms    int64 // how long it shall last
	reply *redis.Cmd
}

// leaseScript gives the lease to whoever asks, unless somebody else has it, and says
// who has it then: one step, so that there is no instant at which nobody does. Sent
// twice, it does not make us lose to ourselves.
const leaseScript = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return holder end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]`

// NewLease makes a lease that is not held yet.
func (s *Store) NewLease(name, id string) *Lease {
	return &Lease{name: name, id: id, key: s.key(name, id), value: rand.Text()}
}

// Acquire takes the lease if nobody has it, or renews it if it is ours; ask Held
// afterwards. It lasts at least until ttl after the moment before Do.
func (l *Lease) Acquire(ttl time.Duration) Op {
	l.ms, l.look = ttl.Milliseconds(), false
	return l
}

// Look only finds out whether somebody has the lease; ask Busy and Held afterwards.
func (l *Lease) Look() Op {
	l.look = true
	return l
}

// Busy reports whether the last Acquire or Look found that somebody else holds it. An
// Acquire that did not get it is busy: it is never neither held nor busy.
func (l *Lease) Busy() bool { return l.busy }

// Held reports whether the last Acquire got it, or Look found that it is ours.
func (l *Lease) Held() bool { return l.held }

// Doubtful reports whether the last Acquire or Look failed, and the lease may be ours
// all the same: Release it, which does no harm if it is not.
func (l *Lease) Doubtful() bool { return l.asked }

// Release gives the lease up after a while (0: now) if it is still ours, and
// changes nothing if it is not. It never fails a commit.
func (l *Lease) Release(after time.Duration) Write {
	return Write{verb: verbRelease, id: l.id, key: l.key, was: l.value, ms: after.Milliseconds()}
}

// Renew lets the lease last for ttl from now, if it is still ours, and changes
// nothing if it is not. It never fails a commit.
func (l *Lease) Renew(ttl time.Duration) Write { return l.Release(ttl) }

func (l *Lease) command(ctx context.Context) (redis.Cmder, error) {
	l.asked = l.asked || l.held || !l.look
	l.held, l.busy = false, false
	if err := checkID(l.id); err != nil {
		return nil, failed("acquire "+l.name, err)
	}
	if l.look {
		l.reply = redis.NewCmd(ctx, "get", &l.key)
		return l.reply, nil
	}
	if l.ms < 1 {
		return nil, failed("acquire "+l.name, errTTL)
	}
	l.reply = redis.NewCmd(ctx, "eval", leaseScript, 1, &l.key, &l.value, &l.ms)
	return l.reply, nil
}

func (l *Lease) settle() error {
	holder, _ := l.reply.Text() // absent: nobody
	l.held = holder == l.value
	l.busy = !l.held && (!l.look || holder != "")
	l.asked = false
	return nil
}

// unsettle is settle where the pipeline failed as a whole: this one command of it may
// have been answered all the same, or never been sent.
func (l *Lease) unsettle(sent bool) {
	switch {
	case l.reply != nil && l.reply.Val() != nil:
		_ = l.settle() // never fails
	case !sent:
		l.asked = l.asked && l.look // what we had before is ours still
	}
}
