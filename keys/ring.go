package keys

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Cell is one value for the whole deployment, changed by compare-and-swap only and sealed at rest. If it expires, then only
// long after the last Load: a deployment that sleeps for less than that keeps its keys. *storage.Cell is one.
type Cell interface {
	Load(ctx context.Context) (data []byte, revision string, ok bool, err error)
	// Swap replaces the value if it still has that revision; revision "" means: if there is none.
	Swap(ctx context.Context, revision string, data []byte) (bool, error)
}

// ErrNotLoaded says that a Ring has never reached its Cell, and so has no keys.
var ErrNotLoaded = errors.New("keys: not loaded yet")

// Ring signs with the keys that all replicas share, and rotates them. Signing and serving read memory only: a Cell
// out of reach stops neither.
type Ring struct {
	cell   Cell
	policy Policy
	now    func() time.Time

	wanted atomic.Pointer[[]Algorithm]

	changing sync.Mutex // one refresh, rotation or revocation at a time
	latest   atomic.Pointer[snapshot]
}

// snapshot is a Set that was in the Cell, made ready. It is never changed.
type snapshot struct {
	set      Set
	encoded  []byte
	revision string    // under which the Cell has it; empty where we have just written it, and do not know
	asked    time.Time // when the Cell was last asked for it: whatever is not in it was made later
	signers  map[string]*signer
	signed   verifiers
	document Document
}

// NewRing makes a ring of the algorithms that clients use, with nothing in it before the first Refresh. Check the policy
// first.
//
// Name no others: some libraries refuse a JWKS in which there is a key of a kind that they do not know. The first key of
// an algorithm signs at once: there is none that could sign until clients have seen it. Where a ring has been serving a
// JWKS already, clients may hold one without it for Policy.Known, and must fetch it again on an unknown kid, as most
// libraries do; or somebody names the algorithm that much earlier, as Rotate does.
func NewRing(cell Cell, algorithms []Algorithm, p Policy, now func() time.Time) *Ring {
	r := &Ring{cell: cell, policy: p, now: now}
	r.Want(algorithms)
	return r
}

// Want names the algorithms that clients use from now on, and returns those that were named before. The next Refresh
// makes the keys that are missing. Those of others stay, and sign for whoever still asks, until no replica has
// named them for Policy.Keep and a little more.
func (r *Ring) Want(algorithms []Algorithm) (before []Algorithm) {
	algorithms = slices.Clone(algorithms)
	if was := r.wanted.Swap(&algorithms); was != nil {
		return *was
	}
	return nil
}

// algorithms are those that are wanted.
func (r *Ring) algorithms() []Algorithm { return *r.wanted.Load() }

// Sign is SignTyped for a JWT.
func (r *Ring) Sign(ctx context.Context, a Algorithm, claims []byte) (string, error) {
	return r.SignTyped(ctx, a, JWT, claims)
}

// SignTyped makes a compact JWS of claims, a JSON object, with the typ and the kid of the current key. Errors:
// ErrNotLoaded, ErrAlgorithm, ErrType.
func (r *Ring) SignTyped(ctx context.Context, a Algorithm, typ string, claims []byte) (string, error) {
	if r.latest.Load() == nil {
		return "", ErrNotLoaded
	}
	signer, ok := r.signer(a)
	if !ok && slices.Contains(Algorithms(), a) {
		// Another replica, which has been told of a client of it before this one was, may have made a key since.
		if err := r.Refresh(ctx); err != nil {
			return "", fmt.Errorf("keys: sign with %q: %w right now: %w", string(a), ErrAlgorithm, err)
		}
		signer, ok = r.signer(a)
	}
	if !ok {
		return "", fmt.Errorf("keys: sign with %q: %w", string(a), ErrAlgorithm)
	}
	return signer.sign(typ, claims)
}

// signer is the current key of an algorithm, whether or not clients here use it: a login may have begun at another
// replica, or before they changed.
func (r *Ring) signer(a Algorithm) (*signer, bool) {
	latest := r.latest.Load()
	key, ok := latest.set.Signer(a, r.now())
	if !ok {
		return nil, false
	}
	found, ok := latest.signers[key.id]
	return found, ok
}

// Verify checks a compact JWS that a key of this deployment has signed, and is published still: the current one, one
// that has retired, one that another replica may sign with already. What the claims say is not looked at, and they
// may have expired. Errors: ErrNotLoaded, ErrToken; they hold nothing of the token.
func (r *Ring) Verify(compact string) (payload []byte, typ string, err error) {
	latest := r.latest.Load()
	if latest == nil {
		return nil, "", ErrNotLoaded
	}
	return latest.signed.verify(compact)
}

// JWKS is the document to serve. Before the first Refresh it is empty.
//
// A replica cut off from its Cell cannot know a key made after it last asked, but it knows that none of those signs before
// Ahead has passed since then. So nobody may keep its answer beyond that.
func (r *Ring) JWKS() Document {
	latest := r.latest.Load()
	if latest == nil {
		return Document{}
	}
	document := latest.document
	certain := latest.asked.Add(r.policy.Ahead - slack).Sub(r.now())
	document.MaxAge = max(0, min(r.policy.maxAge(), certain))
	return document
}

// Ready is an error before the first Refresh that succeeded, and never after.
func (r *Ring) Ready() error {
	if r.latest.Load() == nil {
		return ErrNotLoaded
	}
	return nil
}

// List tells about every key, revoked ones included.
func (r *Ring) List() []Info {
	latest := r.latest.Load()
	if latest == nil {
		return nil
	}
	return latest.set.List(r.now())
}

// adopt makes a set that is in the Cell the one that signs and is served.
func (r *Ring) adopt(s Set, revision string, asked time.Time) error {
	old := r.latest.Load()
	if old != nil && revision != "" && old.revision == revision {
		again := *old
		again.asked = asked
		r.latest.Store(&again)
		return nil
	}
	encoded, err := s.Encode()
	if err != nil {
		return err
	}
	if old != nil && bytes.Equal(old.encoded, encoded) {
		again := *old
		again.asked, again.revision = asked, revision
		r.latest.Store(&again)
		return nil
	}
	document, err := newDocument(s.Published())
	if err != nil {
		return err
	}
	signers := make(map[string]*signer)
	for _, k := range s.Published() {
		if k.private == nil || !slices.Contains(Algorithms(), k.algorithm) { // a newer version's
			continue
		}
		if signers[k.id], err = newSigner(k); err != nil {
			return err
		}
	}
	signed, err := newVerifiers(s.Published())
	if err != nil {
		return err
	}
	r.latest.Store(&snapshot{s, encoded, revision, asked, signers, signed, document})
	return nil
}

// Format tells nothing of what is inside, under every verb.
func (r *Ring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "keys.Ring") }

// Rotations are when the next key of each algorithm that is wanted begins to sign. One of which nothing signs is not among them.
func (r *Ring) Rotations() map[Algorithm]time.Time {
	at := map[Algorithm]time.Time{}
	latest := r.latest.Load()
	if latest == nil {
		return at
	}
	for _, a := range r.algorithms() {
		if when, ok := latest.set.rotates(a, r.now(), r.policy); ok {
			at[a] = when
		}
	}
	return at
}
