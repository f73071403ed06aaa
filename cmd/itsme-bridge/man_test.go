package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"

	main "itsme-bridge/cmd/itsme-bridge"
)

// The man pages are made from the commands themselves, here, so that what makes them
// is in no binary: make man keeps them in the folder that MAN names. Every command
// and every flag stands in them.
func TestManPages(t *testing.T) {
	folder := os.Getenv("MAN")
	if folder == "" {
		folder = t.TempDir()
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	// Without help itself, which cobra does not count among the commands.
	if err := doc.GenManTree(main.Commands(), &doc.GenManHeader{Section: "1", Source: "itsme-bridge", Manual: "itsme-bridge"}, folder); err != nil {
		t.Fatal(err)
	}
	pages := 0
	every(main.Commands(), func(c *cobra.Command) {
		if c.Name() == "help" {
			return
		}
		text, err := os.ReadFile(filepath.Join(folder, strings.ReplaceAll(c.CommandPath(), " ", "-")+".1"))
		if err != nil {
			t.Error(err)
			return
		}
		pages++
		page := strings.ReplaceAll(string(text), `\-`, "-")
		for _, want := range append(strings.Split(c.Example, "\n"), c.UseLine(), c.Short) {
			if !strings.Contains(page, strings.TrimSpace(want)) {
				t.Errorf("%s: there is no %q in\n%s", c.CommandPath(), want, page)
			}
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !strings.Contains(page, "--"+f.Name) {
				t.Errorf("%s: there is nothing of --%s in\n%s", c.CommandPath(), f.Name, page)
			}
		})
		if !c.HasParent() && !strings.Contains(page, "Exit codes: 0 done; 1 failed; 2 wrongly called; 3 not checked") {
			t.Errorf("nothing of the exit codes in\n%s", page)
		}
	})
	if pages < 12 {
		t.Errorf("only %d pages: are these all commands?", pages)
	}
}

// every calls f with a command and all below it.
func every(c *cobra.Command, f func(*cobra.Command)) {
	f(c)
	for _, below := range c.Commands() {
		every(below, f)
	}
}
