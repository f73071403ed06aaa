package app

import (
	"context"
	"time"

	"itsme-bridge/cmd/internal/config"
)

// Inspection is what Redis says about a configuration.
type Inspection struct {
	Refused error  // why this configuration may not join what runs there; nil: it may
	Unknown error  // why that could not be asked; nil: it could
	Forgets string // what is wrong with Redis's policy; empty: nothing, or it may not be asked
}

// Inspect asks Redis whether a configuration fits what runs there. It changes nothing.
func Inspect(ctx context.Context, c *config.Config, now func() time.Time) Inspection {
	store, err := openStore(c)
	if err != nil {
		return Inspection{Unknown: err}
	}
	defer func() { _ = store.Close() }()
	d := newDeployment(c, store, now)
	err = d.check(ctx)
	if err == nil {
		_, _, _, err = keysCell(store).Load(ctx)
		err = d.understood(err)
	}
	switch {
	case err == nil:
	case passing(err):
		return Inspection{Unknown: err}
	default:
		return Inspection{Refused: err}
	}
	policy, _ := store.Policy(ctx) // it need not let us ask
	return Inspection{Forgets: forgetful(policy)}
}
