// Command itsme-demo is the whole thing on one machine, and needs nothing: the
// bridge, a simulator of CM's itsme API, and an application that logs people in
// with them. It is for looking, not for production.
//
//	main.go    flags, signals, exit codes
//	demo.go    the parties, from start to stop
//	ports.go   who listens where
//	bridge.go  the bridge, and bridge.yaml its configuration
//	redis.go   its Redis, in this process
//	ready.go   what is printed, and when
//
// The bridge is the one of cmd/itsme-bridge, wired by the same package; the
// application is in internal/client.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"itsme-bridge/cmd/internal/app"
)

// options are what the command line says.
type options struct {
	port    int    // of the bridge; the simulator and the application have the next two; 0: whatever is free
	auto    bool   // nothing needs a click
	config  string // a file with more clients
	verbose bool   // the bridge's log, one line per request
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second ^C ends at once what the first one lets drain
	switch err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "itsme-demo:", err)
		stop()
		os.Exit(1)
	}
}

// run is the demo until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	app.SilenceLibraries()
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	d, err := prepare(ctx, o, stderr, time.Now)
	if err != nil {
		return err
	}
	return d.run(ctx, stdout)
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("itsme-demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.port, "port", 8080, "`port` of the bridge; the simulator and the application take the next two; 0 takes any that are free")
	flags.BoolVar(&o.auto, "auto", false, "nothing needs a click: the simulator approves at once, and a login starts without a person")
	flags.StringVar(&o.config, "config", "", "take the clients of this `file` too, written as in config.yaml")
	flags.BoolVar(&o.verbose, "verbose", false, "log every request that the bridge answers")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.port < 0 || o.port > 65533:
		return o, fmt.Errorf("--port %d: want 1 to 65533, as two more ports follow, or 0", o.port)
	}
	return o, nil
}
