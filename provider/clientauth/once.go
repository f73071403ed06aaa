package clientauth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/signed"
	"itsme-bridge/storage"
)

// once is something that a client has signed for one use: a client assertion or
// a DPoP proof. It is remembered until it would be refused for its age, so that
// of all who bring it, to any replica, one gets through.
//
// Only what has been verified is remembered: nobody spends the words of another.
type once struct {
	mark   *storage.Lease
	life   time.Duration
	replay *oauth.Error // for whoever comes second
}

// onlyOnce makes one, which is accepted until then by a clock that may be a
// little behind ours. Its name in Redis is a hash without a key: it must be the
// same on replicas whose server key is just being changed, and hides no secret.
func (g *Guard) onlyOnce(kind string, until time.Time, replay *oauth.Error, parts ...string) once {
	sum := sha256.New()
	for _, part := range parts {
		_, _ = fmt.Fprintf(sum, "%d:%s", len(part), part) // a hash never fails
	}
	id := base64.RawURLEncoding.EncodeToString(sum.Sum(nil))
	return once{g.store.NewLease(kind, id), until.Add(signed.Leeway).Sub(g.now()), replay}
}

// Marks are the ops that remember what the call is allowed once. They ride in a
// pipeline; ask replayed afterwards.
func (c *Call) Marks() []storage.Op {
	ops := make([]storage.Op, len(c.once))
	for i, o := range c.once {
		ops[i] = o.mark.Acquire(o.life)
	}
	return ops
}

// replayed is what to say if somebody has brought the same before.
func (c *Call) replayed() *oauth.Error {
	for _, o := range c.once {
		if !o.mark.Held() {
			return o.replay
		}
	}
	return nil
}

// spendOnce remembers what the call is allowed once, all of it in one pipeline.
// While Redis is away nobody knows what was used before: then nothing is accepted.
func (g *Guard) spendOnce(ctx context.Context, c *Call) error {
	if err := g.store.Do(ctx, c.Marks()...); err != nil {
		return oauth.Broken(err)
	}
	if e := c.replayed(); e != nil {
		return e
	}
	return nil
}
