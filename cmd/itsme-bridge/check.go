package main

import (
	"context"
	"errors"
	"fmt"
	"io"
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
		Use:   "check --config FILE [--offline] [--json]",
		Short: "say everything that is wrong with a configuration, and whether it fits what Redis holds",
		Long: "Say everything that is wrong with a configuration, and whether it fits what Redis holds.\n" +
			"Exit code 3: nothing is wrong with it, and Redis is away.\n\n" +
			"The document of --json: result (fine, wrong, not_checked), file, problems and warnings (each file,\n" +
			"line, path, text), redis (state: fits, refused, not_checked, not_asked; text), issuer, discovery,\n" +
			"return_url and return_url_allow (what CM must allow: all_below, any_login, exactly), clients (each id, auth_method, scopes),\n" +
			"accents (what becomes of each accent of pages, in words).",
		Example: examples("itsme-bridge check --config config.yaml",
			"itsme-bridge check --offline --config config.yaml",
			"itsme-bridge check --json --config config.yaml"),
		Args: takes(),
	}
	at := p.configFlag(c)
	offline := c.Flags().Bool("offline", false, "do not ask Redis whether the configuration fits what is there")
	p.jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error { return p.check(c.Context(), at, *offline) }
	return c
}

// verdict is the document of check.
type verdict struct {
	Result    string          `json:"result"` // fine, wrong, not_checked
	File      string          `json:"file"`
	Problems  []place         `json:"problems"`
	Warnings  []place         `json:"warnings"`
	Redis     redisVerdict    `json:"redis"`
	Issuer    string          `json:"issuer,omitempty"` // this and what follows: unless the file itself is wrong
	Discovery string          `json:"discovery,omitempty"`
	ReturnURL string          `json:"return_url,omitempty"`
	Allow     string          `json:"return_url_allow,omitempty"` // by CM: all_below, any_login (as a query), exactly
	Clients   []clientVerdict `json:"clients,omitempty"`
	Accents   []string        `json:"accents,omitempty"`

	returnURL string // in words
}

type redisVerdict struct {
	State string `json:"state"` // fits, refused, not_checked, not_asked
	Text  string `json:"text,omitempty"`
}

type clientVerdict struct {
	ID         string   `json:"id"`
	AuthMethod string   `json:"auth_method"`
	Scopes     []string `json:"scopes"`
}

// check says everything that is wrong with a configuration, and what follows
// from one with which nothing is.
func (p *process) check(ctx context.Context, at *file, offline bool) error {
	settings, path, err := at.load()
	if invalid, ok := errors.AsType[*config.InvalidError](err); ok {
		p.say(verdict{
			Result: "wrong", File: path, Problems: places(invalid.Problems), Warnings: places(nil), Redis: redisVerdict{State: "not_asked"},
		}, func(io.Writer) {})
	}
	if err != nil {
		return err
	}
	v := verdictOf(settings, path)
	for _, warning := range settings.Warnings() {
		p.warn(&v, place(warning), warning.String())
	}
	if offline {
		v.Redis.State = "not_asked"
		p.summarize(v, "is fine", "not asked (--offline)")
		return nil
	}
	for _, warning := range app.Unreachable(ctx, settings, net.DefaultResolver.LookupNetIP) {
		p.warn(&v, place(warning), warning.String())
	}
	return p.checkRedis(ctx, settings, v)
}

// checkRedis is the part of check that Redis has an answer to.
func (p *process) checkRedis(ctx context.Context, settings *config.Config, v verdict) error {
	ctx, cancel := context.WithTimeout(ctx, redisPatience)
	defer cancel()
	redis := app.Inspect(ctx, settings, p.now)
	if redis.Forgets != "" {
		p.warn(&v, place{File: v.File, Path: "redis", Text: redis.Forgets}, "redis: "+redis.Forgets)
	}
	if redis.Keys != "" {
		p.warn(&v, place{File: v.File, Path: "keys", Text: redis.Keys}, "keys: "+redis.Keys)
	}
	if redis.Refused != nil {
		v.Result, v.Redis = "wrong", redisVerdict{"refused", redis.Refused.Error()}
		v.Problems = append(v.Problems, place{File: v.File, Text: redis.Refused.Error()})
		p.say(v, func(io.Writer) {})
		fmt.Fprintf(p.stderr, "%s: %v\n1 problem\n", v.File, redis.Refused)
		return errSaid
	}
	if redis.Unknown != nil {
		v.Result, v.Redis = "not_checked", redisVerdict{"not_checked", redis.Unknown.Error()}
		p.summarize(v, "is fine by itself, and NOT CHECKED against Redis",
			fmt.Sprintf("NOT CHECKED whether the master key and the salt fit what is there: %v", redis.Unknown))
		return errUnchecked
	}
	v.Redis.State = "fits"
	p.summarize(v, "is fine", "the master key and the salt fit what is there")
	return nil
}

// warn says what had better be known.
func (p *process) warn(v *verdict, at place, text string) {
	v.Warnings = append(v.Warnings, at)
	fmt.Fprintln(p.stderr, "warning:", text)
}

func verdictOf(settings *config.Config, path string) verdict {
	issuer := settings.Provider.Issuer
	v := verdict{
		Result: "fine", File: path, Problems: places(nil), Warnings: places(nil),
		Issuer: issuer, Discovery: issuer + "/.well-known/openid-configuration",
	}
	v.ReturnURL, v.Allow, v.returnURL = returnURL(settings.Provider)
	for _, client := range settings.Clients {
		v.Clients = append(v.Clients, clientVerdict{client.ID, string(client.AuthMethod), append([]string{"openid"}, client.Scopes...)})
	}
	v.Accents = settings.Accents()
	return v
}

// summarize says what follows from a configuration with which nothing is wrong.
func (p *process) summarize(v verdict, said, redis string) {
	p.say(v, func(w io.Writer) {
		fmt.Fprintf(w, "%s %s\n\n", v.File, said)
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintf(table, "issuer\t%s\n", v.Issuer)
		fmt.Fprintf(table, "discovery\t%s\n", v.Discovery)
		fmt.Fprintf(table, "return URL\t%s\n", v.returnURL)
		fmt.Fprintf(table, "Redis\t%s\n", redis)
		several := func(label string, lines []string) {
			for i, line := range lines {
				if i > 0 {
					label = ""
				}
				fmt.Fprintf(table, "%s\t%s\n", label, line)
			}
		}
		several("accent", v.Accents)
		var clients []string
		for _, client := range v.Clients {
			clients = append(clients, fmt.Sprintf("%s (%s): %s", client.ID, client.AuthMethod, strings.Join(client.Scopes, " ")))
		}
		several("clients", clients)
		_ = table.Flush() // as good as the writer below it
	})
}

// returnURL is what to have CM allow, how, and in words.
func returnURL(c provider.Config) (address, allow, words string) {
	switch c.ReturnShape {
	case login.ReturnQuery:
		address = c.Issuer + "/itsme/return"
		return address, "any_login", address + "?login=…  (have CM allow it, with any value for login)"
	case login.ReturnFixed:
		address = c.Issuer + "/itsme/return"
		return address, "exactly", address + "  (have CM allow it)"
	default:
		address = c.Issuer + "/itsme/return/"
		return address, "all_below", address + "…  (have CM allow everything that begins so)"
	}
}
