package edge_test

import (
	"strconv"
	"testing"
	"time"

	"itsme-bridge/provider/edge"
)

// So many kinds of lines are told apart; all others are one. What was left out is said once.
func TestManyKindsOfLines(t *testing.T) {
	s, now := edge.NewSieve(2, 2), time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)
	if s.Passed(now) != 0 {
		t.Error("something was left out before it began")
	}
	for n := range 150_000 {
		s.Lets(strconv.Itoa(n), "")
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
		if ok := s.Lets("0", ""); ok != (n < 2) {
			t.Errorf("line %d of another minute: %v", n+1, ok)
		}
	}
}

// One caller has its share of a kind; above so many callers, none has one of its own.
func TestOneOfManyCallers(t *testing.T) {
	s := edge.NewSieve(1_000_000, 3)
	for n := range 10 {
		for _, caller := range []string{"a", "b"} {
			if ok := s.Lets("app", caller); ok != (n < 3) {
				t.Errorf("line %d of %s: %v", n+1, caller, ok)
			}
		}
		if ok := s.Lets("other", "a"); ok != (n < 3) {
			t.Errorf("line %d of another kind: %v", n+1, ok)
		}
	}
	for n := range 10 {
		if !s.Lets("app", "") {
			t.Errorf("line %d of somebody was left out", n+1)
		}
	}
	for n := range 150_000 {
		if !s.Lets("app", strconv.Itoa(n)) {
			t.Fatalf("caller %d has no line", n)
		}
	}
	if n := s.Kinds(); n > 100_000 {
		t.Errorf("%d callers are told apart", n)
	}
	for n := range 10 {
		if ok := s.Lets("app", "the last"); !ok {
			t.Errorf("line %d of a caller who is not told apart was left out", n+1)
		}
	}
	if n := s.Passed(time.Unix(0, 0).Add(time.Hour)); n != 3*7 {
		t.Errorf("%d were left out, want %d", n, 3*7)
	}
}
