package main

import (
	"context"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"itsme-bridge/cmd/internal/config"
)

// process is what a command may use of the world.
type process struct {
	stdout, stderr io.Writer
	environment    func(string) (string, bool)
	now            func() time.Time
}

// command is one thing to do.
type command struct {
	name      string // one word or two
	arguments string
	summary   string
	run       func(p *process, ctx context.Context, c *call) error
}

func commands() []command {
	return []command{
		{"serve", "--config FILE", "run the bridge; SIGHUP reloads clients and certificate, SIGTERM drains", (*process).serve},
		{"check", "--config FILE [--offline]", "say everything that is wrong with a configuration, and whether it fits what Redis holds", (*process).check},
		{"keys list", "--config FILE", "show the signing keys", (*process).listKeys},
		{"keys rotate", "--config FILE [--alg ALG]", "publish the next signing key now", (*process).rotateKeys},
		{"keys revoke", "--config FILE KID", "take a signing key out of use at once, for good", (*process).revokeKey},
		{"revoke", "--client ID [--force] | --all --config FILE", "end all logins up to now, with every token that came of them", (*process).revoke},
		{"client new", "[--id ID] [--name NAME] …", "make a client: its secret, shown once, and the YAML to paste", (*process).newClient},
		{"healthcheck", "[--address HOST:PORT]", "ask a running bridge whether it is ready", (*process).healthcheck},
		{"version", "", "say what this is", (*process).version},
	}
}

// The exit codes.
const (
	done      = 0
	failed    = 1
	misuse    = 2
	unchecked = 3 // Redis could not be asked
	unchanged = 4 // what was asked for is so already
)

// errSaid is a failure of which everything has been said.
var errSaid = errors.New("said")

// errUnchanged is for a change that changes nothing, of which everything has been said.
var errUnchanged = errors.New("unchanged")

// errUnchecked is a check that could not be finished, of which everything has been said.
var errUnchecked = errors.New("unchecked")

// misuseError is a wrong call.
type misuseError struct{ text string }

func (e misuseError) Error() string { return e.text }

// run finds the command and runs it.
func (p *process) run(ctx context.Context, args []string) int {
	if len(args) > 0 && (args[0] == "help" || args[0] == "-h" || args[0] == "-help" || args[0] == "--help") {
		p.usage(p.stdout)
		return done
	}
	chosen, rest, ok := find(args)
	if !ok {
		if len(args) > 0 {
			fmt.Fprintf(p.stderr, "itsme-bridge: there is no command %q\n\n", strings.Join(args[:min(2, len(args))], " "))
		}
		p.usage(p.stderr)
		return misuse
	}
	c := newCall(chosen, rest)
	err := chosen.run(p, ctx, c)
	var wrong misuseError
	switch {
	case err == nil:
		return done
	case errors.Is(err, errUnchecked):
		return unchecked
	case errors.Is(err, flag.ErrHelp):
		c.help(p.stdout)
		return done
	case errors.Is(err, errUnchanged):
		return unchanged
	case errors.As(err, &wrong):
		fmt.Fprintf(p.stderr, "itsme-bridge %s: %s\nusage: itsme-bridge %s\n", chosen.name, wrong.text,
			strings.TrimSpace(chosen.name+" "+chosen.arguments))
		return misuse
	case !errors.Is(err, errSaid):
		fmt.Fprintf(p.stderr, "itsme-bridge %s: %v\n", chosen.name, err)
	}
	return failed
}

// find takes the command's words off the arguments.
func find(args []string) (chosen command, rest []string, ok bool) {
	for _, c := range commands() {
		words := strings.Fields(c.name)
		if len(args) >= len(words) && strings.Join(args[:len(words)], " ") == c.name {
			return c, args[len(words):], true
		}
	}
	return command{}, nil, false
}

func (p *process) usage(w io.Writer) {
	fmt.Fprintln(w, "itsme-bridge lets people log in with itsme, to anything that speaks OpenID Connect.\n\nusage:")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range commands() {
		fmt.Fprintf(table, "  itsme-bridge %s %s\t%s\n", c.name, c.arguments, c.summary)
	}
	_ = table.Flush() // as good as the writer below it
}

// call is a command with its arguments.
type call struct {
	command command
	flags   *flag.FlagSet
	args    []string
}

func newCall(c command, args []string) *call {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // what is wrong is said in one place, and help where it is asked for
	flags.Usage = func() {}
	return &call{c, flags, args}
}

// help is what --help prints.
func (c *call) help(w io.Writer) {
	fmt.Fprintf(w, "usage: itsme-bridge %s %s\n\n%s\n", c.command.name, c.command.arguments, c.command.summary)
	c.flags.SetOutput(w)
	c.flags.PrintDefaults()
}

// parse reads flags, and exactly as many other arguments as are named, in any
// order. The id of a key may begin with a dash, and is no flag for that.
func (c *call) parse(names ...string) ([]string, error) {
	var args, others []string
	for _, arg := range c.args {
		if strings.HasPrefix(arg, "-") && isKeyID(arg) {
			others = append(others, arg)
		} else {
			args = append(args, arg)
		}
	}
	for rest := args; ; rest = c.flags.Args()[1:] {
		if err := c.flags.Parse(rest); err != nil {
			return nil, asMisuse(err)
		}
		if c.flags.NArg() == 0 {
			break
		}
		others = append(others, c.flags.Arg(0))
	}
	switch {
	case len(others) < len(names):
		return nil, misuseError{"say which " + names[len(others)]}
	case len(others) > len(names):
		return nil, misuseError{fmt.Sprintf("unexpected argument %q", others[len(names)])}
	}
	return others, nil
}

// isKeyID reports whether an argument has the form of a kid: a SHA-256 hash in
// base64url (RFC 7638).
func isKeyID(arg string) bool {
	hash, err := base64.RawURLEncoding.DecodeString(arg)
	return err == nil && len(hash) == 32
}

func asMisuse(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	return misuseError{err.Error()}
}

// config reads the configuration that --config names, after more flags have been defined.
func (c *call) config(p *process, names ...string) (*config.Config, string, []string, error) {
	path := c.flags.String("config", "", "the configuration, a YAML `file`")
	others, err := c.parse(names...)
	if err != nil {
		return nil, "", nil, err
	}
	if *path == "" {
		return nil, "", nil, misuseError{"--config is missing"}
	}
	settings, err := config.Load(*path, p.environment)
	if invalid, ok := errors.AsType[*config.InvalidError](err); ok {
		p.tell(invalid)
		return nil, "", nil, errSaid
	}
	return settings, *path, others, err
}

// tell prints every problem of a configuration.
func (p *process) tell(invalid *config.InvalidError) {
	fmt.Fprintln(p.stderr, invalid)
	if n := len(invalid.Problems); n == 1 {
		fmt.Fprintln(p.stderr, "1 problem")
	} else {
		fmt.Fprintf(p.stderr, "%d problems\n", n)
	}
}
