package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/keys"
)

// withKeys opens the keys of a configuration, does something, and returns what there
// was before and is after.
func (p *process) withKeys(
	ctx context.Context, settings *config.Config, do func(context.Context, *app.SigningKeys) error,
) (before, after []keys.Info, err error) {
	ctx, cancel := context.WithTimeout(ctx, 4*redisPatience) // a new RSA key takes its time
	defer cancel()
	found, err := app.OpenSigningKeys(ctx, settings, p.now)
	if err != nil {
		return nil, nil, err
	}
	defer found.Close()
	if before, err = found.List(ctx); err != nil {
		return nil, nil, err
	}
	if err := do(ctx, found); err != nil {
		return nil, nil, err
	}
	after, err = found.List(ctx)
	return before, after, err
}

// keyList is the document of keys list.
type keyList struct {
	Keys []keys.Info `json:"keys"`
}

func listOf(found []keys.Info) keyList {
	list := make([]keys.Info, 0)
	for _, k := range found {
		for _, t := range []*time.Time{&k.Published, &k.Signs, &k.Retires, &k.Revoked} {
			*t = t.UTC()
		}
		list = append(list, k)
	}
	return keyList{list}
}

const keyListShape = "The document of --json: keys (each kid, alg, state: next, current, past, standby or revoked, and\n" +
	"published, signs, retires and revoked, as RFC 3339, as far as there are)"

func (p *process) listKeysCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "list --config FILE [--json]",
		Short:   "show the signing keys",
		Long:    "Show the signing keys.\n\n" + keyListShape + ".",
		Example: examples("itsme-bridge keys list --config config.yaml", "itsme-bridge keys list --config config.yaml --json"),
		Args:    takes(),
	}
	at := p.configFlag(c)
	p.jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error { return p.listKeys(c.Context(), at) }
	return c
}

func (p *process) listKeys(ctx context.Context, at *file) error {
	settings, _, err := at.load()
	if err != nil {
		return err
	}
	_, list, err := p.withKeys(ctx, settings, func(context.Context, *app.SigningKeys) error { return nil })
	if err != nil {
		return err
	}
	p.say(listOf(list), func(w io.Writer) { show(w, list) })
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
