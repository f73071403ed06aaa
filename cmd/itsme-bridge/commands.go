package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"itsme-bridge/cmd/internal/config"
)

// process is what a command may use of the world.
type process struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	environment    func(string) (string, bool)
	now            func() time.Time

	json     bool // --json
	answered bool // what the command has to say on standard output is said
}

// commands are all there are. Each file makes its own.
func (p *process) commands() *cobra.Command {
	root := &cobra.Command{
		Use:   "itsme-bridge COMMAND",
		Short: "let people log in with itsme, to anything that speaks OpenID Connect",
		Long: "itsme-bridge lets people log in with itsme, to anything that speaks OpenID Connect.\n\n" +
			"Exit codes: 0 done; 1 failed; 2 wrongly called; 3 not checked (check: since Redis is away; doctor);\n" +
			"4 nothing has changed, since it is so already (keys rotate, keys revoke).",
		Example: examples("itsme-bridge check --config config.yaml", "itsme-bridge serve --config config.yaml"),
	}
	version := root.Flags().Bool("version", false, "say what this is, as the command version does")
	root.AddCommand(
		p.initCommand(),
		p.serveCommand(),
		p.checkCommand(),
		p.doctorCommand(),
		p.revokeCommand(),
		p.usageCommand(),
		p.healthcheckCommand(),
		p.versionCommand(),
		p.sentencesCommand(),
		group("keys", "show, rotate and revoke the signing keys", p.listKeysCommand(), p.rotateKeysCommand(), p.revokeKeyCommand()),
		group("client", "make clients, and explain them", p.newClientCommand(), p.explainClientCommand()),
		group("subject", "explain by which sub a person is known", p.explainSubjectCommand()),
		group("config", "describe the configuration", p.schemaCommand()),
		p.completionCommand(),
	)
	asGroup(root)
	root.RunE = func(*cobra.Command, []string) error {
		if !*version {
			return errNoCommand
		}
		p.sayVersion()
		return nil
	}
	root.SetHelpCommand(helpCommand())
	root.CompletionOptions.DisableDefaultCmd = true // completionCommand is instead of it
	root.SetUsageFunc(usage)
	root.SetFlagErrorFunc(wrongFlag)
	same(root)
	root.SilenceErrors, root.SilenceUsage = true, true // both are said in one place
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	return root
}

// group is a word before the name of a command.
func group(name, summary string, commands ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{Use: name + " COMMAND", Short: summary}
	g.AddCommand(commands...)
	g.RunE = func(*cobra.Command, []string) error { return errNoCommand }
	asGroup(g)
	return g
}

// same gives every command what all have.
func same(c *cobra.Command) {
	c.DisableFlagsInUseLine, c.DisableAutoGenTag = true, true
	c.Flags().BoolP("help", "h", false, "say this")
	if c.ValidArgsFunction == nil && len(c.ValidArgs) == 0 {
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
	for _, below := range c.Commands() {
		same(below)
	}
}

// asGroup makes whatever else is written a command that there is not.
func asGroup(g *cobra.Command) {
	g.Args = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return noSuchCommand(c, args)
		}
		return nil
	}
}

// examples are calls, one a line.
func examples(calls ...string) string { return "  " + strings.Join(calls, "\n  ") }

// The exit codes.
const (
	done      = 0
	failed    = 1
	misuse    = 2
	unchecked = 3 // something that matters could not be asked
	unchanged = 4 // what was asked for is so already
)

// errSaid is a failure of which everything has been said.
var errSaid = errors.New("said")

// errUnchanged is for a change that changes nothing, of which everything has been said.
var errUnchanged = errors.New("unchanged")

// errUnchecked is a check that could not be finished, of which everything has been said.
var errUnchecked = errors.New("unchecked")

// errNoCommand is for a call that stops before the command.
var errNoCommand = errors.New("no command")

// misuseError is a wrong call.
type misuseError struct{ text string }

func (e misuseError) Error() string { return e.text }

// run finds the command and runs it.
func (p *process) run(ctx context.Context, args []string) int {
	root := p.commands() //nolint:contextcheck // cobra gives each command the context of ExecuteContextC
	root.SetArgs(keyIDsLast(args))
	c, err := root.ExecuteContextC(ctx)
	if err != nil {
		p.sayFailure(err, args)
	}
	var wrong misuseError
	var invalid *config.InvalidError
	switch {
	case err == nil:
		return done
	case errors.Is(err, errSaid):
		return failed
	case errors.Is(err, errUnchecked):
		return unchecked
	case errors.Is(err, errUnchanged):
		return unchanged
	case errors.As(err, &invalid):
		p.tell(invalid)
		return failed
	case errors.Is(err, errNoCommand):
		fmt.Fprintf(p.stderr, "%s: say which command\n\n%s", c.CommandPath(), c.UsageString())
		return misuse
	case errors.As(err, &wrong):
		fmt.Fprintf(p.stderr, "%s: %v\nusage: %s\n", c.CommandPath(), err, c.UseLine())
		return misuse
	default:
		fmt.Fprintf(p.stderr, "%s: %v\n", c.CommandPath(), err)
		return failed
	}
}

// keyIDsLast puts ids of keys that begin with a dash where nobody takes them for flags.
func keyIDsLast(args []string) []string {
	end := slices.Index(args, "--")
	if end < 0 {
		end = len(args)
	}
	var before, ids []string
	for _, arg := range args[:end] {
		if strings.HasPrefix(arg, "-") && isKeyID(arg) {
			ids = append(ids, arg)
		} else {
			before = append(before, arg)
		}
	}
	if len(ids) == 0 {
		return args
	}
	return slices.Concat(before, []string{"--"}, ids, args[min(end+1, len(args)):])
}

// isKeyID reports whether an argument has the form of a kid: a SHA-256 hash in
// base64url (RFC 7638).
func isKeyID(arg string) bool {
	hash, err := base64.RawURLEncoding.DecodeString(arg)
	return err == nil && len(hash) == 32
}

// takes is for a command that takes exactly the arguments that are named.
func takes(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return misuseError{"say which " + names[len(args)]}
		case len(args) > len(names):
			return misuseError{fmt.Sprintf("unexpected argument %q", args[len(names)])}
		}
		return nil
	}
}

// fromEnvironment names the configuration where --config does not.
const fromEnvironment = "ITSME_BRIDGE_CONFIG"

// errNoConfig is a call that names no configuration.
var errNoConfig = misuseError{"--config is missing; name the configuration, here or as " + fromEnvironment + " in the environment"}

// file is the configuration that a command was told of.
type file struct {
	p    *process
	flag string
}

// configFlag gives a command the flag --config.
func (p *process) configFlag(c *cobra.Command) *file {
	f := &file{p: p}
	c.Flags().StringVar(&f.flag, "config", "", "the configuration, a YAML `FILE`; without it, the one that "+fromEnvironment+" in the environment names")
	_ = c.MarkFlagFilename("config", "yaml", "yml") // the flag is there
	return f
}

// path is where the configuration is. Not ok: nobody has said it.
func (f *file) path() (path string, ok bool) {
	if f.flag != "" {
		return f.flag, true
	}
	path, _ = f.p.environment(fromEnvironment)
	return path, path != ""
}

// load reads the configuration. What is wrong with it is a [config.InvalidError].
func (f *file) load() (settings *config.Config, path string, err error) {
	path, ok := f.path()
	if !ok {
		return nil, "", errNoConfig
	}
	settings, err = config.Load(path, f.p.environment)
	return settings, path, f.named(err)
}

// named says where the file's name is from, if that is not in sight.
func (f *file) named(err error) error {
	if err == nil || f.flag != "" {
		return err
	}
	return fmt.Errorf("%s: %w", fromEnvironment, err)
}

// tell prints every problem of a configuration.
func (p *process) tell(invalid *config.InvalidError) {
	fmt.Fprintln(p.stderr, invalid)
	fmt.Fprintln(p.stderr, number(len(invalid.Problems), "problem"))
}
