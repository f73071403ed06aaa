package ledger

import (
	"context"
	"slices"
	"time"

	"itsme-bridge/storage"
)

// Usage is what became of a client's transactions in a month.
type Usage struct {
	Client string
	Days   []Day // that have any, in their order
}

// Day is what became of the transactions that began on one, in UTC.
type Day struct {
	Date    time.Time
	Started int            // CM has certainly made so many
	Open    int            // of them, and what becomes of them is not decided
	Ends    map[string]int // of them, and of those in doubt and not started: see [Transactions]
}

// OldestMonth is the first month that is still known.
func OldestMonth(now time.Time) time.Time {
	year, month, _ := now.UTC().Date()
	return time.Date(year, month-storage.SumsLife, 1, 0, 0, 0, 0, time.UTC)
}

// Read reads the usage of all clients in a month, also of those that are gone. It
// needs no ledger that runs. Clients are those that are registered: one that has
// only just come is known by no replica perhaps.
func Read(ctx context.Context, store *storage.Store, month time.Time, clients []string) ([]Usage, error) {
	tally := tallyOf(store)
	known, err := tally.Subjects(ctx)
	if err != nil {
		return nil, err
	}
	known = append(known, clients...)
	slices.Sort(known)
	var all []Usage
	for _, client := range slices.Compact(known) {
		sums, err := tally.Sums(ctx, client, month)
		if err != nil {
			return nil, err
		}
		if len(sums) > 0 {
			all = append(all, Usage{client, daysOf(sums)})
		}
	}
	return all, nil
}

// daysOf adds sums up.
func daysOf(sums []storage.Sum) (days []Day) {
	for _, s := range sums {
		at, found := slices.BinarySearchFunc(days, s.Day, func(d Day, t time.Time) int { return d.Date.Compare(t) })
		if !found {
			days = slices.Insert(days, at, Day{Date: s.Day, Ends: map[string]int{}})
		}
		days[at].add(Word(s.Word), s.Count, s.Open)
	}
	return days
}

func (d *Day) add(w Word, count int, open bool) {
	if w.Started() {
		d.Started += count
	}
	if open && w.Started() && !w.Final() {
		d.Open += count
		return
	}
	d.Ends[w.Transaction()] += count
}

// Total adds days up.
func Total(days []Day) Day {
	total := Day{Ends: map[string]int{}}
	for _, d := range days {
		total.Started += d.Started
		total.Open += d.Open
		for end, n := range d.Ends {
			total.Ends[end] += n
		}
	}
	return total
}
