package ceilings

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
)

// How much a caller may, in each replica. Whoever has begun to make mistakes is served
// no less as soon as it makes none: what is right is looked at before it is counted.
const (
	mostFailures = 30  // wrong secrets, keys and signatures in a minute, from one address in the name of one client
	mostOfLogin  = 300 // refreshes and DPoP proofs in a minute, of one login

	// mostKept is how many bytes of Redis one client with a secret or a key may take up
	// by what it has pushed and by what it has signed to be used once: 240 requests of an
	// ordinary size in a second, without end.
	mostKept = 128 << 20
)

// callers count what clients do that call without a browser. It costs Redis nothing, and
// each replica counts by itself.
type callers struct {
	failures *buckets
	kept     *buckets // in KiB times seconds
	logins   *buckets
}

func newCallers() callers {
	return callers{
		failures: newBuckets(mostFailures, 100),
		kept:     newBuckets(mostKept/1024*int(refill/time.Second), mostBuckets), // registered, and real: there is
		logins:   newBuckets(mostOfLogin, mostBuckets),                           // nobody to be refused for another
	}
}

// CountFailure counts a call whose secret or signature was found to be wrong, in the name
// of a client, registered or not. Above the ceiling it says how long to
// wait. Nobody asks before the secret has been looked at, so that a stranger beside a
// client, behind the same address and in its name, keeps nobody out.
func (c *Ceilings) CountFailure(ctx context.Context, client string) (wait time.Duration) {
	from := cmp.Or(edge.Line(ctx), edge.Address(ctx))
	if wait = c.callers.failures.take(from+" "+client, 1, c.now()); wait > 0 {
		c.counts.reached(failures)
	}
	return wait
}

// Keep counts what a client with a secret or a key leaves in Redis: so many bytes, for so
// long. Above the ceiling it is refused, and nobody else is: nobody but the client itself
// gets here, since its secret or its signature was right.
func (c *Ceilings) Keep(client string, bytes int, life time.Duration) *oauth.Error {
	seconds := max(int64(life/time.Second), int64(refill/time.Second))
	n := int64(bytes) * seconds / 1024
	wait := c.callers.kept.take(client, int(max(n, 1)), c.now())
	if wait == 0 {
		return nil
	}
	c.counts.reached(keptOfClient)
	return late("This client has sent too many requests; try again later.", wait)
}

// CountLogin counts what is done with the tokens of a login that leaves something in
// Redis, by whoever has shown a token that is right.
func (c *Ceilings) CountLogin(id string) *oauth.Error {
	wait := c.callers.logins.take(id, 1, c.now())
	if wait == 0 {
		return nil
	}
	c.counts.reached(ofLogin)
	return late("The tokens of this login are used too often; try again later.", wait)
}

// late refuses somebody for a while.
func late(description string, wait time.Duration) *oauth.Error {
	refused := oauth.Fail(http.StatusTooManyRequests, oauth.TemporarilyUnavailable, description)
	refused.Wait = wait
	return refused
}
