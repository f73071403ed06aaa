package edge

import (
	"cmp"
	"context"
	"hash/maphash"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"itsme-bridge/provider/audit"
)

// How many lines of one kind are written in a minute, by one replica. The others are
// counted, and one line says how many they were.
const (
	mostLines    = 6000 // in the log
	mostRefusals = 600  // in the audit stream
	mostOfOne    = 60   // of those, by one caller: the others of the same kind keep their lines
)

// mostKinds bounds how many kinds are told apart in a minute.
const mostKinds = 100_000

// kind is what lines have in common that say the same. Nothing of it is a stranger's own
// word: there are as many kinds as routes, errors and registered clients make.
type kind struct {
	route, client, reason, code string
	status                      int
}

// share is what one caller has of one kind. Who that is stands there as a hash under a
// seed of this process.
type share struct {
	kind

	caller uint64
}

// sieve lets so many lines of each kind through in a minute, and of one caller so many
// of those, and counts the others.
type sieve struct {
	most, ofOne int64
	seed        maphash.Seed

	mu      sync.Mutex
	minute  int64
	written map[kind]int64
	left    map[kind]int64
	shares  map[share]int64
}

func newSieve(most, ofOne int64) *sieve {
	return &sieve{
		most: most, ofOne: ofOne, seed: maphash.MakeSeed(),
		written: map[kind]int64{}, left: map[kind]int64{}, shares: map[share]int64{},
	}
}

// leftOut is how many lines of one kind were not written.
type leftOut struct {
	kind

	times int64
}

// lets reports whether a line may be written that a caller is the cause of, and counts it.
func (s *sieve) lets(k kind, caller string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.written[k]; !known && len(s.written) >= mostKinds {
		k = kind{}
	}
	if !s.hasShare(k, caller) || s.written[k] >= s.most {
		s.left[k]++
		return false
	}
	s.written[k]++
	return true
}

// hasShare reports whether a caller has not had its lines of this kind, and counts one. One who
// is not known, or comes when there are too many to tell apart, is bounded by the kind alone. All
// who come by a proxy that does not say for whom are one caller.
func (s *sieve) hasShare(k kind, caller string) bool {
	if caller == "" || s.ofOne >= s.most {
		return true
	}
	of := share{k, maphash.String(s.seed, caller)}
	had, known := s.shares[of]
	if known || len(s.shares) < mostKinds {
		s.shares[of]++
	}
	return had < s.ofOne
}

// passed is what was left out, once its minute is over.
func (s *sieve) passed(now time.Time) []leftOut {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.turn(now)
}

// tellPassed says what was left out in the minute before. Every request does, so that
// nobody has to wait for another of the same kind.
func (x *Edge) tellPassed(ctx context.Context, now time.Time) {
	for _, s := range []*sieve{x.sieves.lines, x.sieves.refusals} {
		x.tellLeftOut(ctx, s, s.passed(now))
	}
}

// turn begins another minute. Two requests may read the clock in one order and come here in the other.
func (s *sieve) turn(now time.Time) []leftOut {
	minute := now.Unix() / int64(time.Minute/time.Second)
	if minute == s.minute || minute == s.minute-1 {
		return nil
	}
	s.minute = minute
	return s.empty()
}

func (s *sieve) empty() (left []leftOut) {
	for k, times := range s.left {
		left = append(left, leftOut{k, times})
	}
	clear(s.written)
	clear(s.left)
	clear(s.shares)
	return left
}

// sieves are those of the log and of the audit stream.
type sieves struct{ lines, refusals *sieve }

func newSieves() sieves {
	return sieves{newSieve(mostLines, mostLines), newSieve(mostRefusals, mostOfOne)}
}

// TellRest says what was left out and nobody has been told of so far. Call it when no
// request comes any more.
func (x *Edge) TellRest(ctx context.Context) {
	for _, s := range []*sieve{x.sieves.lines, x.sieves.refusals} {
		s.mu.Lock()
		left := s.empty()
		s.mu.Unlock()
		x.tellLeftOut(ctx, s, left)
	}
}

// writes reports whether the line of a request is written. What belongs to a login that there
// is and went well, what is our own fault, and what something came of, always is.
func (x *Edge) writes(e *Event, k kind) bool {
	if e.always || k.status >= http.StatusInternalServerError || k.status == 0 || e.err == nil && e.attack == "" && e.genuine {
		return true
	}
	return x.sieves.lines.lets(k, "")
}

// refuses has the audit stream told of a request that was refused.
func (x *Edge) refuses(ctx context.Context, e *Event, k kind) {
	caller := cmp.Or(Line(ctx), Address(ctx))
	if e.always || x.sieves.refusals.lets(kind{route: k.route, client: k.client, reason: k.reason}, caller) {
		x.audit.Write(e.refusal(k))
	}
}

func (x *Edge) tellLeftOut(ctx context.Context, s *sieve, left []leftOut) {
	for _, l := range left {
		if s == x.sieves.refusals {
			x.audit.Write(audit.Event{Name: audit.RefusedMore, Reason: l.reason, Route: l.route, Client: l.client, LeftOut: l.times})
			continue
		}
		attrs := []slog.Attr{slog.String("route", l.route), slog.Int("status", l.status), slog.Int64("left_out", l.times)}
		for _, attr := range []slog.Attr{slog.String("client", l.client), slog.String("error", l.code), slog.String("refused", l.reason)} {
			if attr.Value.String() != "" {
				attrs = append(attrs, attr)
			}
		}
		x.log.LogAttrs(ctx, slog.LevelWarn, "requests of one kind, not logged one by one", attrs...)
	}
}
