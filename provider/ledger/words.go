package ledger

import (
	"slices"

	"itsme-bridge/storage"
)

// Word is what was said last of a transaction. One in small letters can give way
// to another one.
type Word byte

// The words.
const (
	Same        Word = 0             // whatever was said before
	Asked       Word = storage.Asked // CM is about to be asked for it
	Waiting     Word = 'w'           // it is there, and the person has not come back
	Silent      Word = 'q'           // it is there, and CM gave no answer when it was asked what became of it
	Doubtful    Word = 'D'           // CM gave no answer that tells whether it is there
	Unreached   Word = 'U'           // CM was not reached, or had no time for it: it is not there
	Declined    Word = 'R'           // CM refused our parameters: it is not there
	Success     Word = 'S'
	WrongPerson Word = 'P' // somebody approved who was not asked for
	NoData      Word = 'N' // CM calls it a success, and gave no identity
	Cancelled   Word = 'C'
	Failed      Word = 'F'
	Expired     Word = 'E'
	Refused     Word = 'X' // CM refused to tell what became of it
	Left        Word = 'L' // the person went back to the application
)

// Final reports whether nothing else can become of a transaction of this word.
func (w Word) Final() bool { return w >= 'A' && w <= 'Z' }

// Started reports whether CM has certainly made the transaction.
func (w Word) Started() bool {
	switch w {
	case Same, Asked, Doubtful, Unreached, Declined:
		return false
	default:
		return true
	}
}

// What becomes of a transaction, and of a login. Of the first, those that were
// started are all but in doubt and not started.
const (
	OfSuccess     = "success"
	OfWrongPerson = "wrong_person"
	OfNoData      = "no_data"
	OfCancelled   = "cancelled"
	OfFailed      = "failed"
	OfExpired     = "expired"
	Unavailable   = "unavailable"
	OfRefused     = "refused"
	OfLeft        = "left"
	Abandoned     = "abandoned"   // nobody ever came back
	InDoubt       = "in_doubt"    // only of a transaction: CM may have made it
	NotStarted    = "not_started" // only of a transaction: CM has not made it
	Restarted     = "restarted"   // only of a login: it expired, and its client began another one by itself
	BySession     = "session"     // only of a login: it never began, since a browser session answered
)

// meaning is what a word means at the end.
type meaning struct {
	word                 Word
	transaction, outcome string
}

func meanings() [14]meaning { // no slice: it needs no memory
	return [...]meaning{
		{Success, OfSuccess, OfSuccess},
		{WrongPerson, OfWrongPerson, OfWrongPerson},
		{NoData, OfNoData, OfNoData},
		{Cancelled, OfCancelled, OfCancelled},
		{Failed, OfFailed, OfFailed},
		{Expired, OfExpired, OfExpired},
		{Silent, Unavailable, Unavailable},
		{Refused, OfRefused, OfRefused},
		{Left, OfLeft, OfLeft},
		{Waiting, Abandoned, Abandoned},
		{Asked, InDoubt, Unavailable},
		{Doubtful, InDoubt, Unavailable},
		{Unreached, NotStarted, Unavailable},
		{Declined, NotStarted, OfRefused},
	}
}

func meaningOf(w Word) meaning {
	all := meanings()
	if i := slices.IndexFunc(all[:], func(m meaning) bool { return m.word == w }); i >= 0 {
		return all[i]
	}
	return meaning{w, InDoubt, Unavailable} // of another version
}

// Transaction is what has become of a transaction that ends with this word.
func (w Word) Transaction() string { return meaningOf(w).transaction }

// Outcome is what has become of a login whose last transaction ends with this word.
func (w Word) Outcome() string { return meaningOf(w).outcome }

// Transactions are all that can become of one, in the order in which they are shown.
func Transactions() []string {
	return distinct(func(m meaning) string { return m.transaction })
}

// Outcomes are all that can become of a login.
func Outcomes() []string {
	return append(distinct(func(m meaning) string { return m.outcome }), Restarted, BySession)
}

func distinct(of func(meaning) string) (names []string) {
	for _, m := range meanings() {
		if name := of(m); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
