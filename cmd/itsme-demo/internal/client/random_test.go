package client_test

import (
	"testing"

	"itsme-bridge/storage/storagetest"
)

// The demo shows how it is done: state and nonce cannot be guessed, and neither tells the other.
func TestStateAndNonceAreRandomInEveryPosition(t *testing.T) {
	v := newVisitor(t)
	storagetest.Varies(t, 52, 32, func() string {
		asked := v.begin(everything())
		return asked.Get("state") + asked.Get("nonce")
	})
}
