package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/keys"
)

// withKeys opens the keys of a configuration, does something, shows them, and lets
// tell say what has become of them.
func (p *process) withKeys(
	ctx context.Context, settings *config.Config, do func(context.Context, *app.SigningKeys) error, tell func(before, after []keys.Info) error,
) error {
	ctx, cancel := context.WithTimeout(ctx, 4*redisPatience) // a new RSA key takes its time
	defer cancel()
	found, err := app.OpenSigningKeys(ctx, settings, p.now)
	if err != nil {
		return err
	}
	defer found.Close()
	before, err := found.List(ctx)
	if err != nil {
		return err
	}
	if err := do(ctx, found); err != nil {
		return err
	}
	after, err := found.List(ctx)
	if err != nil {
		return err
	}
	show(p.stdout, after)
	return tell(before, after)
}

func (p *process) listKeysCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "list --config FILE",
		Short:   "show the signing keys",
		Example: examples("itsme-bridge keys list --config config.yaml"),
		Args:    takes(),
	}
	at := p.configFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error { return p.listKeys(c.Context(), at) }
	return c
}

func (p *process) listKeys(ctx context.Context, at *file) error {
	settings, _, err := at.load()
	if err != nil {
		return err
	}
	return p.withKeys(ctx, settings, func(context.Context, *app.SigningKeys) error { return nil },
		func(_, _ []keys.Info) error { return nil })
}

func (p *process) rotateKeysCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "rotate --config FILE [--alg ALG]",
		Short:   "publish the next signing key now",
		Example: examples("itsme-bridge keys rotate --config config.yaml", "itsme-bridge keys rotate --config config.yaml --alg ES256"),
		Args:    takes(),
	}
	at := p.configFlag(c)
	wanted := c.Flags().String("alg", "", "the algorithm `ALG`, RS256, PS256, ES256 or EdDSA; those that clients use without it")
	c.RunE = func(c *cobra.Command, _ []string) error { return p.rotateKeys(c.Context(), at, *wanted) }
	return c
}

func (p *process) rotateKeys(ctx context.Context, at *file, wanted string) error {
	settings, _, err := at.load()
	if err != nil {
		return err
	}
	algorithms := settings.Clients.Algorithms()
	if wanted != "" {
		if !slices.Contains(keys.Algorithms(), keys.Algorithm(wanted)) {
			return misuseError{fmt.Sprintf("--alg %s: write one of %v", wanted, keys.Algorithms())}
		}
		algorithms = []keys.Algorithm{keys.Algorithm(wanted)}
	}
	rotate := func(ctx context.Context, k *app.SigningKeys) error { return k.Rotate(ctx, algorithms...) }
	return p.withKeys(ctx, settings, rotate, func(before, after []keys.Info) error { return p.tellRotation(algorithms, before, after) })
}

// tellRotation says of each algorithm what has happened, and how soon the world
// sees it. Where a key was on its way already nothing has.
func (p *process) tellRotation(algorithms []keys.Algorithm, before, after []keys.Info) error {
	changes := app.KeyChanges(before, after)
	rotated := false
	for _, algorithm := range algorithms {
		of := func(state keys.State) func(keys.Info) bool {
			return func(k keys.Info) bool { return k.Algorithm == algorithm && k.State == state }
		}
		is := func(state keys.State) func(app.KeyChange) bool {
			return func(c app.KeyChange) bool { return of(state)(c.Info) }
		}
		i := slices.IndexFunc(after, of(keys.Next))
		first := slices.IndexFunc(changes, is(keys.Current))
		switch {
		case i < 0 && first >= 0:
			rotated = true
			fmt.Fprintf(p.stdout, "%s: %s is its first key; it is published, and signs at once\n", algorithm, changes[first].ID)
		case i < 0: // somebody has revoked it meanwhile
		case slices.ContainsFunc(changes, is(keys.Next)):
			rotated = true
			fmt.Fprintf(p.stdout, "%s: rotated; %s is published, and signs from %s UTC on\n", algorithm, after[i].ID, moment(after[i].Signs))
		default:
			fmt.Fprintf(p.stdout, "%s: nothing has changed; %s is published already, and signs from %s UTC on\n", algorithm, after[i].ID, moment(after[i].Signs))
		}
	}
	if !rotated {
		return errUnchanged
	}
	fmt.Fprintf(p.stdout, "every running bridge publishes what is new within %s\n", config.RefreshKeysEvery)
	return nil
}

func (p *process) revokeKeyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "revoke --config FILE KID",
		Short:   "take a signing key out of use at once, for good",
		Example: examples("itsme-bridge keys revoke --config config.yaml KID"),
		Args:    takes("KID"),
	}
	at := p.configFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error { return p.revokeKey(c.Context(), at, args[0]) }
	return c
}

func (p *process) revokeKey(ctx context.Context, at *file, kid string) error {
	settings, _, err := at.load()
	if err != nil {
		return err
	}
	revoke := func(ctx context.Context, k *app.SigningKeys) error { return k.Revoke(ctx, kid) }
	return p.withKeys(ctx, settings, revoke, func(before, after []keys.Info) error {
		return p.tellRevocation(kid, settings.Signing.Policy.MaxAge, before, after)
	})
}

// tellRevocation says how soon a revoked key is of no use any more: here, on every
// running bridge, and to clients, which may keep their copy of the keys for a while.
func (p *process) tellRevocation(kid string, maxAge time.Duration, before, after []keys.Info) error {
	changes := app.KeyChanges(before, after)
	i := slices.IndexFunc(changes, func(c app.KeyChange) bool { return c.ID == kid })
	if i < 0 {
		fmt.Fprintf(p.stdout, "nothing has changed: %s was revoked before\n", kid)
		return errUnchanged
	}
	fmt.Fprintf(p.stdout, "revoked: %s\n", kid)
	for _, c := range changes {
		if c.State == keys.Current && c.Algorithm == changes[i].Algorithm {
			fmt.Fprintf(p.stdout, "%s signs in its place\n", c.ID)
		}
	}
	fmt.Fprintf(p.stdout, "every running bridge follows within %s; clients may keep their copy of /keys for %s after that, "+
		"and accept what the key has signed until then\n", config.RefreshKeysEvery, document.Duration(maxAge))
	return nil
}

// show prints keys as a table.
func show(w io.Writer, list []keys.Info) {
	if len(list) == 0 {
		fmt.Fprintln(w, "there are no keys yet: the first bridge that serves makes them")
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "KID\tALG\tSTATE\tPUBLISHED\tSIGNS\tRETIRES\tREVOKED")
	for _, k := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Algorithm, k.State, moment(k.Published), moment(k.Signs), moment(k.Retires), moment(k.Revoked))
	}
	_ = table.Flush() // as good as the writer below it
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04")
}
