//go:build products

package keycloak_test

import (
	"os"
	"strings"
	"testing"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/itsme"
)

// printed are the commands for Keycloak's kcadm.sh in a text.
func printed(text string) []string {
	var commands []string
	for line := range strings.Lines(text) {
		if command, ok := strings.CutPrefix(strings.TrimSpace(line), "kcadm.sh "); ok {
			commands = append(commands, command)
		}
	}
	return commands
}

// asInTheGuide fails the test unless the guide prints the same commands, for its own example.
func (r *realm) asInTheGuide(commands []string) {
	r.t.Helper()
	guide, err := os.ReadFile("README.md")
	if err != nil {
		r.t.Fatal(err)
	}
	example := strings.NewReplacer(r.server.url, "https://sso.example.be", r.name, "main").Replace(strings.Join(commands, "\n"))
	if !strings.Contains(string(guide), "`"+again+"`") {
		r.t.Errorf("the guide does not say %s", again)
	}
	if got := strings.Join(printed(string(guide)), "\n"); got != example {
		r.t.Errorf("the guide says\n%s\nwant\n%s", got, example)
	}
}

// What the guide warns of happens: a mapper whose scope the entry does not have any more takes away what was there.
func TestAMapperWithoutItsScopeDeletes(t *testing.T) {
	w := e2e.Start(t)
	r := newRealm(t, w)
	b := w.Browser()
	r.login(b)
	b.Approve()
	r.loggedIn(b)
	r.hasEverything(r.only())
	r.Set("scopes: [profile, email, phone]")
	b = w.Browser()
	r.login(b)
	b.Approve()
	r.loggedIn(b)
	if left := flat(r.only().Attributes); left["street"] != "" || left["phoneNumber"] == "" {
		t.Errorf("left are %v", left)
	}
	w.Saw(itsme.Success, itsme.Success)
}
