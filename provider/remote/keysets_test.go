package remote_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/provider/remote"
)

// A publisher is a client's host: it serves a document, which may change.
type publisher struct {
	*host
	*clock
	sets *remote.KeySets

	mu       sync.Mutex
	document string // "": HTTP 500
	control  string // Cache-Control
}

func publish(t *testing.T, document string) *publisher {
	t.Helper()
	p := &publisher{clock: newClock(), document: document}
	p.host = plain(t, func(w http.ResponseWriter, _ *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.document == "" {
			w.WriteHeader(http.StatusInternalServerError)
		}
		if p.control != "" {
			w.Header().Set("Cache-Control", p.control)
		}
		w.Write([]byte(p.document))
	})
	p.sets = remote.NewKeySets(remote.New(p.options()), p.now)
	return p
}

func (p *publisher) change(document string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.document = document
}

func (p *publisher) keys(t *testing.T, kid string) ([]jose.JSONWebKey, error) {
	t.Helper()
	return p.sets.Keys(t.Context(), p.URL+path, kid)
}

// find wants keys with these names, and so many requests until then.
func (p *publisher) find(t *testing.T, kid string, requests int64, want ...string) {
	t.Helper()
	keys, err := p.keys(t, kid)
	if err != nil || !slices.Equal(names(keys), want) {
		t.Errorf("%q: %v, %v, want %v", kid, names(keys), err, want)
	}
	p.want(t, requests)
}

func (p *publisher) fail(t *testing.T, kid string, requests int64, want error, says string) {
	t.Helper()
	keys, err := p.keys(t, kid)
	if keys != nil {
		t.Errorf("%q: %v", kid, names(keys))
	}
	wantError(t, err, want, says)
	p.want(t, requests)
}

func TestKeysByName(t *testing.T) {
	p := publish(t, ec(t, "a", "b", "a", ""))
	p.find(t, "", 1, "a", "b", "a", "")
	p.find(t, "a", 1, "a", "a")
	p.find(t, "b", 1, "b")
	p.find(t, "B", 1)
}

func TestTheHostSaysHowLongASetIsFresh(t *testing.T) {
	for _, row := range []struct {
		control string
		want    time.Duration
	}{
		{"", 10 * time.Minute},
		{"public", 10 * time.Minute},
		{"max-age=900", 15 * time.Minute},
		{"public, Max-Age=900", 15 * time.Minute},
		{`max-age="900"`, 15 * time.Minute},
		{"max-age=0", time.Minute},
		{"max-age=59", time.Minute},
		{"max-age=3601", time.Hour},
		{"max-age=2147483647", time.Hour},
		{"max-age=-1", 10 * time.Minute},
		{"max-age=soon", 10 * time.Minute},
		{"max-age", 10 * time.Minute},
		{"s-maxage=900", 10 * time.Minute},
		{"max-age=900, no-store", time.Minute},
		{"no-cache", time.Minute},
	} {
		t.Run(row.control, func(t *testing.T) {
			p := publish(t, ec(t, "a"))
			p.control = row.control
			p.find(t, "a", 1, "a")
			p.advance(row.want - time.Nanosecond)
			p.find(t, "a", 1, "a")
			p.change(ec(t, "b"))
			p.advance(time.Nanosecond)
			p.find(t, "a", 2)
			p.find(t, "b", 2, "b")
		})
	}
}

func TestRotation(t *testing.T) {
	p := publish(t, ec(t, "a"))
	p.find(t, "a", 1, "a")
	p.change(ec(t, "a", "b"))
	p.find(t, "b", 1) // asked just now
	p.advance(30 * time.Second)
	p.find(t, "a", 1, "a")
	p.find(t, "b", 2, "b")
	p.find(t, "a", 2, "a")
}

func TestAClientRevokesByPublishingNothing(t *testing.T) {
	p := publish(t, ec(t, "a"))
	p.find(t, "a", 1, "a")
	p.change(set())
	p.advance(10 * time.Minute)
	p.find(t, "a", 2)
	p.find(t, "", 2)
}

func TestInventedNamesCostOneRequest(t *testing.T) {
	p := publish(t, ec(t, "a"))
	p.find(t, "a", 1, "a")
	for round := range int64(3) {
		p.advance(30 * time.Second)
		var together sync.WaitGroup
		for i := range 50 {
			together.Go(func() {
				if keys, err := p.keys(t, "invented "+strconv.Itoa(i)); err != nil || len(keys) != 0 {
					t.Errorf("%v, %v", keys, err)
				}
			})
		}
		together.Wait()
		p.want(t, 2+round)
	}
	p.find(t, "a", 4, "a")
}

func TestAHiccupEndsNoLogin(t *testing.T) {
	for _, row := range []struct {
		name, document, says string
	}{
		{"fails", "", "127.0.0.1: HTTP 500"},
		{"is a page", "<html>s3cret</html>", "127.0.0.1: not a JWK Set"},
		{"is too long", set(strings.Repeat(" ", 64<<10)), "127.0.0.1: too long"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := publish(t, ec(t, "a"))
			p.find(t, "a", 1, "a")
			p.change(row.document)
			p.advance(10 * time.Minute)
			p.find(t, "a", 2, "a")
			p.find(t, "", 2, "a")
			p.fail(t, "b", 2, remote.ErrBadAnswer, row.says) // who knows?
			p.advance(30*time.Second - time.Nanosecond)
			p.find(t, "a", 2, "a")
			p.advance(time.Nanosecond)
			p.find(t, "a", 3, "a")
			p.advance(24*time.Hour - 10*time.Minute - 30*time.Second - time.Nanosecond)
			p.find(t, "a", 4, "a")
			p.advance(time.Nanosecond)
			p.fail(t, "a", 4, remote.ErrBadAnswer, row.says)
			p.fail(t, "", 4, remote.ErrBadAnswer, row.says)
			p.change(ec(t, "a"))
			p.advance(30 * time.Second)
			p.find(t, "a", 5, "a")
			p.find(t, "b", 5)
		})
	}
}

func TestADeadHostIsAskedSeldom(t *testing.T) {
	p := publish(t, "")
	for range 10 {
		p.fail(t, "", 1, remote.ErrBadAnswer, "HTTP 500")
		p.fail(t, "a", 1, remote.ErrBadAnswer, "HTTP 500")
	}
	p.advance(30 * time.Second)
	p.change(ec(t, "a"))
	p.find(t, "a", 2, "a")
}

func TestWhoGivesUpDoesSoAlone(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	h := plain(t, func(w http.ResponseWriter, _ *http.Request) {
		close(asked)
		<-answer
		w.Write([]byte(`{"keys":[]}`))
	})
	sets := remote.NewKeySets(remote.New(h.options()), newClock().now)
	hasty, cancel := context.WithCancel(t.Context())
	given, patient := make(chan error), make(chan error)
	go func() {
		_, err := sets.Keys(hasty, h.URL, "")
		given <- err
	}()
	<-asked
	go func() {
		_, err := sets.Keys(t.Context(), h.URL, "")
		patient <- err
	}()
	cancel()
	if err := <-given; !errors.Is(err, context.Canceled) || !errors.Is(err, remote.ErrUnanswered) {
		t.Errorf("who gave up got %v", err)
	}
	close(answer)
	if err := <-patient; err != nil {
		t.Errorf("who waited got %v", err)
	}
	h.want(t, 1)
}

func TestAFlightHasADeadline(t *testing.T) {
	h := plain(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	o := h.options()
	o.Timeout = 100 * time.Millisecond
	_, err := remote.NewKeySets(remote.New(o), newClock().now).Keys(t.Context(), h.URL+path, "a")
	wantError(t, err, remote.ErrUnanswered, "127.0.0.1: context deadline exceeded")
}

func TestWhatACallerGetsIsItsOwn(t *testing.T) {
	p := publish(t, ec(t, "a"))
	keys, err := p.keys(t, "")
	if err != nil {
		t.Fatal(err)
	}
	keys[0] = jose.JSONWebKey{}
	p.find(t, "a", 1, "a")
}

func TestTheUnusedIsForgotten(t *testing.T) {
	p := publish(t, ec(t, "a"))
	p.control = "max-age=3600"
	ask := func(n int) {
		t.Helper()
		if _, err := p.sets.Keys(t.Context(), fmt.Sprintf("%s/%d", p.URL, n), "a"); err != nil {
			t.Fatal(err)
		}
		p.advance(time.Millisecond)
	}
	for n := range remote.MaxSets {
		ask(n)
	}
	ask(0)
	p.want(t, remote.MaxSets)
	ask(remote.MaxSets) // 1 goes
	p.want(t, remote.MaxSets+1)
	ask(0)
	ask(2)
	p.want(t, remote.MaxSets+1)
	ask(1) // 3 goes
	p.want(t, remote.MaxSets+2)
	p.advance(time.Minute)
	if _, err := p.sets.Keys(t.Context(), p.URL+"/0", "rotated"); err != nil {
		t.Fatal(err)
	}
	ask(4) // what is renewed takes nobody's place
	p.want(t, remote.MaxSets+3)
	ask(3)
	p.want(t, remote.MaxSets+4)
}

func TestKeySetsAskWhatAClientMay(t *testing.T) {
	p := publish(t, ec(t, "a"))
	sets := remote.NewKeySets(remote.New(remote.Options{}), p.now)
	_, err := sets.Keys(t.Context(), p.URL+path, "a")
	wantError(t, err, remote.ErrForbidden, "127.0.0.1")
	p.want(t, 0)
}
