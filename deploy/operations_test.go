//go:build products

// Package deploy_test follows the operators' guide.
package deploy_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/deploy/internal/guidetest"
	"itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

const operations = "OPERATIONS.md"

// chapters are those of the guide: what is there before its commands, and what must be true after them.
var chapters = []struct {
	name   string
	before func(*machine)
	after  func(*machine)
	secret func(*machine) string // of the application then; nil: nobody logs in
}{
	{"redis", nil, (*machine).leastRights, usual},
	{"redis-tls", (*machine).certificateOfRedis, (*machine).leastRights, usual},
	{"redis-sentinel", nil, (*machine).leastRights, usual},
	{"redis-cluster", (*machine).threeNodes, nil, usual},
	{"signing-keys", (*machine).running, func(m *machine) { m.keys("current", "next") }, usual},
	{"pem-keys", (*machine).pemKeys, (*machine).anotherKeySigns, usual},
	{"master-key", (*machine).revokedOnce, (*machine).sameSubject, usual},
	{"client-secret", (*machine).running, func(m *machine) { m.logsIn(providertest.AppSecret); m.logsIn(m.read("new-secret")) }, usual},
	{"client-secret-end", (*machine).twoSecrets, func(m *machine) { m.refused(providertest.AppSecret) }, secondSecret},
	{"cm-token", (*machine).merchantToken, nil, usual},
	{"redis-password", (*machine).redisUser, (*machine).oldPasswordIsRefused, usual},
	{"certificate", (*machine).tls, (*machine).servesTheNewCertificate, nil},
	{"upgrade", (*machine).running, (*machine).sameSubject, usual},
	{"look", (*machine).running, nil, usual},
	{"key-leaked", (*machine).running, func(m *machine) { m.keys("current", "revoked") }, usual},
	{"revoke-all", (*machine).running, (*machine).tokenIsDead, usual},
	{"client-leaked", (*machine).running, func(m *machine) { m.tokenIsDead(); m.refused(providertest.AppSecret) }, newSecret},
}

// Every command of the guide is run, in order, by who has done what stands before it; and people log in then.
func TestTheGuideIsTrue(t *testing.T) {
	var names []string
	for _, c := range chapters {
		names = append(names, c.name)
	}
	if there := guidetest.Chapters(t, operations); !slices.Equal(there, names) {
		t.Fatalf("the guide has the chapters %q, and tested are %q", there, names)
	}
	for _, c := range chapters {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t)
			if c.before != nil {
				c.before(m)
			}
			guidetest.Follow(t, operations, c.name, m.place())
			if c.after != nil {
				c.after(m)
			}
			if c.secret != nil {
				m.logsIn(c.secret(m))
			}
		})
	}
}

func usual(*machine) string { return providertest.AppSecret }

func newSecret(m *machine) string { return m.read("new-secret") }

// secondSecret is what the file held that the guide has deleted.
func secondSecret(m *machine) string { return m.secret }

// running starts the bridge on a plain Redis, and logs somebody in.
func (m *machine) running() {
	m.set("redis: {addresses: ['" + storagetest.ServeOnPort(m.t) + "']}")
	m.restart()
	m.subject, m.token = m.logsIn(providertest.AppSecret)
}

// revokedOnce has every kind of record that is sealed with the master key alone.
func (m *machine) revokedOnce() {
	m.running()
	m.bridge("revoke", "--client", "app")
	m.tokenIsDead()
}

// leastRights: the guide's user of Redis may do what the bridge needs, and not read what others keep there.
func (m *machine) leastRights() {
	m.t.Helper()
	args := []string{"-p", m.redisPorts[0], "--no-auth-warning", "--user", "itsme-bridge", "--pass", m.read("redis-password")}
	if _, err := os.Stat(m.file("redis.crt")); err == nil {
		args = append(args, "--tls", "--insecure")
	}
	for _, command := range []string{"GET of-others", "FLUSHALL", "ACL LIST", "CONFIG SET maxmemory 1"} {
		out, _ := exec.Command("redis-cli", append(args, strings.Fields(command)...)...).CombinedOutput()
		if !strings.Contains(string(out), "NOPERM") {
			m.t.Errorf("%s: %s", command, out)
		}
	}
}

func (m *machine) certificateOfRedis() {
	authority := storagetest.NewAuthority(m.t)
	m.issue(authority, "redis.crt", "redis.key")
	m.write("ca.pem", authority.PEM())
}

// keys fails the test unless there are keys in these states.
func (m *machine) keys(states ...string) {
	m.t.Helper()
	var list struct{ Keys []struct{ State string } }
	out := m.bridge("keys", "list", "--json")
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		m.t.Fatal(err)
	}
	for _, state := range states {
		if !slices.ContainsFunc(list.Keys, func(k struct{ State string }) bool { return k.State == state }) {
			m.t.Errorf("no key is %s:\n%s", state, out)
		}
	}
}

func (m *machine) pemKeys() {
	m.shell("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out signing.pem && chmod 600 signing.pem")
	m.set("keys: {source: pem, files: [signing.pem]}")
	m.running()
	m.kid = m.signedBy()
}

func (m *machine) anotherKeySigns() {
	m.t.Helper()
	if kid := m.signedBy(); kid == m.kid || kid == "" {
		m.t.Errorf("%q signed before, and %q signs now", m.kid, kid)
	}
}

// sameSubject: the person is who he was.
func (m *machine) sameSubject() {
	m.t.Helper()
	if subject, _ := m.logsIn(providertest.AppSecret); subject != m.subject {
		m.t.Errorf("the person was %s, and is %s", m.subject, subject)
	}
}

// twoSecrets is where the chapter before ends, and the application uses the new one.
func (m *machine) twoSecrets() {
	m.running()
	guidetest.Follow(m.t, operations, "client-secret", m.place())
	m.secret = m.read("new-secret")
}

// refused: a secret does not count any more.
func (m *machine) refused(secret string) {
	m.t.Helper()
	code := m.people.Login(nil).Get("code")
	if answer := m.exchange(code, secret); answer.Status != 401 {
		m.t.Errorf("the old secret is taken: %d %s", answer.Status, answer.Body)
	}
}

func (m *machine) merchantToken() {
	m.running()
	if err := os.WriteFile(m.file("merchant-token"), []byte(m.read("cm-token")), 0o600); err != nil {
		m.t.Fatal(err)
	}
	m.write("cm-token", []byte("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9")) // which CM takes no more
}

// redisUser is a Redis that lets the bridge in by a password.
func (m *machine) redisUser() {
	const old = "a-password-that-redis-had-until-now"
	m.write("redis-password", []byte(old))
	m.write("redis.conf", []byte("port "+m.redisPorts[0]+"\nmaxmemory-policy noeviction\nuser itsme-bridge on >"+old+
		" ~itsme-bridge:* +@read +@write +@scripting +@connection -@dangerous +select\n"))
	m.must(m.control("restart redis-server"))
	m.set("redis: {addresses: ['127.0.0.1:" + m.redisPorts[0] + "'], username: itsme-bridge, password_file: redis-password}")
	m.restart()
	m.subject, m.token = m.logsIn(providertest.AppSecret)
}

func (m *machine) oldPasswordIsRefused() {
	m.t.Helper()
	out, _ := exec.Command("redis-cli", "-p", m.redisPorts[0], "--no-auth-warning", "--user", "itsme-bridge", "--pass",
		"a-password-that-redis-had-until-now", "PING").CombinedOutput()
	if !strings.Contains(string(out), "WRONGPASS") {
		m.t.Errorf("with the old password: %s", out)
	}
}

// tls gives the bridge a certificate; the next one is in /root.
func (m *machine) tls() {
	m.authority = storagetest.NewAuthority(m.t)
	m.issue(m.authority, "tls.crt", "tls.key")
	m.issue(m.authority, "new.crt", "new.key")
	m.set("issuer: https://" + m.address + "\ntls: {cert_file: tls.crt, key_file: tls.key}\nredis: {addresses: ['" + storagetest.ServeOnPort(m.t) + "']}")
	m.restart()
}

func (m *machine) servesTheNewCertificate() {
	m.t.Helper()
	if served := m.served(); served != m.read("new.crt") {
		m.t.Error("the old certificate is served")
	}
}

// tokenIsDead: what was issued before opens nothing.
func (m *machine) tokenIsDead() {
	m.t.Helper()
	status := 0
	for range 100 { // the bridge follows within 5 s
		if status = m.people.UserInfo(m.token).Status; status == 401 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	m.t.Errorf("a token of before is taken: %d", status)
}

func (m *machine) file(name string) string { return filepath.Join(m.folder, name) }
