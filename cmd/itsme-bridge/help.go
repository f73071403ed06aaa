package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"itsme-bridge/cmd/internal/config/document"
)

// helpCommand is help: what --help prints, by another way.
func helpCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "say how a command is called",
		Example: examples("itsme-bridge help", "itsme-bridge help keys rotate"),
		Args: func(c *cobra.Command, args []string) error {
			if found, rest, _ := c.Root().Find(args); len(rest) > 0 {
				return noSuchCommand(found, rest)
			}
			return nil
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []cobra.Completion
			if found, rest, err := c.Root().Find(args); err == nil && len(rest) == 0 {
				for _, below := range found.Commands() {
					if below.IsAvailableCommand() {
						names = append(names, cobra.CompletionWithDesc(below.Name(), below.Short))
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			found, _, err := c.Root().Find(args)
			if err != nil {
				return err
			}
			return found.Help()
		},
	}
	same(c)
	return c
}

// wide is how many columns help has.
const wide = 100

// usage prints how a command is called: cobra's own, with whole commands where it
// lists those of one level.
func usage(c *cobra.Command) error {
	w := c.OutOrStderr()
	fmt.Fprintf(w, "Usage:\n  %s\n", c.UseLine())
	if c.HasAvailableSubCommands() {
		fmt.Fprint(w, "\nCommands:\n")
		table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
		for _, below := range leaves(c) {
			fmt.Fprintf(table, "  %s\t%s\n", strings.TrimPrefix(below.CommandPath(), c.CommandPath()+" "), below.Short)
		}
		_ = table.Flush() // as good as the writer below it
	}
	if c.HasExample() {
		fmt.Fprintf(w, "\nExamples:\n%s\n", c.Example)
	}
	if c.HasAvailableLocalFlags() {
		fmt.Fprintf(w, "\nFlags:\n%s", c.LocalFlags().FlagUsagesWrapped(wide))
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(w, "\n%s COMMAND --help says more of a command.\n", c.CommandPath())
	}
	return nil
}

// leaves are the commands that do something, in their order, below one.
func leaves(c *cobra.Command) []*cobra.Command {
	var found []*cobra.Command
	for _, below := range c.Commands() {
		switch {
		case !below.IsAvailableCommand() && below.Name() != "help": // cobra does not count that one
		case below.HasAvailableSubCommands():
			found = append(found, leaves(below)...)
		default:
			found = append(found, below)
		}
	}
	return found
}

// noSuchCommand names the commands that were meant, as far as it can be told.
func noSuchCommand(at *cobra.Command, words []string) error {
	typed := strings.TrimSpace(strings.TrimPrefix(at.CommandPath()+" "+words[0], at.Root().Name()+" "))
	if !at.HasParent() && len(words) > 1 && !strings.HasPrefix(words[1], "-") {
		typed = words[0] + " " + words[1]
	}
	text := fmt.Sprintf("there is no command %q", typed)
	if near := meant(at, words); len(near) > 0 {
		text += "; did you mean " + strings.Join(near, " or ") + "?"
	} else {
		text += fmt.Sprintf("; %s --help lists those that there are", at.CommandPath())
	}
	return misuseError{text}
}

// meant are the commands that mistyped words may stand for: level by level, or by
// the last word alone.
func meant(at *cobra.Command, words []string) []string {
	at.SuggestionsMinimumDistance = 2
	var found []string
	for _, name := range at.SuggestionsFor(words[0]) {
		below, _, err := at.Find([]string{name})
		switch {
		case err != nil:
		case len(words) > 1 && below.HasAvailableSubCommands():
			if exact, _, err := below.Find(words[1:2]); err == nil && exact != below {
				return []string{exact.CommandPath()}
			}
			found = append(found, meant(below, words[1:])...)
		default:
			found = append(found, below.CommandPath())
		}
	}
	if len(found) == 0 {
		for _, leaf := range leaves(at) {
			if leaf.Name() == words[0] {
				found = append(found, leaf.CommandPath())
			}
		}
	}
	return found
}

// wrongFlag says what is wrong with a flag, and which one was meant.
func wrongFlag(c *cobra.Command, err error) error {
	if words := c.Flags().Args(); len(words) > 0 && c.HasSubCommands() {
		return noSuchCommand(c, words) // whose flags nobody knows
	}
	if value, ok := errors.AsType[*pflag.InvalidValueError](err); ok && value.GetFlag().Value.Type() == "bool" {
		return misuseError{fmt.Sprintf("--%s is %q; write the flag alone, or =true or =false after it", value.GetFlag().Name, value.GetValue())}
	}
	if value, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return misuseError{fmt.Sprintf("--%s is followed by nothing; write its value", value.GetFlag().Name)}
	}
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return misuseError{err.Error()}
	}
	var known []string
	c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, strings.ReplaceAll(f.Name, "-", "_")) })
	written := "--" + unknown.GetSpecifiedName()
	name := unknown.GetSpecifiedName()
	if letters := unknown.GetSpecifiedShortnames(); letters != "" {
		written, name = "-"+letters, letters
	}
	text := "there is no flag " + written
	if nearest, sure := document.Nearest(name, known); sure {
		return misuseError{text + "; did you mean --" + strings.ReplaceAll(nearest, "_", "-") + "?"}
	}
	return misuseError{fmt.Sprintf("%s; %s --help lists those that there are", text, c.CommandPath())}
}
