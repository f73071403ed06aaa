package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/provider"
	"itsme-bridge/provider/login"
)

// redisPatience is how long check and keys wait for Redis.
const redisPatience = 5 * time.Second

func (p *process) checkCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "check --config FILE [--offline]",
		Short:   "say everything that is wrong with a configuration, and whether it fits what Redis holds",
		Example: examples("itsme-bridge check --config config.yaml", "itsme-bridge check --offline --config config.yaml"),
		Args:    takes(),
	}
	at := p.configFlag(c)
	offline := c.Flags().Bool("offline", false, "do not ask Redis whether the configuration fits what is there")
	c.RunE = func(c *cobra.Command, _ []string) error { return p.check(c.Context(), at, *offline) }
	return c
}

// check says everything that is wrong with a configuration, and what follows
// from one with which nothing is.
func (p *process) check(ctx context.Context, at *file, offline bool) error {
	settings, path, err := at.load()
	if err != nil {
		return err
	}
	for _, warning := range settings.Warnings() {
		fmt.Fprintln(p.stderr, "warning:", warning)
	}
	if offline {
		p.summarize(settings, path, "is fine", "not asked (--offline)")
		return nil
	}
	for _, warning := range app.Unreachable(ctx, settings, net.DefaultResolver.LookupNetIP) {
		fmt.Fprintln(p.stderr, "warning:", warning)
	}
	ctx, cancel := context.WithTimeout(ctx, redisPatience)
	defer cancel()
	redis := app.Inspect(ctx, settings, p.now)
	if redis.Forgets != "" {
		fmt.Fprintln(p.stderr, "warning: redis:", redis.Forgets)
	}
	if redis.Keys != "" {
		fmt.Fprintln(p.stderr, "warning: keys:", redis.Keys)
	}
	if redis.Refused != nil {
		fmt.Fprintf(p.stderr, "%s: %v\n1 problem\n", path, redis.Refused)
		return errSaid
	}
	if redis.Unknown != nil {
		p.summarize(settings, path, "is fine by itself, and NOT CHECKED against Redis",
			fmt.Sprintf("NOT CHECKED whether the master key and the salt fit what is there: %v", redis.Unknown))
		return errUnchecked
	}
	p.summarize(settings, path, "is fine", "the master key and the salt fit what is there")
	return nil
}

func (p *process) summarize(settings *config.Config, path, verdict, redis string) {
	issuer := settings.Provider.Issuer
	fmt.Fprintf(p.stdout, "%s %s\n\n", path, verdict)
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "issuer\t%s\n", issuer)
	fmt.Fprintf(table, "discovery\t%s/.well-known/openid-configuration\n", issuer)
	fmt.Fprintf(table, "return URL\t%s\n", returnURL(settings.Provider))
	fmt.Fprintf(table, "Redis\t%s\n", redis)
	for i, client := range settings.Clients {
		label := ""
		if i == 0 {
			label = "clients"
		}
		fmt.Fprintf(table, "%s\t%s (%s): %s\n", label, client.ID, client.AuthMethod, strings.Join(append([]string{"openid"}, client.Scopes...), " "))
	}
	_ = table.Flush() // as good as the writer below it
}

// returnURL is what to have CM allow.
func returnURL(c provider.Config) string {
	switch c.ReturnShape {
	case login.ReturnQuery:
		return c.Issuer + "/itsme/return?login=…  (have CM allow it, with any value for login)"
	case login.ReturnFixed:
		return c.Issuer + "/itsme/return  (have CM allow it)"
	default:
		return c.Issuer + "/itsme/return/…  (have CM allow everything that begins so)"
	}
}
