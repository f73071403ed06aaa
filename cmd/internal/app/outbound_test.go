package app_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/provider/providertest"
)

// application keeps its keys and its requests itself, on this machine.
type application struct {
	*httptest.Server
	private ed25519.PrivateKey
	asked   atomic.Int64
	request atomic.Value
}

func newApplication(t *testing.T, start func(*httptest.Server)) *application {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &application{private: private}
	a.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.asked.Add(1)
		if r.URL.Path == "/jwks" {
			_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: a.private.Public(), KeyID: "a"}}})
			return
		}
		text, _ := a.request.Load().(string)
		_, _ = io.WriteString(w, text)
	}))
	a.Config.ErrorLog = log.New(io.Discard, "", 0)
	start(a.Server)
	t.Cleanup(a.Close)
	return a
}

// sign makes the application's authorization request one that is signed (RFC 9101 §4).
func (a *application) sign(t *testing.T, b *bridge) {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: jose.JSONWebKey{Key: a.private, KeyID: "a"}},
		(&jose.SignerOptions{}).WithType("oauth-authz-req+jwt"))
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{"iss": providertest.App, "aud": b.Issuer, "exp": b.Now().Add(time.Minute).Unix()}
	for name, values := range providertest.Request(nil) {
		claims[name] = values[0]
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	a.request.Store(compact)
}

// begin begins a login with the request that the application keeps.
func (a *application) begin(t *testing.T, b *bridge) *providertest.Answer {
	t.Helper()
	a.sign(t, b)
	return b.Browser().Get("/authorize?" + url.Values{"client_id": {providertest.App}, "request_uri": {a.URL + "/requests/1"}}.Encode())
}

func (a *application) entry(text string) string {
	return text + "    jwks_uri: " + a.URL + "/jwks\n    request_uris: ['" + a.URL + "/requests/']\n"
}

// The bridge asks for the keys and the requests of its clients where it may, and nowhere else.
func TestTheBridgeAsksItsClients(t *testing.T) {
	a := newApplication(t, (*httptest.Server).Start)
	b := running(t, a.entry)
	if answer := a.begin(t, b); !strings.HasPrefix(answer.Leads(), b.Sandbox.URL) || a.asked.Load() != 2 {
		t.Errorf("%d to %q, %d requests\n%s", answer.Status, answer.Leads(), a.asked.Load(), answer.Body)
	}

	b = running(t, a.entry, func(c *config.Config) { c.Outbound.Reachable = nil })
	before := a.asked.Load()
	if answer := a.begin(t, b); strings.HasPrefix(answer.Leads(), b.Sandbox.URL) || a.asked.Load() != before {
		t.Errorf("%d to %q, %d requests", answer.Status, answer.Leads(), a.asked.Load())
	}
}

// Clients inside may have certificates of authorities that only the operator knows.
func TestAuthoritiesOfClients(t *testing.T) {
	a := newApplication(t, (*httptest.Server).StartTLS)
	folder := t.TempDir()
	configtest.PutFile(t, filepath.Join(folder, "ca.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Certificate().Raw})), 0o644)
	for _, row := range []struct {
		outbound string
		want     bool
	}{{"outbound: {ca_file: " + filepath.Join(folder, "ca.pem") + "}\n", true}, {"", false}} {
		b := running(t, func(text string) string {
			return a.entry(configtest.Change(t, text, "clients:\n", row.outbound+"clients:\n"))
		})
		if answer := a.begin(t, b); strings.HasPrefix(answer.Leads(), b.Sandbox.URL) != row.want {
			t.Errorf("%q: %d to %q", row.outbound, answer.Status, answer.Leads())
		}
	}
}
