// Command itsme-bridge is the bridge: an OpenID provider whose users log in with
// itsme.
//
//	main.go         the process: signals, exit codes
//	commands.go     all commands, where their configuration comes from, and how they fail (the exit codes)
//	json.go         what they say: words for people, one document for machines (--json)
//	help.go         how they are called, and which one a mistyped one was meant to be
//	serve.go        serve: runs the bridge, reloads on SIGHUP, drains on SIGTERM
//	supervisor.go   what systemd is told of that
//	check.go        check: everything that is wrong with a configuration; whether Redis fits, if it is there
//	doctor.go       doctor: everything that can be wrong with a deployment, and what to do
//	keys.go         keys list; rotate.go keys rotate; revokekey.go keys revoke
//	revoke.go       revoke: ends the logins of a client, or of all
//	init.go         init: a first configuration, with its secrets; words.go quotes
//	schema.go       config schema: what editors know a configuration by
//	client.go       client new: an entry that suits its product, a secret that is shown once; clientflags.go: its flags; clientprint.go: where it all goes
//	explain.go      client explain: what a client gets, and what it must send
//	newfiles.go     what both write into a folder: all of it or nothing, for its owner alone
//	subject.go      subject explain: by which sub a client knows a person
//	healthcheck.go  healthcheck: asks /readyz, for containers
//	completion.go   completion: what a shell completes
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
	"runtime/debug"
	"syscall"
	"time"

	"itsme-bridge/cmd/internal/app"
)

func main() {
	app.SilenceLibraries()
	collectRarely(os.LookupEnv)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal does not wait
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.LookupEnv))
}

// run is the process until it is done or ctx ends. It returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, environment func(string) (string, bool)) int {
	p := &process{stdin: stdin, stdout: stdout, stderr: stderr, environment: environment, now: time.Now}
	return p.run(ctx, args)
}

// gcPercent is GOGC where the environment does not say it. Of what a bridge allocates few
// megabytes live, so that Go's own 100 collects garbage many times a second. GOMEMLIMIT,
// where it is set, has Go collect it sooner.
const gcPercent = 400

// collectRarely has Go collect garbage at [gcPercent].
func collectRarely(environment func(string) (string, bool)) {
	if _, said := environment("GOGC"); !said {
		debug.SetGCPercent(gcPercent)
	}
}
