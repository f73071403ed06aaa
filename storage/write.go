package storage

import (
	"errors"
	"time"
)

// Write is one thing that Commit does, or demands.
type Write struct {
	verb  string
	id    string
	key   string
	was   string // the revision, a marker's label, or a lease's value
	value []byte
	ms    int64 // its lifetime
	err   error // why it cannot be done at all
}

// The verbs, as commitScript knows them.
const (
	verbSet     = "set"
	verbReplace = "replace"
	verbDrop    = "drop"
	verbSpend   = "spend"
	verbReplay  = "replay"
	verbRelease = "release"
)

var errTTL = errors.New("a record needs a lifetime of at least 1 ms")

// Set writes a value, whatever is there, except the marker of a value that was
// spent: then nothing of the commit happens.
func (b *Bucket[T]) Set(h Handle, v T, ttl time.Duration) Write {
	return b.write(verbSet, h, "", &v, ttl)
}

// Replace writes a value only while the record is as it was read: at that
// revision, or, if it was not OK, absent. Otherwise nothing of the commit happens.
func (b *Bucket[T]) Replace(h Handle, was Record[T], v T, ttl time.Duration) Write {
	return b.write(verbReplace, h, was.revision, &v, ttl)
}

func (b *Bucket[T]) write(verb string, h Handle, was string, v *T, ttl time.Duration) Write {
	w := Write{verb: verb, id: h.id, key: b.keyOf(h.id), was: was, ms: ttl.Milliseconds()}
	if ttl < time.Millisecond {
		w.err = failed(verb+" "+b.name, errTTL)
		return w
	}
	if w.value, w.err = b.encode(h, v); w.err != nil {
		w.err = failed(verb+" "+b.name, w.err)
	}
	return w
}

// Drop deletes a record, whatever it is.
func (b *Bucket[T]) Drop(id string) Write {
	return Write{verb: verbDrop, id: id, key: b.keyOf(id)}
}
