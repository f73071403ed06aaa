package storage

import (
	"errors"
	"time"
)

var errNotRead = errors.New("only a value that was read can be spent")

// Spend spends a value that was read: a marker takes its place and lives for keep.
// What the value was for is written in the same commit, so that it is spent by
// whoever writes that, and by nobody who dies before. Of all who have read the
// same value one gets to do so; for the others nothing of the commit happens. A
// value that Redis has forgotten since it was read is spent all the same: whoever
// has read it knows it, and nobody else can read it any more.
//
// The commit also sets or replaces a record: that is how it knows itself again when
// it is sent twice.
//
// The marker keeps the receipt, which tells whoever comes later with the same
// handle by whom it was spent (Record.Receipt).
func (b *Bucket[T]) Spend(h Handle, was Record[T], receipt string, keep time.Duration) Write {
	w := Write{verb: verbSpend, id: h.id, key: b.keyOf(h.id), was: was.revision, ms: keep.Milliseconds()}
	switch {
	case !was.OK:
		w.err = failed("spend "+b.name, errNotRead)
	case keep < time.Millisecond:
		w.err = failed("spend "+b.name, errTTL)
	default:
		w.value = append(append(append(make([]byte, 0, 1+len(was.label)+len(receipt)), formatSpent), was.label...), receipt...)
	}
	return w
}

// Replay remembers that a value which had been spent was asked for again. Where
// there is no such marker (any more), nothing of the commit happens.
func (b *Bucket[T]) Replay(h Handle, was Record[T]) Write {
	w := Write{verb: verbReplay, id: h.id, key: b.keyOf(h.id), was: was.label}
	if was.label == "" {
		w.err = failed("replay "+b.name, errNotRead)
	}
	return w
}
