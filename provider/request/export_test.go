package request

import (
	"context"

	"itsme-bridge/storage"
)

// PhoneNumber is what a login_hint becomes.
var PhoneNumber = phoneNumber

// Is is what a pushed request has come to.
func (p *Pushes) Is(ctx context.Context, h storage.Handle) (Pushed, error) {
	is, _, err := p.bucket.Get(ctx, h)
	return is, err
}
