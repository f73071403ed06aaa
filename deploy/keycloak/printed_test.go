//go:build products

package keycloak_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/itsme"
)

// Whoever pastes what client new prints, and nothing else, has a login with all that a person shares.
func TestThePrintedCommandsAreEnough(t *testing.T) {
	w := e2e.Start(t)
	r := opening(t, w)
	printed := r.newClient()
	folder := t.TempDir()
	var pasted []string
	for line := range strings.Lines(printed) {
		command, ours := strings.CutPrefix(strings.TrimSpace(line), "kcadm.sh ")
		if !ours {
			continue
		}
		pasted = append(pasted, command)
		kcadm := exec.Command("sh", "-c", `"$KCADM" `+command)
		kcadm.Dir = r.Folder
		kcadm.Env = append(os.Environ(),
			"KCADM="+filepath.Join(home, "bin/kcadm.sh"),
			"HOME="+folder,              // where it keeps its session
			"KC_CLI_PASSWORD="+password, // what it would ask for
			"JAVA_OPTS="+javaOptions,
		)
		if out, err := kcadm.CombinedOutput(); err != nil || bytes.Contains(out, []byte(r.Secret)) {
			t.Fatalf("kcadm.sh %s: %v\n%s", command, err, out)
		}
	}
	if len(pasted) != 3 || strings.Contains(strings.Join(pasted, "\n"), r.Secret) {
		t.Fatalf("the commands are %q", pasted)
	}
	b := w.Browser()
	r.login(b)
	b.Approve()
	r.loggedIn(b)
	r.hasEverything(r.only())
	w.Saw(itsme.Success)
}
