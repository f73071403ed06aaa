package edge_test

import (
	"strconv"
	"testing"
	"time"

	"itsme-bridge/provider/edge"
)

// So many kinds of lines are told apart; all others are one. What was left out is said once.
func TestManyKindsOfLines(t *testing.T) {
	s, now := edge.NewSieve(2), time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)
	if s.Passed(now) != 0 {
		t.Error("something was left out before it began")
	}
	for n := range 150_000 {
		s.Lets(strconv.Itoa(n))
	}
	if n := s.Kinds(); n > 100_001 {
		t.Errorf("%d kinds are told apart", n)
	}
	if n := s.Passed(now.Add(-time.Second)); n != 0 { // by a request that has read the clock before
		t.Errorf("%d were left out, by the clock of a moment before", n)
	}
	if n := s.Passed(now.Add(time.Minute)); n != 50_000-2 {
		t.Errorf("%d were left out, want %d", n, 50_000-2)
	}
	if n := s.Passed(now.Add(2 * time.Minute)); n != 0 {
		t.Errorf("%d were left out once more", n)
	}
	for n := range 3 {
		if ok := s.Lets("0"); ok != (n < 2) {
			t.Errorf("line %d of another minute: %v", n+1, ok)
		}
	}
}
