package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version and revision are what the linker writes here, with -X main.version and -X main.revision: see deploy/tools/build.
var version, revision = "", ""

func (p *process) versionCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "version [--json]",
		Short:   "say what this is",
		Example: examples("itsme-bridge version", "itsme-bridge version --json"),
		Args:    takes(),
		RunE: func(*cobra.Command, []string) error {
			p.sayVersion()
			return nil
		},
	}
	p.jsonFlag(c)
	return c
}

// build is what this is.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision"` // the commit
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
}

func (p *process) sayVersion() {
	b := build{versionOf(version), revisionOf(revision), runtime.Version(), runtime.GOOS, runtime.GOARCH}
	p.say(b, func(w io.Writer) {
		fmt.Fprintf(w, "itsme-bridge %s (revision %s, %s, %s/%s)\n", b.Version, b.Revision, b.Go, b.OS, b.Arch)
	})
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

// revisionOf is the linker's word, or what Go knows of the sources.
func revisionOf(linked string) string {
	if linked != "" {
		return linked
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				return setting.Value
			}
		}
	}
	return "unknown"
}
