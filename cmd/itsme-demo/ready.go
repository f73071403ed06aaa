package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// announce says what this is, and where. The last line, ready, comes when all
// three parties have answered.
func (d *demo) announce(ctx context.Context, out io.Writer) error {
	fmt.Fprintf(out, `
  itsme-bridge, the demo.   NOT FOR PRODUCTION
  itsme is simulated, nobody's data is real, nothing is kept, only this machine can reach it.

  application   %s   log in here
  bridge        %s   the issuer, for a client of your own
  simulator     %s   itsme, and what may go wrong with it

`, d.application, d.issuer, d.simulator)
	for _, address := range []string{
		d.issuer + "/.well-known/openid-configuration", d.simulator + "/", d.application + "/",
	} {
		if err := answers(ctx, address); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, "ready")
	return nil
}

// patience is how long the parties may take to start.
const patience = 20 * time.Second

// answers waits until an address answers as it should. The error is
// context.Canceled if nobody wants to know any more.
func answers(ctx context.Context, address string) error {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client := &http.Client{Timeout: 5 * time.Second}
	for {
		problem := answersNow(limited, client, address)
		if problem == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-limited.Done():
			return fmt.Errorf("%s does not answer: %w", address, problem)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func answersNow(ctx context.Context, client *http.Client, address string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil) //nolint:gosec // G704: the address is our own
	if err != nil {
		return err
	}
	response, err := client.Do(r) //nolint:gosec // G704: as above
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // only the status is of interest
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("it says %s", response.Status)
	}
	return nil
}
