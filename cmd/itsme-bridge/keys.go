package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/keys"
)

// withKeys opens the keys of a configuration, does something, and shows them.
func (p *process) withKeys(ctx context.Context, settings *config.Config, do func(context.Context, *app.SigningKeys) error) error {
	ctx, cancel := context.WithTimeout(ctx, 4*redisPatience) // a new RSA key takes its time
	defer cancel()
	found, err := app.OpenSigningKeys(ctx, settings, p.now)
	if err != nil {
		return err
	}
	defer found.Close()
	if err := do(ctx, found); err != nil {
		return err
	}
	list, err := found.List(ctx)
	if err != nil {
		return err
	}
	show(p.stdout, list)
	return nil
}

func (p *process) listKeys(ctx context.Context, c *call) error {
	settings, _, _, err := c.config(p)
	if err != nil {
		return err
	}
	return p.withKeys(ctx, settings, func(context.Context, *app.SigningKeys) error { return nil })
}

func (p *process) rotateKeys(ctx context.Context, c *call) error {
	wanted := c.flags.String("alg", "", "the `algorithm`, RS256, PS256, ES256 or EdDSA; all without it")
	settings, _, _, err := c.config(p)
	if err != nil {
		return err
	}
	algorithms := keys.Algorithms()
	if *wanted != "" {
		if !slices.Contains(algorithms, keys.Algorithm(*wanted)) {
			return misuseError{fmt.Sprintf("--alg %s: write one of %v", *wanted, algorithms)}
		}
		algorithms = []keys.Algorithm{keys.Algorithm(*wanted)}
	}
	return p.withKeys(ctx, settings, func(ctx context.Context, k *app.SigningKeys) error { return k.Rotate(ctx, algorithms...) })
}

func (p *process) revokeKey(ctx context.Context, c *call) error {
	settings, _, others, err := c.config(p, "KID")
	if err != nil {
		return err
	}
	return p.withKeys(ctx, settings, func(ctx context.Context, k *app.SigningKeys) error { return k.Revoke(ctx, others[0]) })
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
