package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"strconv"
	"time"
)

// Queue keeps things to be done, sealed under the server's key, until somebody has
// done them. They survive restarts, and all replicas share them. Each is done at
// least once: who dies between doing it and Done leaves it to be done again.
//
// A sorted set says when an item is due, a hash holds
//
//	origin (first due, ms "." random ".") ‖ sealed value
//
// The origin is drawn by Add and stays; with the sealed value's header it is the
// item's revision. A third key, the receipt, remembers one call of Add or Claim for
// a minute, so that the call can be sent again.
type Queue[T any] struct {
	bucket Bucket[T] // seals; holds nothing
	name   string
	keep   time.Duration
}

// Item is one thing to be done. Redis shows its id, which must tell nothing.
type Item[T any] struct {
	ID    string
	Value T

	claim claim
}

// claim is what an item was when it was claimed. Until only grows while a revision
// stays, so that both together name one claim.
type claim struct {
	origin, header string
	until          int64 // ms
}

// receiptLife is how long a call that is sent again is known.
const receiptLife = time.Minute

var (
	errClaim = errors.New("the item does not come from a claim")
	errDue   = errors.New("an item is due after 1970")
)

// NewQueue makes a queue. Its name is part of its keys and of what is sealed. An item
// lives for keep after it was first due, and all of the queue for keep after the last
// write: keep must be longer than any item's wait.
func NewQueue[T any](s *Store, name string, keep time.Duration) *Queue[T] {
	return &Queue[T]{bucket: Bucket[T]{store: s, name: "queue:" + name}, name: name, keep: keep}
}

// keys are those of every script: when, what, and, with a receipt, the memory of it.
func (q *Queue[T]) keys(receipt ...string) []string {
	s := q.bucket.store
	keys := []string{s.key("queue-due", q.name), s.key("queue-values", q.name)}
	for _, r := range receipt {
		keys = append(keys, s.key("queue-receipt:"+r, q.name))
	}
	return keys
}

func (q *Queue[T]) check(ids ...string) error {
	if q.keep < time.Millisecond {
		return errTTL
	}
	for _, id := range append(ids, q.name) {
		if err := checkID(id); err != nil {
			return err
		}
	}
	return nil
}

func (q *Queue[T]) checkClaimed(item Item[T]) error {
	if item.claim.origin == "" {
		return errClaim
	}
	return q.check(item.ID)
}

// addScript: ARGV is due, keep and the receipt's life (all ms), then ids and values.
// The receipt keeps an Add that is sent again from reviving what was done meanwhile.
// It comes last: what fails on the way is not remembered. Values without a due time
// are found by nobody; a new queue does not keep them alive.
const addScript = `
if redis.call('EXISTS', KEYS[3]) == 1 then return 1 end
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('DEL', KEYS[2]) end
for i = 4, #ARGV, 2 do
  local id = ARGV[i]
  if not redis.call('ZSCORE', KEYS[1], id) or redis.call('HEXISTS', KEYS[2], id) == 0 then
    redis.call('HSET', KEYS[2], id, ARGV[i+1])
    redis.call('ZADD', KEYS[1], ARGV[1], id)
  end
end
for i = 1, 2 do redis.call('PEXPIRE', KEYS[i], ARGV[2]) end
redis.call('SET', KEYS[3], '', 'PX', ARGV[3])
return 1`

// Depth is how many items there are, due or not, claimed or not.
func (q *Queue[T]) Depth(ctx context.Context) (int64, error) {
	if err := q.check(); err != nil {
		return 0, failed("depth of "+q.name, err)
	}
	n, err := q.bucket.store.redis.ZCard(ctx, q.keys()[0]).Result()
	if err != nil {
		return 0, unavailable("depth of "+q.name, err)
	}
	return n, nil
}

// Add puts items in, all or none. One whose id is there already stays as it is. It
// repeats itself as Commit does; where that takes longer than a minute, an item that
// was done meanwhile may come back.
func (q *Queue[T]) Add(ctx context.Context, due time.Time, items ...Item[T]) error {
	if len(items) == 0 {
		return nil
	}
	if due.UnixMilli() < 0 { // the zero time: it would have outlived keep already
		return failed("add to "+q.name, errDue)
	}
	args := []any{due.UnixMilli(), q.keep.Milliseconds(), receiptLife.Milliseconds()}
	for _, item := range items {
		if err := q.check(item.ID); err != nil {
			return failed("add to "+q.name, err)
		}
		sealed, err := q.bucket.encode(HandleOf(item.ID, ""), &item.Value)
		if err != nil {
			return failed("add to "+q.name, err)
		}
		origin := strconv.FormatInt(due.UnixMilli(), 10) + "." + rand.Text() + "."
		args = append(args, item.ID, origin+string(sealed))
	}
	_, err := q.bucket.store.insist(ctx, "add to "+q.name, words(addScript, q.keys(rand.Text()), args...))
	return err
}

// removeScript: ARGV is ids, each with what its value must begin with.
const removeScript = `
for i = 1, #ARGV, 2 do
  local held = redis.call('HGET', KEYS[2], ARGV[i])
  if held and string.sub(held, 1, #ARGV[i+1]) == ARGV[i+1] then
    redis.call('HDEL', KEYS[2], ARGV[i])
    redis.call('ZREM', KEYS[1], ARGV[i])
  end
end
return 1`

// Done removes a claimed item: somebody has done it, and it does not matter who has
// claimed it or put it back since. What was added anew under its id stays. It repeats
// itself as Commit does.
func (q *Queue[T]) Done(ctx context.Context, item Item[T]) error {
	if err := q.checkClaimed(item); err != nil {
		return failed("done in "+q.name, err)
	}
	_, err := q.bucket.store.insist(ctx, "done in "+q.name, words(removeScript, q.keys(), item.ID, item.claim.origin))
	return err
}

// againScript: ARGV is id, revision, claimed until (ms), new value, due and keep (ms).
// As in commitScript, the revision about to be written proves that this was done.
const againScript = `
local held = redis.call('HGET', KEYS[2], ARGV[1]) or ''
local revision = string.sub(held, 1, #ARGV[2])
if revision == string.sub(ARGV[4], 1, #ARGV[2]) then return 1 end
if revision ~= ARGV[2] then return 0 end
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '') ~= tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[4])
redis.call('ZADD', KEYS[1], ARGV[5], ARGV[1])
for i = 1, 2 do redis.call('PEXPIRE', KEYS[i], ARGV[6]) end
return 1`

// Again puts a claimed item back with the value that it has now, to be claimed once it
// is due. Not ok: it is done, or somebody has claimed it since; nothing has changed.
// It repeats itself as Commit does.
func (q *Queue[T]) Again(ctx context.Context, item Item[T], due time.Time) (ok bool, err error) {
	if err := q.checkClaimed(item); err != nil {
		return false, failed("again in "+q.name, err)
	}
	was := item.claim
	sealed, err := q.bucket.encode(HandleOf(item.ID, ""), &item.Value)
	if err != nil {
		return false, failed("again in "+q.name, err)
	}
	return q.bucket.store.insist(ctx, "again in "+q.name, words(againScript, q.keys(), item.ID,
		was.origin+was.header, was.until, was.origin+string(sealed), due.UnixMilli(), q.keep.Milliseconds()))
}
