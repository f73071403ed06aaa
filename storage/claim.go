package storage

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// claimScript: ARGV is now, until, keep and the receipt's life (all ms), and how many.
// The receipt lists what was claimed, so that a claim that is sent again gets the same
// items, except those that moved on since. What has no value, or has outlived keep
// (as seen from its origin), is dropped; it counts among the many.
const claimScript = `
local claimed = redis.call('LRANGE', KEYS[3], 0, -1)
local found = claimed
if #claimed == 0 then
  found = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[5])
end
local items = {}
for _, id in ipairs(found) do
  local held = redis.call('HGET', KEYS[2], id) or ''
  local born = tonumber(string.match(held, '^%d+') or ARGV[1])
  if held == '' or born + tonumber(ARGV[3]) <= tonumber(ARGV[1]) then
    redis.call('HDEL', KEYS[2], id)
    redis.call('ZREM', KEYS[1], id)
  elseif #claimed == 0 then
    redis.call('ZADD', KEYS[1], ARGV[2], id)
    redis.call('RPUSH', KEYS[3], id)
    table.insert(items, id)
    table.insert(items, held)
  elseif tonumber(redis.call('ZSCORE', KEYS[1], id) or '') == tonumber(ARGV[2]) then
    table.insert(items, id)
    table.insert(items, held)
  end
end
if #claimed == 0 and #items > 0 then
  for i = 1, 2 do redis.call('PEXPIRE', KEYS[i], ARGV[3]) end
  redis.call('PEXPIRE', KEYS[3], ARGV[4])
end
return items`

var (
	errLease = errors.New("a claim needs a lease of at least 1 ms")
	errMany  = errors.New("a claim is of at least one item")
	errKind  = errors.New("an item is of another kind")
)

// Claim takes up to n items that are due, the longest due first, and hides them from
// everybody until now+lease: who dies while working leaves them to others. The lease
// is longer than the work and the difference of the replicas' clocks. Like Do, it is
// sent again once, and then gets the same items.
//
// The items are good whatever the error says. It wraps ErrUnavailable; or ErrDamaged
// for items that nothing can open, which are removed; or ErrUnknownKey for items of a
// replica with another key, which are hidden like the rest. Each is told once.
func (q *Queue[T]) Claim(ctx context.Context, now time.Time, lease time.Duration, n int) ([]Item[T], error) {
	if err := q.checkClaim(lease, n); err != nil {
		return nil, failed("claim of "+q.name, err)
	}
	until := now.Add(lease).UnixMilli()
	command, err := q.bucket.store.askTwice(ctx, claimScript, q.keys(rand.Text()),
		now.UnixMilli(), until, q.keep.Milliseconds(), receiptLife.Milliseconds(), n)
	if err != nil {
		return nil, unavailable("claim of "+q.name, err)
	}
	found, err := command.StringSlice()
	if err != nil || len(found)%2 != 0 {
		return nil, failed("claim of "+q.name, errReply)
	}
	return q.claimed(ctx, found, until)
}

func (q *Queue[T]) checkClaim(lease time.Duration, n int) error {
	switch {
	case lease < time.Millisecond:
		return errLease
	case n < 1: // which Redis takes for all
		return errMany
	}
	return q.check()
}

// claimed opens what was found: ids, each with its value.
func (q *Queue[T]) claimed(ctx context.Context, found []string, until int64) (items []Item[T], problem error) {
	var rubbish []any
	for ; len(found) > 0; found = found[2:] {
		item, err := q.open(found[0], found[1])
		if err == nil {
			item.claim.until = until
			items = append(items, item)
			continue
		}
		if errors.Is(err, ErrDamaged) {
			rubbish = append(rubbish, found[0], found[1])
		}
		if !errors.Is(problem, err) {
			problem = errors.Join(problem, err)
		}
	}
	if problem != nil {
		problem = failed("claim of "+q.name, problem)
	}
	if len(rubbish) > 0 {
		if _, err := q.bucket.store.twice(ctx, removeScript, q.keys(), rubbish...); err != nil {
			problem = errors.Join(problem, unavailable("claim of "+q.name, err))
		}
	}
	return items, problem
}

// open opens an item. ErrDamaged is only for what nobody could open; a genuine value
// that is no T may be one for a replica of another version.
func (q *Queue[T]) open(id, held string) (item Item[T], err error) {
	born, rest, _ := strings.Cut(held, ".")
	random, sealed, _ := strings.Cut(rest, ".") // without dots, nothing is sealed
	plain, ok, err := q.bucket.store.keys.open(q.bucket.name, HandleOf(id, ""), []byte(sealed))
	if err == nil && !ok {
		err = ErrDamaged
	}
	if err != nil {
		return item, err
	}
	item = Item[T]{ID: id, claim: claim{origin: born + "." + random + ".", header: sealed[:headerSize]}}
	if json.Unmarshal(plain, &item.Value) != nil {
		return Item[T]{}, errKind // without what encoding/json quotes
	}
	return item, nil
}
