package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"itsme-bridge/cmd/internal/config"
)

// healthcheck asks a running bridge whether it is ready. It reads no
// configuration: a file that has been changed must not make a healthy bridge sick.
func (p *process) healthcheck(ctx context.Context, c *call) error {
	address := c.flags.String("address", config.UsualOperations, "operations.listen of the bridge, `host:port`")
	if _, err := c.parse(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+*address+"/readyz", http.NoBody) //nolint:gosec // G704: whoever runs it names the address
	if err != nil {
		return misuseError{fmt.Sprintf("--address %q: write host:port", *address)}
	}
	answer, err := new(http.Transport).RoundTrip(r)
	if err != nil {
		return fmt.Errorf("%s does not answer: %w", *address, err)
	}
	defer func() { _ = answer.Body.Close() }() // it has been read
	body, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("%s does not answer: %w", *address, err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", strings.TrimSpace(string(body)))
	}
	fmt.Fprintln(p.stdout, "ready")
	return nil
}
