// Command itsme-sandbox plays CM's itsme API on this machine, with pages on
// which you are the person and the app.
//
//	main.go   flags, signals, exit codes
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "itsme-sandbox:", err)
		stop()
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("itsme-sandbox", flag.ContinueOnError)
	flags.SetOutput(stderr)
	listen := flags.String("listen", "127.0.0.1:8081", "loopback `address` to listen on")
	auto := flags.String("auto", "", "answer the authentication URL with a redirect back at once, with this `status` (success, cancelled, failure, expired, open)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	listener, err := listenLoopback(ctx, *listen)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: sandbox.New(sandbox.Options{
			Now: time.Now, Log: slog.New(slog.NewTextHandler(stderr, nil)), Auto: itsme.Status(*auto),
		}),
		ReadHeaderTimeout: 10 * time.Second,
	}
	url := "http://" + listener.Addr().String()
	fmt.Fprintf(stdout, "itsme simulator: base URL %s/itsme/v1/ · control %s/control/\n\n%s", url, url, sandbox.Help)

	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// listenLoopback refuses every address that others could reach: the control
// endpoint asks nobody who they are.
func listenLoopback(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("--listen %s: want host:port", address)
	}
	ip := net.ParseIP(host)
	if host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("--listen %s: only loopback (127.0.0.1, [::1], localhost)", address)
	}
	var config net.ListenConfig
	return config.Listen(ctx, "tcp", address)
}
