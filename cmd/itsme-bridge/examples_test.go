package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	main "itsme-bridge/cmd/itsme-bridge"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/storage/storagetest"
)

// exemplary is the configuration that the examples of help speak of.
const exemplary = `
issuer: http://%[1]s
listen: %[1]s
operations: {listen: "%[2]s"}
timeouts: {drain_delay: 0s}
itsme: {url: "%[3]s", token: 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9}
redis: {mode: single, addresses: ["%[4]s"]}
master_key: {current: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=}
subjects: {salt: a-salt-of-the-tests-that-is-random-enough-0123456789, fingerprint: 76b2c85d07ca9801}
clients: [{id: example, name: A, home: "https://a.example/", auth_method: none, redirect_uris: ["https://a.example/"], scopes: []}]
`

// Every command has an example in its help, and every example does what it says.
func TestTheExamplesOfHelp(t *testing.T) {
	folder, listen, operations := t.TempDir(), free(t), free(t)
	world := storagetest.New(t)
	world.Advance(time.Since(world.Now())) // doctor looks at its clock
	text := fmt.Sprintf(exemplary, listen, operations, sandbox.NewServer(t).URL, world.Address())
	if err := os.WriteFile(filepath.Join(folder, "config.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"merchant-token": "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9\n", "userid.txt": "somebody\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	bin := filepath.Join(folder, "bin")
	if err := os.MkdirAll(bin, 0o750); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(bin, name)); err != nil {
		t.Fatal(err)
	}
	elsewhere := strings.NewReplacer( // what the examples name and a test must not touch
		"/etc/bash_completion.d/", folder+"/",
		`"${fpath[1]}/_itsme-bridge"`, folder+"/_itsme-bridge",
		"~/.config/fish/completions/", folder+"/",
		"127.0.0.1:9090", operations,
	)
	shell := func(line string) (string, error) {
		c := exec.CommandContext(t.Context(), "sh", "-c", line)
		c.Dir, c.Env = folder, append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
		said, err := c.CombinedOutput()
		return string(said), err
	}
	serving(t, folder)
	list, err := shell("itsme-bridge keys list --config config.yaml")
	kid := regexp.MustCompile(`(?m)^(\S{43}) +RS256 +current`).FindStringSubmatch(list)
	if kid == nil {
		t.Fatalf("no key: %v\n%s", err, list)
	}
	every(main.Commands(), func(c *cobra.Command) {
		if c.HasSubCommands() {
			return
		}
		if c.Example == "" {
			t.Errorf("%s has no example", c.CommandPath())
		}
		for line := range strings.Lines(c.Example) {
			line = strings.TrimSpace(line)
			t.Run(line, func(t *testing.T) {
				if !strings.HasPrefix(line, c.CommandPath()) {
					t.Errorf("it is no example of %s", c.CommandPath())
				}
				if c.Name() == "serve" {
					return // it serves the others
				}
				if said, err := shell(strings.Replace(elsewhere.Replace(line), "KID", kid[1], 1)); err != nil {
					t.Errorf("%v\n%s", err, said)
				}
			})
		}
	})
}

// serving runs the example of serve in a folder until the test ends.
func serving(t *testing.T, folder string) {
	t.Helper()
	serve, _, err := main.Commands().Find([]string{"serve"})
	if err != nil {
		t.Fatal(err)
	}
	d, err := begin(folder, nil, strings.Fields(serve.Example)[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.kill)
	if err := d.await(`"msg":"serving"`); err != nil {
		t.Fatal(err)
	}
}
