package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"itsme-bridge/cmd/internal/config"
)

func (p *process) healthcheckCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "healthcheck [--address HOST:PORT]",
		Short:   "ask a running bridge whether it is ready",
		Example: examples("itsme-bridge healthcheck", "itsme-bridge healthcheck --address 127.0.0.1:9090"),
		Args:    takes(),
	}
	address := c.Flags().String("address", config.UsualOperations, "operations.listen of the bridge, `HOST:PORT`")
	c.RunE = func(c *cobra.Command, _ []string) error { return p.healthcheck(c.Context(), *address) }
	return c
}

// healthcheck asks a running bridge whether it is ready. It reads no
// configuration: a file that has been changed must not make a healthy bridge sick.
func (p *process) healthcheck(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", http.NoBody) //nolint:gosec // G704: whoever runs it names the address
	if err != nil {
		return misuseError{fmt.Sprintf("--address %q: write host:port", address)}
	}
	answer, err := new(http.Transport).RoundTrip(r)
	if err != nil {
		return fmt.Errorf("%s does not answer: %w", address, err)
	}
	defer func() { _ = answer.Body.Close() }() // it has been read
	body, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("%s does not answer: %w", address, err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", strings.TrimSpace(string(body)))
	}
	fmt.Fprintln(p.stdout, "ready")
	return nil
}
