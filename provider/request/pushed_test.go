package request_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/request"
	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// A start that did not happen is given back once, whatever Redis makes of the answer and whoever writes meanwhile: else
// one pushed request could start more transactions than it may.
func TestAStartIsGivenBackOnce(t *testing.T) {
	const one, other = "one", "other"
	for _, row := range []struct {
		name    string
		spent   []string // starts before, by login
		forget  bool
		disturb bool // the answer is lost, and another login starts before it is asked for again
		again   bool // it is given back a second time
		starts  int
		logins  string
	}{
		{name: "the first start of a login", spent: []string{one, other}, forget: true, starts: 1, logins: "other"},
		{name: "the second", spent: []string{one, one}, starts: 1, logins: "one"},
		{name: "the first, twice", spent: []string{one, other}, forget: true, again: true, starts: 1, logins: "other"},
		{name: "of a login that has none", spent: []string{other}, forget: true, starts: 1, logins: "other"},
		{name: "the first, whose answer is lost", spent: []string{one, one}, forget: true, disturb: true, starts: 2, logins: "other"},
		{name: "the second, whose answer is lost", spent: []string{one, one}, disturb: true, starts: 2, logins: "one other"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := storagetest.New(t)
			p := request.NewPushes(w.Store, 9, 20*time.Second, w.Now)
			h := storage.NewHandle()
			must := func(ok bool, err error) {
				t.Helper()
				if err != nil || !ok {
					t.Fatal(ok, err)
				}
			}
			must(true, p.Put(t.Context(), h, request.Pushed{ClientID: "app", Expires: w.Now().Add(time.Minute), Dies: w.Now().Add(time.Hour)}))
			for _, login := range row.spent {
				must(p.Spend(t.Context(), h.Text(), login))
			}
			if row.disturb {
				w.Faults().DropReply(2) // of the commit, which follows a look
				reached, release := w.Faults().Hold(3)
				done := make(chan struct{})
				go func() { defer close(done); p.Unspend(t.Context(), h.Text(), one, row.forget) }()
				<-reached
				must(p.Spend(t.Context(), h.Text(), other))
				release()
				<-done
			} else {
				p.Unspend(t.Context(), h.Text(), one, row.forget)
			}
			if row.again {
				p.Unspend(t.Context(), h.Text(), one, row.forget)
			}
			is, err := p.Is(t.Context(), h)
			slices.Sort(is.Logins)
			if logins := strings.Join(slices.Compact(is.Logins), " "); err != nil || is.Starts != row.starts || logins != row.logins {
				t.Errorf("%d starts of %q, %v; want %d of %q", is.Starts, logins, err, row.starts, row.logins)
			}
		})
	}
}

// The write that keeps a request may arrive once more, when the request has begun a login and is used up.
func TestAPushedRequestIsKeptOnce(t *testing.T) {
	w := storagetest.New(t)
	p := request.NewPushes(w.Store, 9, 20*time.Second, w.Now)
	h, q := storage.NewHandle(), request.Pushed{ClientID: "app", Expires: w.Now().Add(time.Minute), Dies: w.Now().Add(time.Hour)}
	if err := p.Put(t.Context(), h, q); err != nil {
		t.Fatal(err)
	}
	if ok, err := p.Spend(t.Context(), h.Text(), "one"); err != nil || !ok {
		t.Fatal(ok, err)
	}
	p.Consume(t.Context(), h.Text())
	if err := p.Put(t.Context(), h, q); err == nil {
		t.Error("it is kept once more")
	}
	if is, err := p.Is(t.Context(), h); err != nil || !is.Done || is.Starts != 1 {
		t.Errorf("%+v, %v", is, err)
	}
}
