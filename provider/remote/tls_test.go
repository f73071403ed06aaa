package remote_test

import (
	"net/url"
	"testing"

	"itsme-bridge/provider/remote"
)

// A host shows a certificate of its own name, and hears nothing before it has.
func TestAnotherHostsCertificate(t *testing.T) {
	h := secure(t, saying("x"))
	client, address := remote.New(h.options()), h.named("localhost")+path
	for name, send := range map[string]func() error{
		"Fetch": func() error { _, _, err := client.Fetch(t.Context(), address, "*/*", 64); return err },
		"Post": func() error {
			_, err := client.Post(t.Context(), address, url.Values{"logout_token": {"s3cret"}})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			wantError(t, send(), remote.ErrUnanswered, "localhost: certificate not accepted")
		})
	}
	h.want(t, 0)
}
