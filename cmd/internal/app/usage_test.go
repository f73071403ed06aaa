package app_test

import (
	"strings"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/provider/ledger"
	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// A bridge that runs counts every minute what nobody comes back to, also after it once
// could not; and from then on usage says so.
func TestWhatNobodyComesBackToIsCounted(t *testing.T) {
	world := storagetest.New(t)
	settings := configured(t, world, nil)
	store, err := storage.Open(storage.Options{Mode: "single", Addresses: []string{world.Address()}, Prefix: "itsme-bridge:"}, world.Store.Keyring())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	begin := func(ago time.Duration) {
		t.Helper()
		began, h := world.Now().Add(-ago), storage.NewHandle()
		note := ledger.Note{
			Login:   ledger.Login{Client: "app", ID: h.ID(), Began: began, Expires: began.Add(4 * time.Minute)},
			Attempt: 1, At: began, Word: ledger.Waiting,
		}
		l := ledger.New(store, func() time.Time { return began })
		if ok, err := l.Commit(t.Context(), note, storage.NewBucket[string](store, "record").Set(h, "", time.Hour)); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	begin(21 * time.Minute)
	begin(18 * time.Minute)
	due := func() int {
		n := 0
		for key := range world.Dump() {
			if strings.HasPrefix(key, "itsme-bridge:tally-open-") {
				n++
			}
		}
		return n
	}
	run(t, world, settings, func(t *testing.T, r *longRun) {
		t.Helper()
		r.pass(ledger.CollectEvery - time.Second)
		if n := due(); n != 2 {
			t.Errorf("%d are open before the first minute is over", n)
		}
		r.pass(2 * time.Second)
		if n := due(); n != 1 {
			t.Errorf("%d are open after a minute", n)
		}
		const key, aside = "itsme-bridge:tally-due:{usage:app}", "itsme-bridge:aside:{usage:app}"
		world.Redis().Rename(t.Context(), key, aside)
		world.Redis().Set(t.Context(), key, "rubbish", time.Hour)
		r.pass(2 * ledger.CollectEvery)
		world.Redis().Rename(t.Context(), aside, key)
		if n := due(); n != 1 {
			t.Errorf("%d are open, and nobody can read which", n)
		}
		r.pass(2 * ledger.CollectEvery)
		if n := due(); n != 0 {
			t.Errorf("%d are open", n)
		}
		if n := r.says("what became of logins is not counted"); n != 1 {
			t.Errorf("%d lines say that it failed", n)
		}
		all, err := app.Usage(t.Context(), settings, r.now(), r.now)
		if err != nil || len(all) != 1 || all[0].Client != "app" {
			t.Fatalf("%+v, %v", all, err)
		}
		if total := ledger.Total(all[0].Days); total.Started != 2 || total.Ends[ledger.Abandoned] != 2 || total.Open != 0 {
			t.Errorf("%+v", total)
		}
	})
}
