//go:build products

package keycloak_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/itsme"
)

// refetch is how long Keycloak does not ask for keys again, whatever it does not know
// (spi-public-key-storage--infinispan--min-time-between-requests).
const refetch = 10 * time.Second

// Keys rotate, and are revoked, while people log in: Keycloak asks for the keys again when it sees one that it does not know.
func TestKeysChangeUnderIt(t *testing.T) {
	w := e2e.Start(t)
	r := newRealm(t, w)
	in := func() {
		t.Helper()
		w.Simulator.Forget()
		b := w.Browser()
		r.login(b)
		b.Approve()
		r.loggedIn(b)
		w.Saw(itsme.Success)
	}
	in()
	first := signing(t, w)
	w.Command("keys", "rotate")
	in()
	fetched := time.Now() // or earlier
	w.Command("keys", "revoke", first)
	for until := time.Now().Add(time.Minute); strings.Contains(published(t, w), first); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("the revoked key is still published")
		}
	}
	time.Sleep(time.Until(fetched.Add(refetch)))
	before := strings.Count(w.Log(), "route=/keys ")
	in()
	if signing(t, w) == first {
		t.Error("the revoked key signs")
	}
	if strings.Count(w.Log(), "route=/keys ") != before+1 {
		t.Error("Keycloak has not asked for the keys again")
	}
	r.only()
}

// signing is the key that ID tokens are signed with.
func signing(t *testing.T, w *e2e.World) string {
	t.Helper()
	for line := range strings.Lines(w.Command("keys", "list")) {
		if words := strings.Fields(line); len(words) > 2 && words[1] == "RS256" && words[2] == "current" {
			return words[0]
		}
	}
	t.Fatal("no key signs")
	return ""
}

// published is the bridge's key set.
func published(t *testing.T, w *e2e.World) string {
	t.Helper()
	response, err := http.Get(w.Issuer + "/keys")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
