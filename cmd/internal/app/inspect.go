package app

import (
	"context"
	"fmt"
	"math"
	"time"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/keys"
)

// Inspection is what Redis says about a configuration.
type Inspection struct {
	Refused error  // why this configuration, or its Redis, will not do; nil: it will
	Unknown error  // why that could not be asked; nil: it could
	Keys    string // which signing keys clients may not know yet; empty: they know all
	Forgets string // what is wrong with Redis's policy; empty: nothing, or it may not be asked
}

// Inspect asks Redis whether a configuration fits what runs there. It changes nothing,
// but for a key that is gone in seconds: whether Redis takes writes.
func Inspect(ctx context.Context, c *config.Config, now func() time.Time) Inspection {
	store, err := openStore(c)
	if err != nil {
		return Inspection{Unknown: err}
	}
	defer func() { _ = store.Close() }()
	d := newDeployment(c, store, now)
	err = d.check(ctx)
	var signing []byte
	if err == nil {
		signing, _, _, err = keysCell(store).Load(ctx)
		err = d.understood(err)
	}
	if err == nil {
		err = store.Probe(ctx)
	}
	if refused := hopeless(store, err); refused != nil {
		return Inspection{Refused: refused}
	}
	switch {
	case err == nil:
	case passing(err):
		return Inspection{Unknown: err}
	default:
		return Inspection{Refused: err}
	}
	policy, _ := store.Policy(ctx) // it need not let us ask
	return Inspection{Keys: newKeys(signing, c, now()), Forgets: Forgetful(policy)}
}

// newKeys says of which algorithms a client would get what it may not be able to check.
func newKeys(signing []byte, c *config.Config, now time.Time) string {
	if c.Signing.InFiles() || len(signing) == 0 {
		return "" // of their own, or nothing is published yet that somebody could keep
	}
	set, err := keys.Decode(signing)
	if err != nil {
		return "" // the bridge says so
	}
	unknown := unknownTo(set.List(now), c.Clients.Algorithms(), now, published(c))
	if len(unknown) == 0 {
		return ""
	}
	minutes := math.Ceil(published(c).Minutes())
	return fmt.Sprintf("clients are to get what is signed with %s, and no key for it has been published for %.0f minutes: an application that keeps a copy of /keys "+
		"may not find it there; run itsme-bridge keys rotate --alg %s, and switch the client %.0f minutes later", join(unknown), minutes, unknown[0], minutes)
}
