package keys

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrContended says that others changed the keys each time we tried.
var ErrContended = errors.New("keys: others changed the keys each time we tried")

// attempts is how often a change starts over because somebody else was first. Changes are rare.
const attempts = 8

// Refresh loads the keys and does what is due. When it fails, the ring goes on with what it has.
func (r *Ring) Refresh(ctx context.Context) error {
	return r.change(ctx, func(s Set, _ time.Time) (Set, error) { return s, nil })
}

// Rotate begins a rotation of an algorithm now: the next key is published, and signs after Policy.Ahead. If one is
// on its way already, nothing changes.
func (r *Ring) Rotate(ctx context.Context, a Algorithm) error {
	if !slices.Contains(r.algorithms(), a) {
		return fmt.Errorf("keys: rotate %q: %w (there are %v)", string(a), ErrAlgorithm, r.algorithms())
	}
	return r.change(ctx, func(s Set, now time.Time) (Set, error) { return s.Rotate(a, now, r.policy, Generate) })
}

// ErrUnknownKey says that there is no key of that name.
var ErrUnknownKey = errors.New("no such key")

// Revoke takes a key out of use at once: here with its return, on other replicas with their next refresh, in clients
// when their cached JWKS is over. If it was signing, the next key (or a new one) begins right away.
func (r *Ring) Revoke(ctx context.Context, kid string) error {
	return r.change(ctx, func(s Set, now time.Time) (Set, error) {
		s, ok := s.Revoke(kid, now)
		if !ok {
			return Set{}, fmt.Errorf("keys: revoke %q: %w", kid, ErrUnknownKey)
		}
		return s, nil
	})
}

// Run refreshes at once and then at each interval until the context ends; before the first success, each second. Passed
// hears of each refresh; nil if nothing stood in its way.
func (r *Ring) Run(ctx context.Context, every time.Duration, passed func(error)) {
	for {
		if err := r.refreshWithin(ctx); ctx.Err() == nil {
			passed(err)
		}
		wait := every
		if r.Ready() != nil {
			wait = min(every, time.Second)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// patience is how long one refresh of Run may take: an RSA key may have to be made.
const patience = 20 * time.Second

func (r *Ring) refreshWithin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return r.Refresh(ctx)
}

// change edits the stored set, and does what is due in the same swap. Who loses a race starts over from what the
// winner wrote.
func (r *Ring) change(ctx context.Context, edit func(Set, time.Time) (Set, error)) error {
	r.changing.Lock()
	defer r.changing.Unlock()
	for range attempts {
		done, err := r.attempt(ctx, edit)
		if done || err != nil {
			return err
		}
	}
	return ErrContended
}

func (r *Ring) attempt(ctx context.Context, edit func(Set, time.Time) (Set, error)) (done bool, err error) {
	asked := r.now()
	data, revision, ok, err := r.cell.Load(ctx)
	if err != nil {
		return false, fmt.Errorf("keys: load: %w", err)
	}
	var found Set
	switch latest := r.latest.Load(); {
	case !ok:
		revision = ""
	case latest != nil && latest.revision == revision:
		found = latest.set // so a look every few seconds costs little
	default:
		// What cannot be read is not replaced: it may be a newer version's.
		if found, err = Decode(data); err != nil {
			return false, err
		}
	}
	now := r.now().UTC().Truncate(time.Second)
	due, err := edit(found.Merge(r.remembered(ok, asked)), now)
	if err != nil {
		return false, err
	}
	if due, err = due.Next(now, r.policy, r.algorithms(), Generate); err != nil {
		return false, err
	}
	if !ok || !due.equal(found) {
		encoded, err := due.Encode()
		if err != nil {
			return false, err
		}
		if won, err := r.cell.Swap(ctx, revision, encoded); err != nil {
			// It may have been written or not: the next refresh sees.
			return false, fmt.Errorf("keys: swap: %w", err)
		} else if !won {
			return false, nil
		}
		revision = ""
	}
	return true, r.adopt(due, revision, asked)
}

// remembered is what this replica adds to what the Cell holds. A replica that has not seen the Cell for longer than
// Keep may have missed a revocation that is forgotten by now: it brings nothing, unless there is nothing else.
func (r *Ring) remembered(stored bool, now time.Time) Set {
	latest := r.latest.Load()
	if latest == nil || stored && now.Sub(latest.asked) >= r.policy.Keep {
		return Set{}
	}
	return latest.set
}
