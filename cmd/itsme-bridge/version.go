package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is what the linker writes here, with -X main.version.
var version = ""

func (p *process) version(_ context.Context, c *call) error {
	if _, err := c.parse(); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "itsme-bridge %s (%s, %s/%s)\n", versionOf(version), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
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
