package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Bucket keeps values of one kind as JSON, sealed.
type Bucket[T any] struct {
	store *Store
	name  string
}

// Record is a value as it was read.
type Record[T any] struct {
	Value   T
	OK      bool   // there, and this handle opens it
	Spent   bool   // it was, and has been spent
	Receipt string // of whoever spent it

	revision string // the header; "" for none
	label    string // of the value, or of the marker in its place
}

// NewBucket makes a bucket. Its name is part of every key and of what is sealed.
func NewBucket[T any](s *Store, name string) *Bucket[T] { return &Bucket[T]{store: s, name: name} }

func (b *Bucket[T]) keyOf(id string) string { return b.store.key(b.name, id) }

// Get opens a value, in one round trip. Not there, spent, or sealed with another
// secret: false. An error wraps ErrUnavailable, ErrDamaged or ErrUnknownKey.
func (b *Bucket[T]) Get(ctx context.Context, h Handle) (T, bool, error) {
	var r Record[T]
	if err := b.store.Do(ctx, b.Read(h, &r)); err != nil {
		var none T
		return none, false, err
	}
	return r.Value, r.OK, nil
}

var errSpent = errors.New("the record has been spent")

// Put writes a value. It repeats itself as Commit does.
func (b *Bucket[T]) Put(ctx context.Context, h Handle, v T, ttl time.Duration) error {
	ok, err := b.store.Commit(ctx, b.Set(h, v, ttl))
	if err == nil && !ok {
		err = failed("put "+b.name, errSpent)
	}
	return err
}

// deleteScript deletes a record that is sealed with one of the labels. A marker
// stays: it is the memory of a replay.
const deleteScript = `
if redis.call('GETRANGE', KEYS[1], 0, 0) ~= '\1' then return 0 end
local label = redis.call('GETRANGE', KEYS[1], 1, 20)
for i = 1, #ARGV do
  if ARGV[i] == label then return redis.call('DEL', KEYS[1]) end
end
return 0`

// Delete removes a value that this handle opens; with another secret it changes
// nothing. Like Do, it is sent again once.
func (b *Bucket[T]) Delete(ctx context.Context, h Handle) error {
	if err := checkID(h.id); err != nil {
		return failed("delete "+b.name, err)
	}
	keys, labels := []string{b.keyOf(h.id)}, b.store.keys.labels(b.name, h)
	if _, err := b.store.twice(ctx, deleteScript, keys, labels...); err != nil {
		return unavailable("delete "+b.name, err)
	}
	return nil
}

// encode seals a value. Errors of encoding/json may quote what they stumble over,
// so that only the type is named.
func (b *Bucket[T]) encode(h Handle, v *T) ([]byte, error) {
	var d draft
	to := json.NewEncoder(&d)
	to.SetEscapeHTML(false) // it is for no page, and addresses are full of &
	if err := to.Encode(v); err != nil {
		return nil, fmt.Errorf("a %T cannot be written as JSON", *v)
	}
	d = d[:len(d)-1] // the end of the line
	return b.store.keys.sealed(b.name, h, d), nil
}

// decode opens a value into v, which is zero, and stays so where it does not open.
func (b *Bucket[T]) decode(h Handle, raw []byte, v *T) (ok bool, err error) {
	plain, ok, err := b.store.keys.open(b.name, h, raw)
	if err != nil || !ok {
		return false, err
	}
	if err := json.Unmarshal(plain, v); err != nil {
		*v = *new(T)
		return false, fmt.Errorf("%w: it is not a %T", ErrDamaged, *v)
	}
	return true, nil
}
