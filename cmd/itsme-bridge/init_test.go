package main_test

import (
	"testing"

	"itsme-bridge/cmd/internal/config"
	main "itsme-bridge/cmd/itsme-bridge"
)

func TestInitsDefaultsAreTheReferences(t *testing.T) {
	for path, flag := range map[string]string{
		"issuer": main.UsualIssuer, "listen": main.UsualListen, "operations.listen": config.UsualOperations,
	} {
		if got := main.Usually(path); got != flag {
			t.Errorf("%s is %q in the reference, and init says %q", path, got, flag)
		}
	}
}
