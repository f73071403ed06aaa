package ceilings

import (
	"container/list"
	"hash/maphash"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// refill is how long an empty bucket takes to be full again.
const refill = time.Minute

// mostBuckets is how many of one kind are remembered: a few MB.
const mostBuckets = 10_000

// buckets are token buckets in the memory of this process, one for each subject. There
// is a fixed number of them. One that is forgotten is full, so that nobody has more for
// having been forgotten; as long as none is, all subjects that are new share one.
type buckets struct {
	size int // tokens, and so as many in refill
	seed maphash.Seed

	mu    sync.Mutex
	of    map[uint64]*list.Element
	order list.List // of *bucket, the one that was asked longest ago first
	rest  *rate.Limiter
}

type bucket struct {
	*rate.Limiter

	subject uint64 // a keyed hash: what it is of may be somebody's address
	asked   time.Time
}

// newBuckets makes none yet. The one that is shared is as large as so many.
func newBuckets(size, shared int) *buckets {
	b := &buckets{size: size, seed: maphash.MakeSeed(), of: map[uint64]*list.Element{}}
	b.rest = rate.NewLimiter(b.pace()*rate.Limit(shared), size*shared)
	return b
}

func (b *buckets) pace() rate.Limit { return rate.Limit(float64(b.size) / refill.Seconds()) }

// take takes n tokens of a subject. Where there are not so many it takes none, and says
// after how long there will be.
func (b *buckets) take(subject string, n int, now time.Time) (wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.bucketOf(maphash.String(b.seed, subject), now).ReserveN(now, min(n, b.size))
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

func (b *buckets) bucketOf(subject uint64, now time.Time) *rate.Limiter {
	if known, ok := b.of[subject]; ok {
		found := known.Value.(*bucket)
		found.asked = now
		b.order.MoveToBack(known)
		return found.Limiter
	}
	if len(b.of) >= mostBuckets {
		oldest := b.order.Front().Value.(*bucket)
		if now.Sub(oldest.asked) < refill {
			return b.rest
		}
		b.order.Remove(b.order.Front())
		delete(b.of, oldest.subject)
	}
	fresh := &bucket{rate.NewLimiter(b.pace(), b.size), subject, now}
	b.of[subject] = b.order.PushBack(fresh)
	return fresh.Limiter
}
