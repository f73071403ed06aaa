package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/keys"
)

func (p *process) revokeKeyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "revoke --config FILE [--json] KID",
		Short: "take a signing key out of use at once, for good",
		Long: "Take a signing key out of use at once, for good. keys list says its KID, which may begin with a dash.\n" +
			"Exit code 4: it was revoked before.\n\n" + keyListShape + ";\n" +
			"revoked (the kid); changed (false: it was revoked before); signs_in_its_place (a kid, if there is a new one);\n" +
			"followed_within_seconds; clients_may_keep_seconds (their copy of /keys).",
		Example: examples("itsme-bridge keys revoke --config config.yaml KID"),
		Args:    takes("KID"),
	}
	at := p.configFlag(c)
	p.jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error { return p.revokeKey(c.Context(), at, args[0]) }
	return c
}

// revocation is the document of keys revoke.
type revocation struct {
	keyList

	Revoked   string  `json:"revoked"`
	Changed   bool    `json:"changed"`
	Successor string  `json:"signs_in_its_place,omitempty"`
	Within    float64 `json:"followed_within_seconds"`
	MayKeep   float64 `json:"clients_may_keep_seconds"`
}

// revokeKey says how soon a revoked key is of no use any more: here, on every running
// bridge, and to clients, which may keep their copy of the keys for a while.
func (p *process) revokeKey(ctx context.Context, at *file, kid string) error {
	settings, _, err := at.load()
	if err != nil {
		return err
	}
	before, after, err := p.withKeys(ctx, settings, func(ctx context.Context, k *app.SigningKeys) error { return k.Revoke(ctx, kid) })
	if err != nil {
		return err
	}
	maxAge := settings.Signing.Policy.MaxAge
	r := revocation{keyList: listOf(after), Revoked: kid, Within: config.RefreshKeysEvery.Seconds(), MayKeep: maxAge.Seconds()}
	changes := app.KeyChanges(before, after)
	if i := slices.IndexFunc(changes, func(c app.KeyChange) bool { return c.ID == kid }); i >= 0 {
		r.Changed = true
		for _, c := range changes {
			if c.State == keys.Current && c.Algorithm == changes[i].Algorithm {
				r.Successor = c.ID
			}
		}
	}
	p.say(r, func(w io.Writer) {
		show(w, after)
		if !r.Changed {
			fmt.Fprintf(w, "nothing has changed: %s was revoked before\n", kid)
			return
		}
		fmt.Fprintf(w, "revoked: %s\n", kid)
		if r.Successor != "" {
			fmt.Fprintf(w, "%s signs in its place\n", r.Successor)
		}
		fmt.Fprintf(w, "every running bridge follows within %s; clients may keep their copy of /keys for %s after that, "+
			"and accept what the key has signed until then\n", config.RefreshKeysEvery, document.Duration(maxAge))
	})
	if !r.Changed {
		return errUnchanged
	}
	return nil
}
