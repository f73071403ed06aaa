//go:build products

package deploy_test

import (
	"bufio"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/deploy/internal/guidetest"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

// machine is where the guide is followed: its folder is /etc/itsme-bridge, /etc/redis and /root in one, and its
// systemctl asks the test to run what a unit would.
type machine struct {
	t          *testing.T
	folder     string
	commands   string // that this machine has and that of the test has not
	address    string // of the bridge
	health     string // host:port of its operations listener
	redisPorts []string
	sentinel   string
	cm         *sandbox.TestServer
	people     *providertest.Server
	units      map[string]*e2e.Process
	authority  *storagetest.Authority // of its certificate, if it has one

	subject, token, kid, secret string // of what was before
}

// systemctl hands its words to the test, and waits for what it says.
const systemctl = `#!/bin/sh
echo "$*" > FOLDER/ask
read -r answer < FOLDER/answer
[ "$answer" = done ] || { echo "systemctl $*: $answer" >&2; exit 1; }`

const journalctl = `#!/bin/sh
cat FOLDER/journal`

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{
		t: t, folder: t.TempDir(), commands: t.TempDir(), units: map[string]*e2e.Process{},
		address: "127.0.0.1:" + e2e.Port(t), health: "127.0.0.1:" + e2e.Port(t), redisPorts: []string{e2e.Port(t)}, sentinel: e2e.Port(t),
		cm: sandbox.NewServer(t, sandbox.Options{Now: time.Now}),
	}
	m.people = &providertest.Server{T: t, Issuer: "http://" + m.address, Sandbox: m.cm}
	for name, text := range map[string]string{"systemctl": systemctl, "journalctl": journalctl} {
		if err := os.WriteFile(filepath.Join(m.commands, name), []byte(strings.ReplaceAll(text, "FOLDER", m.commands)), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	m.must(os.WriteFile(filepath.Join(m.commands, "journal"), nil, 0o600))
	for _, name := range []string{"ask", "answer"} {
		m.must(syscall.Mkfifo(filepath.Join(m.commands, name), 0o600))
	}
	go m.serve()
	t.Cleanup(func() {
		for _, unit := range m.units {
			unit.End()
		}
	})
	init := exec.Command(e2e.Binary(t), "init", "--dir", m.folder, "--issuer", m.people.Issuer, "--listen", m.address,
		"--operations", m.health, "--itsme", m.cm.URL+"/itsme/v1/", "--token-stdin")
	init.Stdin = strings.NewReader(sandbox.MerchantToken)
	if out, err := init.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	m.set(fmt.Sprintf(`
timeouts: {drain_delay: 0s}
clients:
  - id: app
    name: The app
    home: https://app.example/
    secret_hash: sha256:%x
    redirect_uris: ["https://app.example/callback"]
    scopes: [profile, email, phone, address]
`, sha256.Sum256([]byte(providertest.AppSecret))))
	return m
}

// serve is the other side of systemctl.
func (m *machine) serve() {
	ask, err := os.OpenFile(filepath.Join(m.commands, "ask"), os.O_RDWR, 0) // so that it never ends
	if err != nil {
		return
	}
	defer ask.Close()
	for asked := bufio.NewScanner(ask); asked.Scan(); {
		said := "done"
		if err := m.control(asked.Text()); err != nil {
			said = strings.ReplaceAll(err.Error(), "\n", " | ")
		}
		if err := os.WriteFile(filepath.Join(m.commands, "answer"), []byte(said+"\n"), 0o600); err != nil {
			return
		}
	}
}

// control does what systemctl would: it is done when the unit is ready.
func (m *machine) control(words string) error {
	switch words {
	case "restart itsme-bridge":
		if old := m.units["itsme-bridge"]; old != nil {
			if err := old.Stop(time.Minute); err != nil {
				return err
			}
		}
		if err := m.launch("itsme-bridge", e2e.Binary(m.t), "serve", "--config", m.file("config.yaml")); err != nil {
			return err
		}
		return m.units["itsme-bridge"].Answers("http://" + m.health + "/readyz")
	case "reload itsme-bridge":
		return m.reload()
	case "restart redis-server":
		for _, port := range m.redisPorts {
			if err := m.startRedis(port); err != nil {
				return err
			}
		}
		return nil
	case "restart redis-sentinel":
		if err := m.launch("redis-sentinel", "redis-server", m.file("sentinel.conf"), "--sentinel", "--port", m.sentinel); err != nil {
			return err
		}
		return m.accepts(m.sentinel)
	}
	return fmt.Errorf("this machine does not know %q", words)
}

func (m *machine) launch(unit, program string, args ...string) error {
	command := exec.Command(program, args...)
	command.Dir = m.t.TempDir()
	process, err := e2e.Launch(unit, command)
	if err == nil {
		m.units[unit] = process
	}
	return err
}

func (m *machine) startRedis(port string) error {
	args := []string{m.file("redis.conf"), "--bind", "127.0.0.1"}
	if len(m.redisPorts) > 1 {
		args = append(args, "--port", port)
	}
	if err := m.launch("redis-server "+port, "redis-server", args...); err != nil {
		return err
	}
	return m.accepts(port)
}

// accepts waits until somebody listens at a port.
func (m *machine) accepts(port string) error {
	for range 200 {
		if connection, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			return connection.Close()
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("nobody listens at %s", port)
}

func (m *machine) reload() error {
	p := m.units["itsme-bridge"]
	before := strings.Count(p.Said(), `"configuration re`)
	if err := p.Signal(syscall.SIGHUP); err != nil {
		return err
	}
	for range 100 {
		if said := p.Said(); strings.Count(said, `"configuration re`) > before {
			if strings.Contains(said[strings.LastIndex(said, `"configuration re`):], "refused") {
				return fmt.Errorf("%s", said[strings.LastIndex(said, `"configuration re`):])
			}
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("it does not say that it has reloaded")
}

// place is this machine as the guide speaks of it.
func (m *machine) place() guidetest.Place {
	hosts := []string{"26379", m.sentinel, "127.0.0.1:9090", m.health, "/etc/redis/", m.folder + "/", "/root/", m.folder + "/"}
	for i, port := range m.redisPorts {
		name := fmt.Sprintf("redis-%d.example.be", i+1)
		hosts = append(hosts, name+":6379", "127.0.0.1:"+port, name, "127.0.0.1")
	}
	hosts = append(hosts, "sentinel-1.example.be", "127.0.0.1", "6379", m.redisPorts[0])
	return guidetest.Place{
		Folder: m.folder, Path: []string{m.commands, filepath.Dir(e2e.Binary(m.t))}, Env: []string{"ITSME_BRIDGE_CONFIG=" + m.file("config.yaml")},
		Replace: strings.NewReplacer(hosts...),
	}
}

func (m *machine) threeNodes() {
	m.redisPorts = []string{clusterPort(m.t), clusterPort(m.t), clusterPort(m.t)}
}

// clusterPort is a port whose bus, 10000 above, is a port as well.
func clusterPort(t *testing.T) string {
	t.Helper()
	for range 100 {
		if port := e2e.Port(t); len(port) < 5 || port < "55000" {
			return port
		}
	}
	t.Fatal("no port for a node of a Cluster")
	return ""
}

// set changes config.yaml.
func (m *machine) set(change string) {
	m.t.Helper()
	guidetest.Configure(m.t, m.file("config.yaml"), change)
}

func (m *machine) restart() { m.t.Helper(); m.must(m.control("restart itsme-bridge")) }

func (m *machine) must(err error) {
	if err != nil {
		m.t.Helper()
		m.t.Fatal(err)
	}
}

func (m *machine) read(name string) string {
	m.t.Helper()
	text, err := os.ReadFile(m.file(name))
	m.must(err)
	return string(text)
}

func (m *machine) write(name string, text []byte) {
	m.t.Helper()
	m.must(os.WriteFile(m.file(name), text, 0o600))
}

func (m *machine) shell(script string) {
	m.t.Helper()
	command := exec.Command("sh", "-euc", script)
	command.Dir = m.folder
	if out, err := command.CombinedOutput(); err != nil {
		m.t.Fatalf("%v\n%s", err, out)
	}
}

// bridge runs a command of the bridge.
func (m *machine) bridge(args ...string) string {
	m.t.Helper()
	out, err := exec.Command(e2e.Binary(m.t), append(args, "--config", m.file("config.yaml"))...).Output()
	m.must(err)
	return string(out)
}

// logsIn logs a person in to the application, which has this secret.
func (m *machine) logsIn(secret string) (subject, accessToken string) {
	m.t.Helper()
	answer := m.exchange(m.people.Login(nil).Get("code"), secret)
	answer.Wants(m.t, http.StatusOK, "")
	var tokens struct {
		AccessToken string `json:"access_token"`
	}
	m.must(json.Unmarshal([]byte(answer.Body), &tokens))
	var person struct{ Sub string }
	m.must(json.Unmarshal([]byte(m.people.UserInfo(tokens.AccessToken).Body), &person))
	if person.Sub == "" {
		m.t.Error("nobody has logged in")
	}
	return person.Sub, tokens.AccessToken
}

func (m *machine) exchange(code, secret string) *providertest.Answer {
	m.t.Helper()
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {providertest.Callback}, "code_verifier": {providertest.Verifier}}
	answer, err := m.people.Call("/token", form, func(r *http.Request) { r.SetBasicAuth(providertest.App, secret) })
	m.must(err)
	return answer
}

// signedBy is the kid of the key that signs.
func (m *machine) signedBy() string {
	m.t.Helper()
	var tokens struct {
		IDToken string `json:"id_token"`
	}
	m.must(json.Unmarshal([]byte(m.exchange(m.people.Login(nil).Get("code"), providertest.AppSecret).Body), &tokens))
	head, _, _ := strings.Cut(tokens.IDToken, ".")
	text, err := base64.RawURLEncoding.DecodeString(head)
	m.must(err)
	var header struct{ Kid string }
	m.must(json.Unmarshal(text, &header))
	return header.Kid
}

// issue writes a certificate for this machine and its key.
func (m *machine) issue(authority *storagetest.Authority, certificate, key string) {
	m.t.Helper()
	issued := authority.Issue(m.t, "127.0.0.1")
	der, err := x509.MarshalPKCS8PrivateKey(issued.PrivateKey)
	m.must(err)
	m.write(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: issued.Certificate[0]}))
	m.write(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// served is the certificate that the bridge shows.
func (m *machine) served() string {
	m.t.Helper()
	connection, err := tls.Dial("tcp", m.address, &tls.Config{RootCAs: m.authority.Pool(), ServerName: "127.0.0.1"})
	m.must(err)
	defer connection.Close()
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: connection.ConnectionState().PeerCertificates[0].Raw}))
}
