package clientauth

import (
	"slices"
	"strconv"
	"time"

	"itsme-bridge/provider/signed"
)

// A nonce of ours proves that a DPoP proof is fresh (RFC 9449 §8, §9): whoever
// could sign with a key for a moment cannot sign for later. Nobody remembers it.
// It is a MAC of the time, the same on every replica, and everybody's: what it
// must be is unknown beforehand, and not secret afterwards.

const (
	nonceWindow = 2 * time.Minute
	// nonceLife is the longest that a nonce is good for: the window that it was
	// made in, and the one after that.
	nonceLife = 2 * nonceWindow
)

// nonceAt is the nonce of the window that a moment lies in.
func (g *Guard) nonceAt(at time.Time) string {
	return g.store.Keyring().MAC("dpop nonce", window(at))
}

// isNonce reports whether the nonce is ours and still good. Another replica's
// clock may have reached the next window already.
func (g *Guard) isNonce(nonce string, now time.Time) bool {
	moments := []time.Time{now, now.Add(-nonceWindow), now.Add(signed.Leeway)}
	return slices.ContainsFunc(moments, func(at time.Time) bool {
		return g.store.Keyring().VerifyMAC(nonce, "dpop nonce", window(at))
	})
}

func window(at time.Time) string {
	return strconv.FormatInt(at.Unix()/int64(nonceWindow/time.Second), 10)
}
