// Command itsme-sandbox plays CM's itsme API on this machine, with pages on
// which you are the person and the app.
//
//	main.go   flags, signals, exit codes: 0 done, 1 failed, 2 wrongly called
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
	"slices"
	"syscall"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	settings, err := parse(os.Args[1:], os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(0)
	case err != nil:
		os.Exit(2)
	}
	err = settings.serve(ctx, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "itsme-sandbox:", err)
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct {
	listen  string
	exposed bool
	auto    string
}

// parse reads the flags, and says on stderr what is wrong with them.
func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("itsme-sandbox", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.listen, "listen", "127.0.0.1:8081", "loopback `address` to listen on")
	flags.BoolVar(&s.exposed, "exposed", false, "listen on another address than one of loopback, too: in a container, whose ports are published on loopback alone")
	flags.StringVar(&s.auto, "auto", "", "come to this `status` at once, without a page: success, cancelled, failure, failed, expired or open")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	err := s.check(flags.Args())
	if err != nil {
		fmt.Fprintln(stderr, "itsme-sandbox:", err)
	}
	return s, err
}

// check refuses every address that others could reach, unless that is said: the
// control endpoint asks nobody who they are.
func (s settings) check(rest []string) error {
	if len(rest) > 0 {
		return fmt.Errorf("unexpected argument %q", rest[0])
	}
	if !slices.Contains([]string{"", "success", "cancelled", "failure", "failed", "expired", "open"}, s.auto) {
		return fmt.Errorf("--auto %s: want success, cancelled, failure, failed, expired or open", s.auto)
	}
	host, _, err := net.SplitHostPort(s.listen)
	if err != nil {
		return fmt.Errorf("--listen %s: want host:port", s.listen)
	}
	ip := net.ParseIP(host)
	if s.exposed && ip != nil {
		return nil
	}
	if host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("--listen %s: want a loopback address (127.0.0.1, [::1], localhost)", s.listen)
	}
	return nil
}

// serve answers until ctx ends.
func (s settings) serve(ctx context.Context, stdout, stderr io.Writer) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: sandbox.New(sandbox.Options{
			Now:  time.Now,
			Log:  slog.New(slog.NewTextHandler(stderr, nil)),
			Auto: itsme.Status(s.auto),
		}),
		ReadHeaderTimeout: 10 * time.Second,
	}
	url := "http://" + listener.Addr().String()
	fmt.Fprintf(stdout, "itsme simulator, base URL %s/itsme/v1/\ncontrol endpoint %s/control/\n\n%s", url, url, sandbox.Help)

	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
