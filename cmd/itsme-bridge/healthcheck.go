package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"itsme-bridge/cmd/internal/config"
)

func (p *process) healthcheckCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "healthcheck [--config FILE | --address HOST:PORT] [--json]",
		Short: "ask a running bridge on this machine whether it is ready",
		Long: "Ask a running bridge whether it is ready, by its /readyz. Where it listens is operations.listen of the\n" +
			"configuration, whatever else stands there; or what --address says; or " + config.UsualOperations + ".\n\n" +
			"The document of --json: ready, address, answer (what /readyz says), error (why there is no answer).",
		Example: examples("itsme-bridge healthcheck --config config.yaml", "itsme-bridge healthcheck --address 127.0.0.1:9090"),
		Args:    takes(),
	}
	at := p.configFlag(c)
	address := c.Flags().String("address", "", "where to ask, `HOST:PORT`; it wins over the configuration of the environment")
	p.jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		where, err := at.operations(*address)
		if err != nil {
			return err
		}
		return p.healthcheck(c.Context(), where)
	}
	return c
}

// operations is where to ask. Of the configuration one setting is read, so that a file
// that has got a fault meanwhile does not make a healthy bridge sick.
func (f *file) operations(address string) (string, error) {
	path, ok := f.path()
	switch {
	case address != "" && f.flag != "":
		return "", misuseError{"write either --config FILE or --address HOST:PORT"}
	case address != "":
		return address, nil
	case !ok:
		return config.UsualOperations, nil
	}
	listen, err := config.LoadOperations(path, f.p.environment)
	switch {
	case err != nil:
		return "", f.named(err)
	case listen == "":
		return "", fmt.Errorf("operations.listen is off in %s, so there is nowhere to ask; write an address there, such as %s", path, config.UsualOperations)
	}
	host, port, err := net.SplitHostPort(listen)
	if ip, bad := netip.ParseAddr(host); err == nil && (host == "" || bad == nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
		if ip.Is6() {
			host = "::1"
		}
		listen = net.JoinHostPort(host, port)
	}
	return listen, nil
}

// readiness is the document of healthcheck.
type readiness struct {
	Ready   bool            `json:"ready"`
	Address string          `json:"address"`
	Answer  json.RawMessage `json:"answer,omitempty"`
	Error   string          `json:"error,omitempty"`
}

// healthcheck asks a running bridge whether it is ready.
func (p *process) healthcheck(ctx context.Context, address string) error {
	status, body, err := readyz(ctx, address)
	r := readiness{Ready: err == nil && status == http.StatusOK, Address: address}
	switch {
	case err != nil:
		r.Error = err.Error()
	case !r.Ready:
		err = fmt.Errorf("not ready: %s", strings.TrimSpace(string(body)))
	}
	if json.Valid(body) {
		r.Answer = body
	}
	p.say(r, func(w io.Writer) {
		if r.Ready {
			fmt.Fprintln(w, "ready")
		}
	})
	return err
}

func readyz(ctx context.Context, address string) (status int, body []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", http.NoBody)
	if err != nil {
		return 0, nil, misuseError{fmt.Sprintf("--address %q: write host:port", address)}
	}
	answer, err := new(http.Transport).RoundTrip(r)
	if err != nil {
		return 0, nil, fmt.Errorf("%s does not answer: %w", address, err)
	}
	defer func() { _ = answer.Body.Close() }() // it has been read
	body, err = io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err != nil {
		return 0, nil, fmt.Errorf("%s does not answer: %w", address, err)
	}
	return answer.StatusCode, body, nil
}
