package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/storage/storagetest"
)

const another = `  - id: another
    name: Another
    home: https://another.example/
    auth_method: none
    redirect_uris: ["https://another.example/callback"]
    scopes: [profile]
`

// asAnother begins a login as that client.
func asAnother(f url.Values) {
	f.Set("client_id", "another")
	f.Set("redirect_uri", "https://another.example/callback")
}

func TestReloadBringsClientsAndTakesThemAway(t *testing.T) {
	b := running(t, nil)
	if answer := b.Browser().Authorize(asAnother); answer.Status != http.StatusBadRequest {
		t.Fatalf("nobody knows this client yet: %d", answer.Status)
	}
	browser := b.Browser()
	back := browser.Begin(nil)
	b.Approve()

	b.file.write(local[:strings.Index(local, "  - id: app")] + another)
	if err := b.Reload(); err != nil {
		t.Fatal(err)
	}
	if line := b.journal.await(t, "configuration reloaded"); line["level"] != "INFO" || line["clients"] != 1.0 || line["needs_restart"] != nil {
		t.Error(line)
	}
	b.Browser().Begin(asAnother)
	if answer := b.Browser().Authorize(nil); answer.Status != http.StatusBadRequest {
		t.Errorf("a client that is gone begins a login: %d", answer.Status)
	}
	// The login that had begun keeps its redirect URI; its client can no longer exchange the code.
	code := b.Response(browser.Get(back)).Get("code")
	if code == "" {
		t.Fatal("the login that had begun is lost")
	}
	b.Exchange(code, nil).Wants(t, http.StatusUnauthorized, "invalid_client")
	if _, body := b.ask("/metrics"); !strings.Contains(body, `itsme_bridge_reloads_total{result="taken"} 1`) {
		t.Error("the reload is not counted")
	}
}

func TestABadConfigurationChangesNothing(t *testing.T) {
	b := running(t, nil)
	b.file.write(strings.Replace(local, "https://app.example/callback", "http://app.example/callback", 1) + "elephants: 3\n")
	err := b.Reload()
	const want = "14: clients[0].redirect_uris[0]: is http, and only loopback may be; write https://\n16: elephants: unknown key; " +
		"the nearest that is known here is clients"
	if got := configtest.Problems(t, err); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	line := b.journal.await(t, "configuration refused, the old one stays")
	if said, _ := line["problems"].([]any); len(said) != 2 || said[0] != "a.yaml:14: clients[0].redirect_uris[0]: is http, and only loopback may be; write https://" {
		t.Error(line)
	}
	if code := b.Login(nil).Get("code"); code == "" {
		t.Error("the old clients are gone")
	}
	if _, body := b.ask("/metrics"); !strings.Contains(body, `itsme_bridge_reloads_total{result="refused"} 1`) {
		t.Error("the refusal is not counted")
	}
}

func TestReloadNamesWhatNeedsARestart(t *testing.T) {
	const end = "clients:\n"
	for _, row := range []struct{ name, find, put string }{
		{"issuer", "${ISSUER}", "http://127.0.0.1:3"},
		{"listen", "127.0.0.1:1\n", "127.0.0.1:3\n"},
		{"trusted_proxies", end, "trusted_proxies: [127.0.0.1]\n" + end},
		{"timeouts", "drain_delay: 0s", "drain_delay: 1s"},
		{"operations", "127.0.0.1:2", "127.0.0.1:3"},
		{"log", end, "log: {level: debug}\n" + end},
		{"tracing", end, "tracing: {endpoint: 'http://127.0.0.1:9', headers: 'X-Key: hunter2'}\n" + end},
		{"redis", "mode: single", "password: hunter2, mode: single"},
		{"master_key", `"${MASTER_KEY}"`, `"${MASTER_KEY}", accept: ["` + secondKey + `"]`},
		{"subjects", `"${SALT}", fingerprint: 76b2c85d07ca9801`, "0123456789012345678901234567890123456789, fingerprint: 4ec78e0a2ad52186"},
		{"itsme", `"${CM}"`, "production"},
		{"itsme", `"${CM}"`, `"${CM}", return_url: query`},
		{"keys", end, "keys: {rotate_every: 10d}\n" + end},
		{"lifetimes", end, "lifetimes: {code: 30s}\n" + end},
		{"lifetimes", end, "lifetimes: {pushed_request: 30s}\n" + end},
		{"lifetimes", end, "lifetimes: {refresh_token: 30d}\n" + end},
		{"lifetimes", end, "lifetimes: {refresh_grace: 30s}\n" + end},
		{"session", end, "session: {ttl: 1h}\n" + end},
		{"outbound", end, "outbound: {reachable: [10.20.0.0/16]}\n" + end},
		{"limits", end, "limits: {total: 1}\n" + end},
		{"start", end, "start: ask\n" + end},
		{"max_attempts", end, "max_attempts: 1\n" + end},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := prepare(t, storagetest.New(t), nil)
			b.file.write(configtest.Change(t, local, row.find, row.put))
			if err := b.Reload(); err != nil {
				t.Fatal(err)
			}
			line := b.journal.await(t, "configuration reloaded")
			if named, _ := line["needs_restart"].([]any); len(named) != 1 || named[0] != row.name || line["level"] != "WARN" {
				t.Errorf("said: %v", line)
			}
			if strings.Contains(b.journal.String(), "hunter2") {
				t.Error("the log holds a secret")
			}
		})
	}
}

// What belongs to clients alone comes with a reload.
func TestReloadBringsWhatClientsUsuallyHave(t *testing.T) {
	b := prepare(t, storagetest.New(t), nil)
	b.file.write(configtest.Change(t, local, "clients:\n", "locale: nl\nlifetimes: {login: 2m}\nclients:\n"))
	if err := b.Reload(); err != nil {
		t.Fatal(err)
	}
	if line := b.journal.await(t, "configuration reloaded"); line["needs_restart"] != nil {
		t.Error(line)
	}
}

// A client whose algorithm the loaded keys do not have would get no token.
func TestReloadRefusesAClientThatNobodyCanSignFor(t *testing.T) {
	folder := t.TempDir()
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	configtest.PutKey(t, filepath.Join(folder, "rsa"), long)
	configtest.PutKey(t, filepath.Join(folder, "ec"), curve)
	files := func(names ...string) func(string) string {
		return func(text string) string {
			for i, name := range names {
				names[i] = filepath.Join(folder, filepath.Base(name))
			}
			return text[:strings.Index(text, "clients:")] + "keys: {source: pem, files: [" + strings.Join(names, ", ") + "]}\n" + text[strings.Index(text, "clients:"):]
		}
	}
	b := running(t, files("rsa"))
	const want = "app: client another wants ES256, and the keys that are loaded have none for it; restart to read keys.files again"
	for _, key := range []string{"signing_alg", "userinfo_signed_response_alg"} {
		b.file.write(files("rsa", "ec")(local + another + "    " + key + ": ES256\n"))
		if err := b.Reload(); err == nil || err.Error() != want {
			t.Errorf("%s: %v", key, err)
		}
	}
	if answer := b.Browser().Authorize(asAnother); answer.Status != http.StatusBadRequest {
		t.Errorf("the client is there: %d", answer.Status)
	}
}

func TestNothingToReload(t *testing.T) {
	b := prepare(t, storagetest.New(t), nil)
	config, err := b.parse()
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), config, app.Options{Now: b.Now, Listener: listen(t), Operations: listen(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Reload(); !errors.Is(err, app.ErrNothingToReload) {
		t.Errorf("%v", err)
	}
}

// Clients may come from several places, as in the demo.
func TestTwoClientsOfOneID(t *testing.T) {
	b := prepare(t, storagetest.New(t), nil)
	config, err := b.parse()
	if err != nil {
		t.Fatal(err)
	}
	config.Clients = slices.Concat(config.Clients, config.Clients)
	if _, err := app.New(t.Context(), config, app.Options{Now: b.Now, Listener: listen(t), Operations: listen(t)}); err == nil ||
		err.Error() != "app: two clients have the id app; give each its own" {
		t.Errorf("%v", err)
	}
}
