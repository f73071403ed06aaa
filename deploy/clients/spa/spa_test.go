//go:build products

package spa_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"

	"itsme-bridge/deploy/clients/internal/applicationtest"
	"itsme-bridge/itsme"
)

// served serves index.html with npm's packages and what `client new --out` wrote, as any web server does.
func served(t *testing.T, flags ...string) *applicationtest.Application {
	t.Helper()
	modules := applicationtest.NPM(t)
	a := applicationtest.Start(t, "spa", flags...)
	files := http.NewServeMux()
	files.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "index.html") })
	files.HandleFunc("/itsme.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, a.Client.File("itsme.js")) })
	files.Handle("/node_modules/", http.StripPrefix("/node_modules/", http.FileServer(http.Dir(modules))))
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:"+a.Port)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(files)
	_ = server.Listener.Close() // its own
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	return a
}

func TestSinglePageApplication(t *testing.T) {
	a := served(t)
	a.Prove()
	a.ProveLogout()
}

// ES256 signs the ID tokens.
func TestES256(t *testing.T) { served(t, "--signing-alg", "ES256").ProveLogin() }

// renews: the person stays, by the refresh token, and CM is not asked again.
func renews(t *testing.T, a *applicationtest.Application) {
	t.Helper()
	a.Simulator.Forget()
	b := a.Browser()
	a.Begin(b)
	b.Approve()
	before := a.Claims(b)
	b.Do(chromedp.Click(chromedp.CSS("#renew")))
	b.See(applicationtest.Message)
	b.Reads(applicationtest.Message, "Renewed.")
	if after := a.Claims(b); after["sub"] != before["sub"] || after["name"] != "Lucas Maes" {
		t.Errorf("renewed, it knows %v, and knew %v", after, before)
	}
	a.Bridge().Await("refresh_token_late=false", 1)
	a.Saw(itsme.Success)
}

func TestRenewal(t *testing.T) {
	a := served(t, "--scopes", "offline_access")
	a.Prove()
	renews(t, a)
}

func TestRenewalWithDPoP(t *testing.T) {
	a := served(t, "--scopes", "offline_access", "--dpop-bound-access-tokens", "--id-token-claims")
	a.Prove()
	renews(t, a)
	a.ProveLogout()
}
