package storage

import (
	"context"
	"errors"
	"time"
)

// Taken is how a Take ended.
type Taken int

// How a Take ends.
const (
	Missing Taken = iota // not there, or another secret: nothing has changed
	Won                  // the value is yours, and nobody else's
	Replay               // somebody had it before: what Take was told to kill is gone
)

// takeScript: KEYS[1] is the record, the others are to be killed on a replay.
// ARGV[1] is how long the marker lives (ms), the others are the labels that the
// handle may have, one for each server key. Proofs are compared byte by byte: they
// are outputs of HKDF that nobody without the server's key can steer.
const takeScript = `
local held = redis.call('GET', KEYS[1])
if not held then return {0, ''} end
local label = string.sub(held, 2, 21)
local fits = false
for i = 2, #ARGV do fits = fits or ARGV[i] == label end
if not fits then return {0, string.sub(held, 1, 5)} end
if string.sub(held, 1, 1) == '\1' then
  redis.call('SET', KEYS[1], '\129' .. label, 'PX', ARGV[1])
  return {1, held}
end
redis.call('SETRANGE', KEYS[1], 0, '\130')
for i = 2, #KEYS do redis.call('DEL', KEYS[i]) end
return {2, ''}`

var errReply = errors.New("redis gave a reply of another kind")

// Take opens a value and spends it, in one command: a marker takes its place and
// lives for keep. Of all callers with the right handle exactly one has Won. Who
// comes with the same handle while the marker stands gets Replay, and the records
// of the same id in the buckets kill are deleted, in the same script; from then on
// UnlessReplayed guards against writing them anew. Another secret changes nothing.
//
// It is never sent again: an error means that the outcome is unknown.
func (b *Bucket[T]) Take(ctx context.Context, h Handle, keep time.Duration, kill ...Named) (v T, t Taken, err error) {
	if err := checkID(h.id); err != nil {
		return v, Missing, failed("take "+b.name, err)
	}
	if keep < time.Millisecond {
		return v, Missing, failed("take "+b.name, errTTL)
	}
	keys := []string{b.keyOf(h.id)}
	for _, other := range kill {
		keys = append(keys, other.keyOf(h.id))
	}
	args := append([]any{keep.Milliseconds()}, b.store.keys.labels(b.name, h)...)
	command := evaluation(ctx, takeScript, keys, args...)
	if err := b.store.redis.Process(ctx, once{command}); err != nil {
		return v, Missing, unavailable("take "+b.name, err)
	}
	code, held, err := reply(command.Slice())
	if err != nil {
		return v, Missing, failed("take "+b.name, err)
	}
	return b.taken(h, code, held)
}

func reply(answer []any, err error) (code int64, held string, _ error) {
	if err != nil || len(answer) != 2 {
		return 0, "", errReply
	}
	code, okCode := answer[0].(int64)
	held, okHeld := answer[1].(string)
	if !okCode || !okHeld {
		return 0, "", errReply
	}
	return code, held, nil
}

func (b *Bucket[T]) taken(h Handle, code int64, held string) (v T, t Taken, err error) {
	raw := []byte(held)
	switch Taken(code) {
	case Won:
		v, ok, err := b.decode(h, raw)
		if err == nil && !ok {
			err = ErrDamaged
		}
		if err != nil {
			return v, Missing, failed("take "+b.name, err)
		}
		return v, Won, nil
	case Replay:
		return v, Replay, nil
	default:
		return v, Missing, b.missing(raw)
	}
}

// missing tells a record of a server key that we do not have from another secret.
func (b *Bucket[T]) missing(raw []byte) error {
	state, err := stateOf(raw)
	if err == nil && state != Absent && !b.store.keys.knows(raw) {
		err = ErrUnknownKey
	}
	if err != nil {
		return failed("take "+b.name, err)
	}
	return nil
}
