package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is what the linker writes here, with -X main.version.
var version = ""

func (p *process) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "say what this is",
		Example: examples("itsme-bridge version"),
		Args:    takes(),
		RunE: func(*cobra.Command, []string) error {
			p.sayVersion()
			return nil
		},
	}
}

func (p *process) sayVersion() {
	fmt.Fprintf(p.stdout, "itsme-bridge %s (%s, %s/%s)\n", versionOf(version), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// versionOf is the linker's word, or what Go knows of the sources.
func versionOf(linked string) string {
	if linked != "" {
		return linked
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	return info.Main.Version
}
