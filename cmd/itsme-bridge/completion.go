package main

import (
	"github.com/spf13/cobra"

	"itsme-bridge/cmd/internal/config"
)

func (p *process) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish"}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "print what makes a shell complete commands, flags and what they take",
		Example: examples(
			"itsme-bridge completion bash > /etc/bash_completion.d/itsme-bridge",
			`itsme-bridge completion zsh > "${fpath[1]}/_itsme-bridge"`,
			"itsme-bridge completion fish > ~/.config/fish/completions/itsme-bridge.fish"),
		Args:      takes("shell: bash, zsh or fish"),
		ValidArgs: shells,
		RunE: func(c *cobra.Command, args []string) error {
			switch args[0] {
			case "bash":
				return c.Root().GenBashCompletionV2(p.stdout, true)
			case "zsh":
				return c.Root().GenZshCompletion(p.stdout)
			case "fish":
				return c.Root().GenFishCompletion(p.stdout, true)
			}
			return misuseError{"there is no completion for " + args[0] + "; write bash, zsh or fish"}
		},
	}
}

// completeClients are the ids of the clients in the configuration.
func (f *file) completeClients(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	path, ok := f.path()
	if !ok {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return config.ClientIDs(path), cobra.ShellCompDirectiveNoFileComp
}
