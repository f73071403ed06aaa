package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"itsme-bridge/cmd/internal/app"
)

func (p *process) revokeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "revoke --client ID [--force] | --all --config FILE",
		Short: "end all logins up to now, with every token that came of them",
		Example: examples("itsme-bridge revoke --config config.yaml --client example",
			"itsme-bridge revoke --config config.yaml --all"),
		Args: takes(),
	}
	at := p.configFlag(c)
	client := c.Flags().String("client", "", "whose logins, by client `ID`")
	_ = c.RegisterFlagCompletionFunc("client", at.completeClients) // the flag is there
	all := c.Flags().Bool("all", false, "the logins of all clients")
	force := c.Flags().Bool("force", false, "also of a client that the configuration does not have")
	c.RunE = func(c *cobra.Command, _ []string) error { return p.revoke(c.Context(), at, *client, *all, *force) }
	return c
}

// revoke ends all logins of a client, or of all clients, up to now: their codes,
// access tokens and refresh tokens. Everybody logs in again. The client may be
// gone from the configuration, since its tokens come back with it otherwise; but
// that must be meant, or a slip would look like success in an emergency.
func (p *process) revoke(ctx context.Context, at *file, client string, all, force bool) error {
	settings, path, err := at.load()
	if err != nil {
		return err
	}
	if (client == "") != all {
		return misuseError{"write either --client ID or --all"}
	}
	ids := make([]string, len(settings.Clients))
	for i, known := range settings.Clients {
		ids[i] = known.ID
	}
	if !all && !force && !slices.Contains(ids, client) {
		return fmt.Errorf("%s has no client %q, so nothing was revoked; its clients are: %s. If it is gone from there, write --force, and its tokens end too",
			path, client, cmp.Or(strings.Join(ids, ", "), "none"))
	}
	ctx, cancel := context.WithTimeout(ctx, redisPatience)
	defer cancel()
	until, err := app.RevokeLogins(ctx, settings, client, p.now)
	if err != nil {
		return err
	}
	whose := "all clients"
	if !all {
		whose = fmt.Sprintf("the client %q", client)
	}
	fmt.Fprintf(p.stdout, "revoked: all logins at %s up to %s, with their codes, access tokens and refresh tokens; "+
		"every running bridge refuses them within %s\n", whose, until.UTC().Format(time.RFC3339), app.NotBeforeEvery)
	return nil
}
