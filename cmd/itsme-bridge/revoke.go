package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"itsme-bridge/cmd/internal/app"
)

// revoke ends all logins of a client, or of all clients, up to now: their codes,
// access tokens and refresh tokens. Everybody logs in again. The client may be
// gone from the configuration, since its tokens come back with it otherwise; but
// that must be meant, or a slip would look like success in an emergency.
func (p *process) revoke(ctx context.Context, c *call) error {
	client := c.flags.String("client", "", "whose logins, by client `ID`")
	all := c.flags.Bool("all", false, "the logins of all clients")
	force := c.flags.Bool("force", false, "also of a client that the configuration does not have")
	settings, path, _, err := c.config(p)
	if err != nil {
		return err
	}
	if (*client == "") != *all {
		return misuseError{"write either --client ID or --all"}
	}
	ids := make([]string, len(settings.Clients))
	for i, known := range settings.Clients {
		ids[i] = known.ID
	}
	if !*all && !*force && !slices.Contains(ids, *client) {
		return fmt.Errorf("%s has no client %q, so nothing was revoked; its clients are: %s. If it is gone from there, write --force, and its tokens end too",
			path, *client, cmp.Or(strings.Join(ids, ", "), "none"))
	}
	ctx, cancel := context.WithTimeout(ctx, redisPatience)
	defer cancel()
	until, err := app.RevokeLogins(ctx, settings, *client, p.now)
	if err != nil {
		return err
	}
	whose := "all clients"
	if !*all {
		whose = fmt.Sprintf("the client %q", *client)
	}
	fmt.Fprintf(p.stdout, "revoked: all logins at %s up to %s, with their codes, access tokens and refresh tokens; "+
		"every running bridge refuses them within %s\n", whose, until.UTC().Format(time.RFC3339), app.NotBeforeEvery)
	return nil
}
