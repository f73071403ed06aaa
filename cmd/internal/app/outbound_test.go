package app_test

import (
	"crypto/ed25519"
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

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/provider/providertest"
)

func TestOutbound(t *testing.T) {
	reach := func(name, put, want string) difference {
		return difference{name, "clients:\n", "outbound: {reachable: ['" + put + "']}\nclients:\n", "15: outbound.reachable[0]: " + want}
	}
	const wide = " is more than any private network; write the ranges that are meant, such as 10.20.0.0/16"
	refused(t, []difference{
		reach("everything", "0.0.0.0/0", `"0.0.0.0/0"`+wide),
		reach("half of it", "128.0.0.0/1", `"128.0.0.0/1"`+wide),
		reach("wider than private networks are", "10.0.0.0/7", `"10.0.0.0/7"`+wide),
		reach("everything of IPv6", "::/0", `"::/0"`+wide),
		reach("wider than private networks of IPv6 are", "fc00::/6", `"fc00::/6"`+wide),
		reach("a name", "intranet.example", `"intranet.example" is neither an IP address nor a range; write such as 10.0.0.7 or 10.0.0.0/8`),
		reach("IPv4 as IPv6", "::ffff:10.0.0.0/112", `"::ffff:10.0.0.0/112" is an IPv4 range in IPv6's clothes; write it as IPv4`),
		reach("nothing", "", "is empty; write something, or take the entry away"),
		{"no authority", "clients:\n", "outbound: {ca_file: config.go}\nclients:\n", "15: outbound.ca_file: holds no certificate; write a PEM file of certificate authorities"},
	})
}

// Only what is listed, and this machine where nobody else is served.
func TestWhatIsReachable(t *testing.T) {
	here := strings.NewReplacer("https://login.example.be", "http://127.0.0.1:8080", "0.0.0.0:8443", "127.0.0.1:8080").Replace(base)
	for _, row := range []struct {
		name, text, reachable, address string
		want                           bool
	}{
		{"a private address", base, "[]", "https://10.20.0.1/", false},
		{"a listed one", base, "[10.20.0.0/16]", "https://10.20.0.1/", true},
		{"one of all private ones", base, "[10.0.0.0/8, 'fc00::/7']", "https://[fd12::1]/", true},
		{"one beside the list", base, "[10.20.0.0/16]", "https://10.21.0.1/", false},
		{"in IPv6's clothes", base, "[]", "https://[::ffff:10.20.0.1]/", false},
		{"listed, in IPv6's clothes", base, "[10.20.0.0/16]", "https://[::ffff:10.20.0.1]/", true},
		{"no address", base, "[]", "https://0.0.0.0/", false},
		{"link-local", base, "[]", "https://[fe80::1]/", false},
		{"a public address", base, "[]", "https://1.1.1.1/", true},
		{"a name", base, "[]", "https://keys.internal/", true}, // what it leads to is seen then
		{"this machine, for the world", base, "[]", "http://127.0.0.1/", false},
		{"this machine by name, for the world", base, "[]", "https://LOCALHOST/", false},
		{"this machine, listed", base, "[127.0.0.1]", "http://127.0.0.1/", true},
		{"this machine by name, listed", base, "[127.0.0.1]", "http://localhost/", true},
		{"this machine, for itself", here, "[]", "http://127.0.0.1/", true},
		{"this machine by name, for itself", here, "[]", "http://localhost/", true},
		{"this machine by IPv6, for itself", here, "[]", "http://[::1]/", true},
		{"a private address, for itself", here, "[]", "https://10.20.0.1/", false},
		{"this machine, listening for all", change(t, here, "listen: 127.0.0.1:8080", "listen: 0.0.0.0:8080"), "[]", "http://127.0.0.1/", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := change(t, row.text, "clients:\n", "outbound: {reachable: "+row.reachable+"}\nclients:\n")
			_, err := app.Parse("a.yaml", []byte(text+"    jwks_uri: '"+row.address+"'\n"), environment)
			if got := problems(t, err); (got == "") != row.want {
				t.Errorf("said: %q", got)
			}
		})
	}
}

// application keeps its keys and its requests itself, on this machine.
type application struct {
	*httptest.Server
	private ed25519.PrivateKey
	asked   atomic.Int64
	request atomic.Value
}

func newApplication(t *testing.T, start func(*httptest.Server)) *application {
	t.Helper()
	a := &application{private: edwards(t)}
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

	b = running(t, a.entry, func(c *app.Config) { c.Outbound.Reachable = nil })
	before := a.asked.Load()
	if answer := a.begin(t, b); strings.HasPrefix(answer.Leads(), b.Sandbox.URL) || a.asked.Load() != before {
		t.Errorf("%d to %q, %d requests", answer.Status, answer.Leads(), a.asked.Load())
	}
}

// Clients inside may have certificates of authorities that only the operator knows.
func TestAuthoritiesOfClients(t *testing.T) {
	a := newApplication(t, (*httptest.Server).StartTLS)
	folder := t.TempDir()
	put(t, filepath.Join(folder, "ca.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Certificate().Raw})), 0o644)
	for _, row := range []struct {
		outbound string
		want     bool
	}{{"outbound: {ca_file: " + filepath.Join(folder, "ca.pem") + "}\n", true}, {"", false}} {
		b := running(t, func(text string) string { return a.entry(change(t, text, "clients:\n", row.outbound+"clients:\n")) })
		if answer := a.begin(t, b); strings.HasPrefix(answer.Leads(), b.Sandbox.URL) != row.want {
			t.Errorf("%q: %d to %q", row.outbound, answer.Status, answer.Leads())
		}
	}
}
