package provider_test

import (
	"context"
	"sync/atomic"

	"itsme-bridge/keys"
	"itsme-bridge/provider/grant"
)

// moody is a signer that is sometimes without keys.
type moody struct {
	grant.Signer
	silent atomic.Bool
}

func (m *moody) Sign(ctx context.Context, alg keys.Algorithm, claims []byte) (string, error) {
	if m.silent.Load() {
		return "", keys.ErrNotLoaded
	}
	return m.Signer.Sign(ctx, alg, claims)
}
