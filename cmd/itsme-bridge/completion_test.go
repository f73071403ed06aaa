package main_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	main "itsme-bridge/cmd/itsme-bridge"
)

// What a shell asks is what the scripts ask: __complete with what is typed so far.
func TestCompletion(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yaml")
	// Neither the secrets nor the rest need to be in order for it.
	if err := os.WriteFile(file, []byte("clients:\n  - {id: shop, secret: \"${NOBODY}\"}\n  - {id: page}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		typed []string
		want  []string // without what explains them
		kind  string   // cobra's directive: 4: no files; 8: files that end in these
	}{
		{[]string{"ke"}, []string{"keys"}, ":4"},
		{[]string{"keys", "r"}, []string{"revoke", "rotate"}, ":4"},
		{[]string{"help", "keys", ""}, []string{"list", "revoke", "rotate"}, ":4"},
		{[]string{"keys", "rotate", "--alg", ""}, []string{"RS256", "PS256", "ES256", "EdDSA"}, ":4"},
		{[]string{"keys", "rotate", "--al"}, []string{"--alg"}, ":4"},
		{[]string{"revoke", "--config", file, "--client", ""}, []string{"shop", "page"}, ":4"},
		{[]string{"revoke", "--client", ""}, nil, ":4"},
		{[]string{"completion", ""}, []string{"bash", "zsh", "fish"}, ":4"},
		{[]string{"check", ""}, nil, ":4"},
		{[]string{"serve", "--config", ""}, []string{"yaml", "yml"}, ":8"},
	} {
		t.Run(strings.ReplaceAll(strings.Join(row.typed, " "), file, "FILE"), func(t *testing.T) {
			code, stdout, stderr := run(t, append([]string{"__complete"}, row.typed...)...)
			lines := strings.Split(strings.TrimSpace(stdout), "\n")
			var got []string
			for _, line := range lines[:len(lines)-1] {
				word, _, _ := strings.Cut(line, "\t")
				got = append(got, word)
			}
			if code != 0 || !slices.Equal(got, row.want) || lines[len(lines)-1] != row.kind {
				t.Errorf("%d %q %s\n%s", code, got, lines[len(lines)-1], stderr)
			}
		})
	}
}

// A shell reads what is printed for it, as far as this machine has that shell.
func TestTheCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		t.Run(shell, func(t *testing.T) {
			var script, problems bytes.Buffer
			if code := main.Run(t.Context(), []string{"completion", shell}, nil, &script, &problems, nil); code != 0 || !strings.Contains(script.String(), "__complete") {
				t.Fatalf("%d\n%s\n%s", code, script.String(), problems.String())
			}
			binary, err := exec.LookPath(shell)
			if err != nil {
				t.Skipf("NOT CHECKED by the shell itself (apt-get install %s): %v", shell, err)
			}
			file := filepath.Join(t.TempDir(), "script")
			if err := os.WriteFile(file, script.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			said, err := exec.CommandContext(t.Context(), binary, "-n", file).CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, said)
			}
		})
	}
	if code, _, stderr := run(t, "completion", "csh"); code != 2 || !strings.Contains(stderr, "write bash, zsh or fish") {
		t.Errorf("%d %s", code, stderr)
	}
}
