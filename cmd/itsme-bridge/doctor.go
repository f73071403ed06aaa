package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"itsme-bridge/cmd/internal/doctor"
)

func (p *process) doctorCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "doctor --config FILE [--transaction] [--only CHECK]… [--json]",
		Short: "look for everything that can be wrong with a deployment, and say what to do",
		Long: "Look for everything that can be wrong: the file, Redis, clocks, CM, the issuer as it is seen from here, what\n" +
			"the proxies in front of the bridge make of requests, keys, clients, limits of the system. It works before the\n" +
			"first start and beside a bridge that runs, whose operations listener it asks. It takes less than a minute, and\n" +
			"changes nothing but a key in Redis that is gone in seconds. deploy/DOCTOR.md lists the checks.\n" +
			"Exit code 1: there is a problem; 3: there is none so far, and something that matters could not be looked at.\n\n" +
			"The document of --json: result (fine, wrong, not_checked), file, checks (each id, title, about, verdict (ok,\n" +
			"warning, problem, skipped), saw, advice, unchecked).",
		Example: examples("itsme-bridge doctor --config config.yaml",
			"itsme-bridge doctor --json --config config.yaml",
			"itsme-bridge doctor --only redis --only clock --config config.yaml",
			"itsme-bridge doctor --transaction --only cm --config config.yaml"),
		Args: takes(),
	}
	at := p.configFlag(c)
	transaction := c.Flags().Bool("transaction", false, "start one transaction at CM, too; CM may bill it")
	only := c.Flags().StringArray("only", nil, "a `CHECK` alone, or all whose names begin with it and a dot; may be said several times")
	p.jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		path, ok := at.path()
		if !ok {
			return errNoConfig
		}
		return p.doctor(c.Context(), doctor.Options{
			File: path, Environment: p.environment, Now: p.now, Version: versionOf(version), Transaction: *transaction, Only: *only,
		})
	}
	return c
}

// doctor looks at everything, and says what it saw.
func (p *process) doctor(ctx context.Context, o doctor.Options) error {
	report, err := doctor.Run(ctx, o)
	if errors.Is(err, doctor.ErrNoSuchCheck) {
		return misuseError{fmt.Sprintf("--only: %v", err)}
	}
	if err != nil {
		return err
	}
	p.say(report, report.Print)
	switch report.Result {
	case "wrong":
		return errSaid
	case "not_checked":
		return errUnchecked
	}
	return nil
}
