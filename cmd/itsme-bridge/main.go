// Command itsme-bridge is the bridge: an OpenID provider whose users log in with
// itsme.
//
//	main.go         the process: signals, exit codes (0 done, 1 failed, 2 wrongly called, 3 not checked)
//	commands.go     the table of commands, their flags, and how they fail
//	serve.go        serve: runs the bridge, reloads on SIGHUP, drains on SIGTERM
//	check.go        check: everything that is wrong with a configuration; whether Redis fits, if it is there
//	keys.go         keys list, rotate, revoke
//	revoke.go       revoke: ends the logins of a client, or of all
//	client.go       client new: an id, a secret that is shown once, the YAML to paste
//	healthcheck.go  healthcheck: asks /readyz, for containers
//	version.go      version
//
// What the commands do is in cmd/internal/app, and what the file of --config says
// in cmd/internal/config; here is how they are called.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"itsme-bridge/cmd/internal/app"
)

func main() {
	app.SilenceLibraries()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal does not wait
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr, os.LookupEnv))
}

// run is the process until it is done or ctx ends. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, environment func(string) (string, bool)) int {
	p := &process{stdout: stdout, stderr: stderr, environment: environment, now: time.Now}
	return p.run(ctx, args)
}
