package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/keys"
	"itsme-bridge/storage"
)

// SigningKeys are those of a deployment, for an operator to see and to change.
type SigningKeys struct {
	store *storage.Store
	cell  *storage.Cell
	ring  *keys.Ring   // nil: they are in files
	files *keys.Static // nil: they are in Redis
	now   func() time.Time

	used []keys.Algorithm // by the clients of the configuration
}

// ErrKeysInFiles says that the operator's own files are the keys.
var ErrKeysInFiles = errors.New("app: the keys come from files (keys.source: pem): change keys.files and restart instead")

// OpenSigningKeys finds the keys of a configuration, if it fits what runs there.
func OpenSigningKeys(ctx context.Context, c *config.Config, now func() time.Time) (*SigningKeys, error) {
	if c.Signing.InFiles() {
		static, err := keys.FromPEM(now, c.Signing.Files)
		return &SigningKeys{files: static, now: now}, err
	}
	store, err := openStore(c)
	if err != nil {
		return nil, err
	}
	if err := newDeployment(c, store, now).check(ctx); err != nil {
		_ = store.Close()
		return nil, plain(store, err)
	}
	cell, used := keysCell(store), c.Clients.Algorithms()
	return &SigningKeys{store: store, cell: cell, ring: keys.NewRing(cell, used, c.Signing.Policy, now), now: now, used: used}, nil
}

// Close lets go of Redis.
func (k *SigningKeys) Close() {
	if k.store != nil {
		_ = k.store.Close() // nothing is left that could be lost
	}
}

// List tells about every key, in the order in which they sign. It makes none.
func (k *SigningKeys) List(ctx context.Context) ([]keys.Info, error) {
	if k.files != nil {
		return k.files.List(), nil
	}
	data, _, ok, err := k.cell.Load(ctx)
	if err != nil || !ok {
		return nil, err
	}
	set, err := keys.Decode(data)
	if err != nil {
		return nil, err
	}
	return set.List(k.now()), nil
}

// Rotate begins a rotation of each algorithm; of none: of those that clients use.
// One that no client uses gets its first key, so that it is published before a
// client is switched to it; if none is, the key is gone in about a day.
func (k *SigningKeys) Rotate(ctx context.Context, algorithms ...keys.Algorithm) error {
	if k.files != nil {
		return ErrKeysInFiles
	}
	if len(algorithms) == 0 {
		algorithms = k.used
	}
	k.ring.Want(slices.Concat(k.used, algorithms))
	for _, algorithm := range algorithms {
		if err := k.ring.Rotate(ctx, algorithm); err != nil {
			return err
		}
	}
	return nil
}

// Revoke takes a key out of use, for good.
func (k *SigningKeys) Revoke(ctx context.Context, kid string) error {
	if k.files != nil {
		return ErrKeysInFiles
	}
	return k.ring.Revoke(ctx, kid)
}
