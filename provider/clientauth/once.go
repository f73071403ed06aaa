package clientauth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"itsme-bridge/provider/client"
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

// markSize is how many bytes of Redis it takes to remember one.
const markSize = 200

// rememberNow remembers what a client has signed that has shown a secret or a key. One
// without either has shown nothing yet that a stranger has not: [Guard.Remember] does so
// once it has. The same holds for a client that is above what it may leave in Redis, which
// somebody else may have made it do: what a person has approved is good even then.
func (g *Guard) rememberNow(ctx context.Context, c *Call, who *client.Client) error {
	if who.IsPublic() {
		return nil
	}
	for _, o := range c.once {
		if g.ceilings.Keep(who.ID, markSize, o.life) != nil {
			return nil //nolint:nilerr // it is not refused: it is remembered later
		}
	}
	return g.Remember(ctx, c)
}

// Remember remembers what the call is allowed once, all of it in one pipeline, unless
// that has been done. Every endpoint calls it, or one of those below, as soon as it has
// found the call to be right, and before anything comes of it or is told: so strangers
// leave nothing in Redis, and nothing happens twice. While Redis is away nobody knows what
// was used before: then nothing is accepted.
func (g *Guard) Remember(ctx context.Context, c *Call) error {
	once := c.once
	c.once = nil
	marks := make([]storage.Op, len(once))
	for i, o := range once {
		marks[i] = o.mark.Acquire(o.life)
	}
	if err := g.store.Do(ctx, marks...); err != nil {
		return oauth.Broken(err)
	}
	for _, o := range once {
		if !o.mark.Held() {
			return o.replay
		}
	}
	return nil
}

// Leaves is Remember for a call that leaves something of a login in Redis beside that,
// by whoever has shown a token of it. Each login has a ceiling.
func (g *Guard) Leaves(ctx context.Context, c *Call, id string) error {
	if refused := g.ceilings.CountLogin(storage.KinOf(id)); refused != nil {
		return refused
	}
	return g.Remember(ctx, c)
}

// Ends is Remember for a call that ends the tokens of a login, since what it brings was used
// before. It has a ceiling of its own: whoever has used the login up to the other one must not
// keep its owner from ending it.
func (g *Guard) Ends(ctx context.Context, c *Call, id string) error {
	if refused := g.ceilings.CountLogin("ends " + storage.KinOf(id)); refused != nil {
		return refused
	}
	return g.Remember(ctx, c)
}

// Shown is Leaves for a call that leaves nothing else, if it leaves that.
func (g *Guard) Shown(ctx context.Context, c *Call, id string) error {
	if len(c.once) == 0 {
		return nil
	}
	return g.Leaves(ctx, c, id)
}
