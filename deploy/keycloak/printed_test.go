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

// again is what the guide adds to the second command where the provider is there already.
const again = "-s ifResourceExists=OVERWRITE"

// Whoever pastes what client new prints, and nothing else, has a login with all that a person shares.
func TestThePrintedCommandsAreEnough(t *testing.T) {
	w := e2e.Start(t)
	r := opening(t, w)
	commands := printed(r.newClient())
	if len(commands) != 3 || strings.Contains(strings.Join(commands, "\n"), r.Secret) {
		t.Fatalf("the commands are %q", commands)
	}
	r.asInTheGuide(commands)
	folder := t.TempDir()
	paste := func(command string) {
		t.Helper()
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
	for _, command := range commands {
		paste(command)
	}
	b := w.Browser()
	r.login(b)
	b.Approve()
	r.loggedIn(b)
	first := r.only()
	r.hasEverything(first)

	// Once more, as the guide says: nobody becomes a stranger.
	r.change(map[string]any{"pkceEnabled": "false"})
	paste(commands[1] + " " + again)
	b = w.Browser()
	r.login(b)
	b.Approve()
	r.loggedIn(b)
	if second := r.only(); second.ID != first.ID {
		t.Errorf("the person is another one: %+v", second)
	}
	w.Saw(itsme.Success, itsme.Success)
}
