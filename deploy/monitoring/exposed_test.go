package monitoring_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/storage/storagetest"
)

// configuration is one in which everything is in use that has a metric.
const configuration = `issuer: https://127.0.0.1:%[1]d
listen: 127.0.0.1:%[1]d
tls: {cert_file: crt, key_file: key}
operations: {listen: "127.0.0.1:%[2]d"}
timeouts: {drain_delay: 0s}
redis: {mode: single, addresses: ["%[3]s"]}
master_key: {current: "%[6]s"}
subjects: {salt: "%[5]s", fingerprint: "%[7]s"}
itsme: {url: "%[4]s/itsme/v1/", token: "%[8]s"}
session: {ttl: 1h}
outbound: {reachable: [127.0.0.0/8]}
audit: {to: audit.log}
clients:
  - id: app
    name: The app
    home: https://app.example/
    secret: rJ3v0qOVZprJPZvA1lKHg-OZI4Ha-wYyQDuuB2fai8P0
    redirect_uris: ["https://app.example/callback"]
    scopes: [profile]
    backchannel_logout_uri: https://127.0.0.1:1/logout
`

// patience bounds every wait.
const patience = time.Minute

// metric is one that the binary exposes.
type metric struct {
	kind, help string
	values     map[string]map[string]bool // of each label
}

// exposed is what the real binary exposes before anybody has come.
func exposed(t *testing.T, binary string) map[string]metric {
	t.Helper()
	world, cm, folder := storagetest.Real(t), sandbox.NewServer(t), t.TempDir()
	putCertificate(t, folder)
	public, operations := port(t), port(t)
	file, salt, key := filepath.Join(folder, "config.yaml"), rand.Text()+rand.Text(), make([]byte, 32)
	_, _ = rand.Read(key)
	configure := func(fingerprint string) {
		put(t, file, fmt.Sprintf(configuration, public, operations, world.Address(), cm.URL, salt,
			base64.StdEncoding.EncodeToString(key), fingerprint, sandbox.MerchantToken))
	}
	configure("0123456789abcdef")
	said, _ := exec.CommandContext(t.Context(), binary, "check", "--offline", "--config", file).CombinedOutput()
	right := regexp.MustCompile(`this salt's is ([0-9a-f]{16})`).FindSubmatch(said)
	if right == nil {
		t.Fatalf("check does not say the fingerprint:\n%s", said)
	}
	configure(string(right[1]))
	log, err := os.Create(filepath.Join(folder, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	bridge := exec.CommandContext(t.Context(), binary, "serve", "--config", file)
	bridge.Stdout, bridge.Stderr = log, log
	if err := bridge.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = bridge.Process.Signal(syscall.SIGTERM)
		_ = bridge.Wait()
	}()
	at := "http://127.0.0.1:" + strconv.Itoa(operations)
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		if status, _ := ask(t.Context(), at+"/readyz"); status == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			said, _ := os.ReadFile(log.Name())
			t.Fatalf("it does not become ready:\n%s", said)
		}
	}
	_, text := ask(t.Context(), at+"/metrics")
	return parsed(text)
}

func ask(ctx context.Context, url string) (status int, body string) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, err.Error()
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text)
}

// built is the binary as an operator has it.
func built(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "itsme-bridge")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/itsme-bridge")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// port is one that is free.
func port(t *testing.T) int {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func putCertificate(t *testing.T, folder string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(30 * 24 * time.Hour),
	}
	encoded, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(folder, "crt"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: encoded})))
	put(t, filepath.Join(folder, "key"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// sample is a line of /metrics: a name, its labels, a value; label is one of them.
var (
	sample = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? `)
	label  = regexp.MustCompile(`([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"`)
)

// parsed reads the text format. What a histogram is made of counts as the histogram.
func parsed(text string) map[string]metric {
	found, family := map[string]metric{}, ""
	for line := range strings.Lines(text) {
		words := strings.SplitN(strings.TrimSpace(line), " ", 4)
		switch {
		case len(words) == 4 && words[1] == "HELP":
			family = words[2]
			found[family] = metric{help: words[3], values: map[string]map[string]bool{}}
		case len(words) == 4 && words[1] == "TYPE":
			m := found[family]
			m.kind = words[3]
			found[family] = m
		default:
			parts := sample.FindStringSubmatch(line)
			if parts == nil || !strings.HasPrefix(parts[1], family) {
				continue
			}
			for _, l := range label.FindAllStringSubmatch(parts[2], -1) {
				if found[family].values[l[1]] == nil {
					found[family].values[l[1]] = map[string]bool{}
				}
				found[family].values[l[1]][l[2]] = true
			}
		}
	}
	return found
}

// labels are those of a metric, in their order.
func (m metric) labels() []string {
	var names []string
	for name := range m.values {
		if name != "le" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
