package ledger_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/ledger"
	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// Every word means something, for its transaction and for its login, and every name that
// can come of it is listed once.
func TestWords(t *testing.T) {
	for _, row := range []struct {
		word                 ledger.Word
		started, final       bool
		transaction, outcome string
	}{
		{ledger.Asked, false, false, "in_doubt", "unavailable"},
		{ledger.Waiting, true, false, "abandoned", "abandoned"},
		{ledger.Silent, true, false, "unavailable", "unavailable"},
		{ledger.Doubtful, false, true, "in_doubt", "unavailable"},
		{ledger.Unreached, false, true, "not_started", "unavailable"},
		{ledger.Declined, false, true, "not_started", "refused"},
		{ledger.Success, true, true, "success", "success"},
		{ledger.WrongPerson, true, true, "wrong_person", "wrong_person"},
		{ledger.NoData, true, true, "no_data", "no_data"},
		{ledger.Cancelled, true, true, "cancelled", "cancelled"},
		{ledger.Failed, true, true, "failed", "failed"},
		{ledger.Expired, true, true, "expired", "expired"},
		{ledger.Refused, true, true, "refused", "refused"},
		{ledger.Left, true, true, "left", "left"},
		{'Z', true, true, "in_doubt", "unavailable"}, // of a later version
	} {
		w := row.word
		if w.Started() != row.started || w.Final() != row.final || w.Transaction() != row.transaction || w.Outcome() != row.outcome {
			t.Errorf("%c: started %t, final %t, %s, %s", w, w.Started(), w.Final(), w.Transaction(), w.Outcome())
		}
		if !slices.Contains(ledger.Transactions(), row.transaction) || !slices.Contains(ledger.Outcomes(), row.outcome) {
			t.Errorf("%c: %s or %s is not listed", w, row.transaction, row.outcome)
		}
	}
	for _, names := range [][]string{ledger.Transactions(), ledger.Outcomes()} {
		if sorted := slices.Sorted(slices.Values(names)); len(slices.Compact(sorted)) != len(names) {
			t.Errorf("twice: %q", names)
		}
	}
}

func TestTheOldestMonth(t *testing.T) {
	now := time.Date(2026, 11, 30, 23, 0, 0, 0, time.FixedZone("", -2*60*60)) // which is December
	if got := ledger.OldestMonth(now).Format(time.RFC3339); got != "2025-11-01T00:00:00Z" {
		t.Error(got)
	}
}

// What is written is so: whoever was too late with something else has said it in vain,
// also where it was said first.
func TestWhatIsWrittenCounts(t *testing.T) {
	w := storagetest.New(t)
	l, records, h := ledger.New(w.Store, w.Now), storage.NewBucket[string](w.Store, "record"), storage.NewHandle()
	commit := func(word ledger.Word, want bool, write storage.Write) {
		t.Helper()
		note := ledger.Note{
			Login:   ledger.Login{Client: "app", ID: h.ID(), Began: w.Now(), Expires: w.Now().Add(time.Minute)},
			Attempt: 1, At: w.Now(), Word: word, Over: true,
		}
		if ok, err := l.Commit(t.Context(), note, write); ok != want || err != nil {
			t.Fatal(ok, err)
		}
		l.Wait()
	}
	var was storage.Record[string]
	stale := records.Replace(h, was, "left", time.Hour)
	if err := records.Put(t.Context(), h, "waiting", time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := w.Store.Do(t.Context(), records.Read(h, &was)); err != nil {
		t.Fatal(err)
	}
	commit(ledger.Left, false, stale)
	commit(ledger.Success, true, records.Replace(h, was, "done", time.Hour))
	commit(ledger.Left, false, stale)
	all, err := ledger.Read(t.Context(), w.Store, w.Now(), []string{"app"})
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	if total := ledger.Total(all[0].Days); total.Started != 1 || !maps.Equal(total.Ends, map[string]int{"success": 1}) {
		t.Errorf("%+v", total)
	}
}

// In a Cluster the counts of a client may be on a node that is not there, or hangs. That
// stops nobody, and delays nobody; what could not be said is counted, and what is said
// later is right.
func TestANodeThatIsNotThere(t *testing.T) {
	nodes := storagetest.StartNodes(t)
	store, now := nodes.Store(t), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	var lost atomic.Int64
	l := ledger.New(store, func() time.Time { return now })
	l.OnLoss(func() { lost.Add(1) })
	clientOn := func(master int) string {
		for i := 0; ; i++ {
			if id := fmt.Sprint("client-", i); nodes.MasterOf(t, "usage:"+id) == master {
				return id
			}
		}
	}
	alive, dead := clientOn(1), clientOn(2)
	l.Register(map[string]*client.Client{alive: {}, dead: {}})
	records := storage.NewBucket[string](store, "record")
	say := func(client string) {
		t.Helper()
		h := storage.NewHandle()
		for nodes.MasterOf(t, h.ID()) != 1 {
			h = storage.NewHandle()
		}
		note := ledger.Note{
			Login:   ledger.Login{Client: client, ID: h.ID(), Began: now, Expires: now.Add(4 * time.Minute)},
			Attempt: 1, At: now,
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if err := store.Do(ctx, records.Read(h, new(storage.Record[string])), l.Asks(note)); err != nil {
			t.Errorf("asked for %s: %v", client, err)
		}
		note.Word = ledger.Waiting
		began := time.Now()
		if ok, err := l.Commit(ctx, note, records.Set(h, "", time.Hour)); !ok || err != nil {
			t.Errorf("written for %s: %t, %v", client, ok, err)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("written for %s after %s", client, took)
		}
	}
	say(alive)
	say(dead)
	l.Wait()
	if lost.Load() != 0 {
		t.Errorf("%d lost, and all is well", lost.Load())
	}
	nodes.KillLast(t)
	say(alive)
	l.Wait()
	if lost.Load() != 0 {
		t.Errorf("%d lost of a client whose counts are there", lost.Load())
	}
	say(dead)
	l.Wait()
	if lost.Load() == 0 {
		t.Error("nobody says that something was not counted")
	}
	now = now.Add(25 * time.Minute)
	told := map[string]int{}
	err := l.Collect(t.Context(), func(c ledger.Closed) { told[c.Client+" "+c.Outcome+" "+strings.Join(c.Late, ",")]++ })
	if err == nil {
		t.Error("all is collected, and a node is not there")
	}
	if want := map[string]int{alive + " abandoned abandoned": 2}; !maps.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}
