package edge

import "time"

// Hung is how many pictures are kept.
func Hung(x *Edge) int { return len(x.wardrobe.current.Load().pictures) }

// Sieve is one whose lines are told apart by their client alone.
type Sieve struct{ *sieve }

// NewSieve lets so many lines of each client through in a minute, and so many of those by one caller.
func NewSieve(most, ofOne int64) Sieve { return Sieve{newSieve(most, ofOne)} }

// Lets is whether a line may be written.
func (s Sieve) Lets(client, caller string) bool { return s.lets(kind{client: client}, caller) }

// Kinds is how many are told apart.
func (s Sieve) Kinds() int { return max(len(s.written), len(s.left), len(s.shares)) }

// Passed is how many lines were left out in the minute before.
func (s Sieve) Passed(now time.Time) (n int64) {
	for _, l := range s.passed(now) {
		n += l.times
	}
	return n
}
