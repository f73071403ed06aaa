package provider_test

import (
	"context"
	"strings"
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/provider"
	"itsme-bridge/provider/login"
	. "itsme-bridge/provider/providertest"
)

// halfReading is a CM of whose answers some fields cannot be read.
type halfReading struct{ login.Upstream }

func (u halfReading) Status(ctx context.Context, transactionToken string) (itsme.Result, error) {
	result, err := u.Upstream.Status(ctx, transactionToken)
	result.Identity.Birthdate, result.Dropped = "", []string{"birthdate", "address.city"}
	return result, err
}

// CM gives a person's data once: the log names what of it was left out, and tells nothing of it.
func TestTheLogNamesFieldsThatWereDropped(t *testing.T) {
	for _, half := range []bool{true, false} {
		s := With(t, Options{Parts: func(p *provider.Parts) {
			if half {
				p.Upstream = halfReading{p.Upstream}
			}
		}})
		if code := s.Login(nil).Get("code"); code == "" {
			t.Fatal("no login")
		}
		if told := strings.Contains(s.Log.String(), `"cm_status":"success","cm_fields_dropped":"birthdate address.city"`); told != half {
			t.Errorf("half: %t, told: %t: %s", half, told, s.Log)
		}
	}
}
