//go:build products

package e2e_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
)

// product is the smallest that logs people in: it keeps no session, and says what it was told.
type product struct {
	oauth2.Config
	provider *oidc.Provider
	verifier string
}

const secret = "kX2vQ8rT5wY1zB4nM7jH0gF3dS6aP9cE"

// started listens before it knows its provider, so that its address can be in the entry.
func started(t *testing.T, w *e2e.World) (p *product, url string) {
	t.Helper()
	p = &product{verifier: oauth2.GenerateVerifier()}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	provider, err := oidc.NewProvider(t.Context(), w.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	p.provider = provider
	p.Config = oauth2.Config{
		ClientID: "product", ClientSecret: secret, RedirectURL: server.URL + "/callback",
		Scopes: []string{"openid", "profile"}, Endpoint: provider.Endpoint(),
	}
	return p, server.URL
}

func (p *product) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/callback" {
		http.Redirect(w, r, p.AuthCodeURL("a state", oauth2.S256ChallengeOption(p.verifier)), http.StatusSeeOther)
		return
	}
	said, err := p.callback(r.Context(), r)
	if err != nil {
		said = err.Error()
	}
	w.Header().Set("Content-Type", "text/html")
	_, _ = w.Write([]byte(`<p id="said">` + said + `</p>`))
}

func (p *product) callback(ctx context.Context, r *http.Request) (string, error) {
	if refused := r.FormValue("error"); refused != "" {
		return refused, nil
	}
	token, err := p.Exchange(ctx, r.FormValue("code"), oauth2.VerifierOption(p.verifier))
	if err != nil {
		return "", err
	}
	info, err := p.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return "", err
	}
	var claims struct{ Name string }
	err = info.Claims(&claims)
	return claims.Name, err
}

func entry(url string) string {
	return `{id: product, name: A product, home: "` + url + `/", secret: ` + secret + `, redirect_uris: ["` + url + `/callback"], scopes: [profile]}`
}

func TestABrowserLogsInToAProduct(t *testing.T) {
	w := e2e.Start(t)
	_, url := started(t, w)
	w.AddClient(entry(url))
	b := w.Browser()
	b.GoTo(url)
	b.Approve()
	b.See("#said")
	b.Reads("#said", "Lucas Maes")
	w.Saw(itsme.Success)

	another := w.Browser() // another person's
	another.GoTo(url)
	another.ApproveAs(sandbox.Foreign)
	another.See("#said")
	another.Reads("#said", "Sanne de Vries")
	w.Saw(itsme.Success, itsme.Success)
	if !strings.Contains(w.Log(), "route=/token") {
		t.Errorf("the log is\n%s", w.Log())
	}
}

func TestABrowserCancelsTriesAgainAndLeaves(t *testing.T) {
	w := e2e.Start(t)
	_, url := started(t, w)
	w.AddClient(entry(url))
	b := w.Browser()
	b.GoTo(url)
	b.Cancel()
	b.TryAgain()
	b.Fail()
	b.TryAgain()
	b.Expire()
	b.Leave()
	b.See("#said")
	b.Reads("#said", "access_denied")
	w.Saw(itsme.Cancelled, itsme.Failure, itsme.Expired)
}

func TestAnEntryChangesInTheRunningBridge(t *testing.T) {
	w := e2e.Start(t, "locale: nl")
	p, url := started(t, w)
	c := w.AddClient("clients: [" + entry(url) + "]")
	if c.ID != "product" || c.Secret != secret {
		t.Errorf("the client is %q with the secret %q", c.ID, c.Secret)
	}
	b := w.Browser()
	b.GoTo(url)
	b.See("html[lang=nl]")
	c.Set("locale: de")
	b.GoTo(url)
	b.See("html[lang=de]")
	c.Set("locale:") // and is as it was
	b.GoTo(url)
	b.See("html[lang=nl]")

	p.ClientSecret = "another one"
	b.Approve()
	b.See("#said")
	if said := b.Read("#said"); !strings.Contains(said, "invalid_client") {
		t.Errorf("it says %q", said)
	}
	if listed := w.Command("keys", "list"); !strings.Contains(listed, "RS256") {
		t.Errorf("keys list:\n%s", listed)
	}
}

// held is a pipe that a process holds open for as long as it lives.
func held(t *testing.T) string {
	t.Helper()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	return pipe
}

// released fails the test unless all who hold a pipe are gone soon after the deed. It
// waits for the first of them.
func released(t *testing.T, pipe string, deed func()) {
	t.Helper()
	reader, err := os.Open(pipe)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	deed()
	gone := make(chan struct{})
	go func() {
		_, _ = io.ReadAll(reader)
		close(gone)
	}()
	select {
	case <-gone:
	case <-time.After(30 * time.Second):
		t.Error("what was started goes on")
	}
}

func TestAProcessEndsWithAllThatItStarted(t *testing.T) {
	pipe := held(t)
	p, err := e2e.Launch("a family", exec.Command("sh", "-c", `(trap '' TERM; sleep 600) >"$0" & exit`, pipe))
	if err != nil {
		t.Fatal(err)
	}
	released(t, pipe, p.End)
}

// pipeOf names a pipe to the test below, in the process that it kills.
const pipeOf = "E2E_TEST_PIPE"

func TestAProcessEndsWithAKilledTest(t *testing.T) {
	if pipe := os.Getenv(pipeOf); pipe != "" {
		if _, err := e2e.Launch("an orphan", exec.Command("sh", "-c", `sleep 600 >"$0"`, pipe)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute) // it is killed before
		return
	}
	pipe := held(t)
	killed := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
	killed.Env = append(os.Environ(), pipeOf+"="+pipe)
	if err := killed.Start(); err != nil {
		t.Fatal(err)
	}
	released(t, pipe, func() {
		_ = killed.Process.Kill()
		_ = killed.Wait()
	})
}

func TestAProcessThatEndsIsNotWaitedFor(t *testing.T) {
	p, err := e2e.Launch("a short life", exec.Command("sh", "-c", "echo the reason; exit 3"))
	if err != nil {
		t.Fatal(err)
	}
	defer p.End()
	port, err := e2e.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Answers("http://127.0.0.1:" + port); err == nil || !strings.Contains(err.Error(), "the reason") {
		t.Errorf("waiting for it gives %v", err)
	}
}
