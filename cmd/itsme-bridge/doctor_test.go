package main_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	main "itsme-bridge/cmd/itsme-bridge"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/storage/storagetest"
)

// secretive is a configuration with a secret in each place that has one.
const secretive = `
issuer: http://%[1]s
listen: %[1]s
operations: {listen: "%[2]s"}
log: {level: debug}
timeouts: {drain_delay: 0s}
itsme: {url: "%[3]s", token: 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9}
redis: {mode: single, addresses: ["%[4]s"], username: bridge, password: redis-password-of-the-test-8c1f}
master_key: {current: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=, accept: [ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=]}
subjects: {salt: a-salt-of-the-tests-that-is-random-enough-0123456789, fingerprint: 76b2c85d07ca9801}
clients:
  - {id: example, name: A, home: "https://a.example/", secret: client-secret-of-the-test-0d9c2b7a41, redirect_uris: ["https://a.example/"],
     scopes: [], itsme_token: 9f8e7d6c-5b4a-3928-1706-f5e4d3c2b1a0, jwks_uri: "http://127.0.0.1:1/jwks-path-5e1f", request_uris: ["http://127.0.0.1:1/requests-path-77aa"]}
`

// Whatever doctor sees, it says no secret, and neither does the bridge that it asks.
func TestDoctorSaysNoSecret(t *testing.T) {
	cm := sandbox.NewServer(t)
	socket := storagetest.Serve(t, strings.Fields("--user bridge on >redis-password-of-the-test-8c1f ~itsme-bridge:* +@all")...)
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, secretive, free(t), free(t), cm.URL, socket), 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	look := func() {
		for _, more := range [][]string{{}, {"--json"}} {
			args := append([]string{"doctor", "--transaction", "--config", file}, more...)
			if code := main.Run(t.Context(), args, strings.NewReader(""), &said, &said, none); code != 0 {
				t.Errorf("exit code %d\n%s", code, said.String())
			}
		}
	}
	look() // before the first start
	d, err := begin(filepath.Dir(file), nil, "serve", "--config", file)
	if err != nil {
		t.Fatal(err)
	}
	defer d.kill()
	if err := d.await(`"msg":"serving"`); err != nil {
		t.Fatal(err)
	}
	look()
	if err := os.WriteFile(file, fmt.Appendf(nil, strings.ReplaceAll(secretive, "redis-password", "wrong-password"), free(t), free(t), cm.URL, socket), 0o600); err != nil {
		t.Fatal(err)
	}
	if code := main.Run(t.Context(), []string{"doctor", "--config", file}, strings.NewReader(""), &said, &said, none); code != 1 {
		t.Errorf("a wrong password: exit code %d", code)
	}
	d.kill()
	for line := range d.lines {
		said.WriteString(line + "\n")
	}
	said.WriteString(d.said.String())
	secrets := []string{
		"redis-password-of-the-test-8c1f", "wrong-password-of-the-test-8c1f", "AAECAwQFBgcICQoL", "ICEiIyQlJicoKSor", "a-salt-of-the-tests", "0a1b2c3d-4e5f",
		"9f8e7d6c-5b4a", "client-secret-of-the-test", "jwks-path-5e1f", "requests-path-77aa",
	}
	for _, transaction := range cm.Transactions() {
		secrets = append(secrets, transaction.Token)
	}
	for _, secret := range secrets {
		if strings.Contains(said.String(), secret) {
			t.Errorf("%s is said", secret)
		}
	}
	if len(secrets) != 14 || !strings.Contains(said.String(), "started a transaction") || !strings.Contains(said.String(), `"route"`) {
		t.Errorf("%d secrets were looked for in\n%s", len(secrets), said.String())
	}
}

// The commands of the guide do what they say, without the words by which each
// environment brings somebody to where the bridge runs.
func TestTheCommandsOfTheDoctorsGuide(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yaml")
	text := fmt.Sprintf(exemplary, free(t), free(t), sandbox.NewServer(t).URL, storagetest.ServeOnPort(t))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := 0
	for _, block := range fencesOf(doctorGuide(t)) {
		if block.info != "sh" {
			continue
		}
		for line := range strings.Lines(block.text) {
			_, args, ok := strings.Cut(line, "itsme-bridge doctor ")
			args, _, _ = strings.Cut(args, "#")
			if !ok || !strings.Contains(args, "/etc/itsme-bridge/config.yaml") {
				t.Errorf("no call of doctor: %s", line)
				continue
			}
			c := exec.CommandContext(t.Context(), self)
			c.Args = append([]string{name, "doctor"}, strings.Fields(strings.Replace(args, "/etc/itsme-bridge/config.yaml", file, 1))...)
			if said, err := c.CombinedOutput(); err != nil {
				t.Errorf("%s%v\n%s", line, err, said)
			}
			run++
		}
	}
	if run != 7 {
		t.Errorf("%d commands", run)
	}
}
