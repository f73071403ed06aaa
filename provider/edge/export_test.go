package edge

import "time"

// Hung is how many pictures are kept.
func Hung(x *Edge) int { return len(x.wardrobe.current.Load().pictures) }

// Sieve is one whose lines are told apart by their client alone.
type Sieve struct{ *sieve }

// NewSieve lets so many lines of each client through in a minute.
func NewSieve(most int64) Sieve { return Sieve{newSieve(most)} }

// Lets is whether a line may be written.
func (s Sieve) Lets(client string) bool { return s.lets(kind{client: client}) }

// Kinds is how many are told apart.
func (s Sieve) Kinds() int { return len(s.seen) }

// Passed is how many lines were left out in the minute before.
func (s Sieve) Passed(now time.Time) (n int64) {
	for _, l := range s.passed(now) {
		n += l.times
	}
	return n
}
