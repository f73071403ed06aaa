//go:build products

package e2e

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Pages is a guide: what its fences hold is what its tests do.
type Pages struct {
	t    testing.TB
	name string
	text string
}

// Guide reads a guide, from the folder of the test.
func Guide(t testing.TB, name string) Pages {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return Pages{t, name, string(text)}
}

// Fence is what stands in the one fence of an info string, such as "sh start".
func (p Pages) Fence(info string) string {
	p.t.Helper()
	const mark = "```"
	_, rest, found := strings.Cut(p.text, "\n"+mark+info+"\n")
	content, after, ends := strings.Cut(rest, "\n"+mark+"\n")
	if !found || !ends || strings.Contains(after, "\n"+mark+info+"\n") {
		p.t.Fatalf("e2e: %s: want one fence %q", p.name, info)
	}
	return content + "\n"
}

// Shell is the commands of the fence "sh NAME". The last one takes the place of the shell.
func (p Pages) Shell(name string) *exec.Cmd {
	p.t.Helper()
	lines := strings.Split(strings.TrimSpace(p.Fence("sh "+name)), "\n")
	lines[len(lines)-1] = "exec " + lines[len(lines)-1]
	return exec.Command("sh", "-euc", strings.Join(lines, "\n"))
}
