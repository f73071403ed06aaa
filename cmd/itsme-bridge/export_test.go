package main

import "github.com/spf13/cobra"

// What a test calls as the process calls it.
var (
	Main    = main
	Run     = run
	Usually = usually
	FlagOf  = flagOf

	CollectRarely = collectRarely
)

// Commands are all there are, as the man pages and the examples have them.
func Commands() *cobra.Command {
	root := new(process).commands()
	root.InitDefaultHelpCmd()
	return root
}

// What init's flags say.
const (
	UsualIssuer = usualIssuer
	UsualListen = usualListen
)
