package notbefore_test

import (
	"testing"
	"time"

	"itsme-bridge/provider/notbefore"
)

// The rule alone.
func TestNotBeforeRule(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 500, time.UTC)
	none := notbefore.Times{}
	for _, row := range []struct {
		name    string
		n       notbefore.Times
		client  string
		login   time.Time
		refuses bool
	}{
		{"nothing was said", none, "a", now, false},
		{"its client, before", none.With("a", now), "a", now.Add(-time.Hour), true},
		{"its client, at that instant", none.With("a", now), "a", now, true},
		{"its client, after", none.With("a", now), "a", now.Add(1), false},
		{"another client", none.With("a", now), "b", now.Add(-time.Hour), false},
		{"all, before", none.With("", now), "b", now, true},
		{"all, after", none.With("", now), "b", now.Add(1), false},
		{"a later all", none.With("a", now).With("", now.Add(time.Hour)), "a", now.Add(time.Minute), true},
		{"an earlier all", none.With("a", now).With("", now.Add(-time.Hour)), "a", now, true},
		{"it does not move back", none.With("a", now).With("a", now.Add(-time.Hour)), "a", now, true},
		{"nor does that of all", none.With("", now).With("", now.Add(-time.Hour)), "a", now, true},
		{"a year later, another client's", none.With("a", now).With("b", now.Add(365*24*time.Hour)), "a", now, true},
	} {
		if got := row.n.Refuses(row.client, row.login); got != row.refuses {
			t.Errorf("%s: %v", row.name, got)
		}
	}
	if kept := none.With("a", now).With("b", now.Add(401*24*time.Hour)); len(kept.Clients) != 1 {
		t.Errorf("an entry that says nothing any more is kept: %v", kept)
	}
	if kept := none.With("a", now).With("b", now.Add(2)).With("", now.Add(1)); len(kept.Clients) != 1 {
		t.Errorf("an entry that says less than that of all is kept: %v", kept)
	}
	was := none.With("a", now)
	was.With("b", now)
	if len(was.Clients) != 1 {
		t.Error("it changes what somebody else may read")
	}
}
