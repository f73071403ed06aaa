//go:build products

package kubernetes_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/storage/storagetest"
)

// Where a pod has its files.
const (
	configFolder = "/etc/itsme-bridge"
	secretFolder = "/run/secrets/itsme-bridge"
)

// cluster is what the namespace of the variants holds: Secret → key → what is in it.
// The salt is that whose fingerprint the variants say.
func cluster(t *testing.T) map[string]map[string]string {
	t.Helper()
	const (
		masterKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
		salt      = "a-salt-of-the-tests-that-is-random-enough-0123456789"
		token     = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
	)
	certificate, key := pair(t)
	return map[string]map[string]string{
		"itsme-bridge": {
			"master-key": masterKey, "salt": salt, "cm-token": token, "redis-password": "a-password-of-redis",
			"next-master-key": "HjiVsX6gwLmIfAwxQge3ybea/KiusWug/umtvvIt18U=",
		},
		"redis":              {"password": "a-password-of-redis", "sentinel": "a-password-of-sentinels"},
		"clients":            {"other": "k7Qz-Xn2WmT9fRb4LcJ8vHs3GdP6yNaU-0"},
		"proxy":              {"cm-proxy": "http://user:word@10.9.0.1:3128"},
		"www-tls":            {"tls.crt": certificate, "tls.key": key},
		"vault-itsme-bridge": {"bridge-master-key-2026": masterKey, "bridge-salt": salt},
		"vault-shared":       {"cm-merchant-token": token, "redis": "a-password-of-redis", "rsa.pem": signingKey(t), "of-others": "nothing of ours"},
	}
}

func signingKey(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return encoded(t, key)
}

// pair is a certificate, and its key.
func pair(t *testing.T) (certificate, key string) {
	t.Helper()
	issued := storagetest.NewAuthority(t).Issue(t, "login.example.be")
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: issued.Certificate[0]})), encoded(t, issued.PrivateKey)
}

func encoded(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// pod is a container of a rendered chart with the files that the kubelet would put before it, in folders of the test.
type pod struct {
	container part
	config    string // folders
	secrets   string
}

// newPod lays the files of the volumes of the bridge's container where its mounts say.
func newPod(t *testing.T, r release, spec part) pod {
	t.Helper()
	p := pod{container: spec.sub("containers/0"), config: t.TempDir(), secrets: t.TempDir()}
	at := map[string]string{configFolder: p.config, secretFolder: p.secrets}
	for _, mount := range p.container.list("volumeMounts") {
		folder, name := at[mount.(part).text("mountPath")], mount.(part).text("name")
		volume := spec.sub("volumes/" + name)
		if volume == nil {
			t.Fatalf("no volume is called %s", name)
		}
		if mounted := volume.text("configMap/name"); mounted != "" {
			for key, text := range r.of(t, "ConfigMap", mounted).sub("data") {
				put(t, folder, key, strings.ReplaceAll(text.(string), secretFolder, p.secrets))
			}
		}
		for _, source := range volume.list("projected/sources") {
			secret := source.(part).sub("secret")
			keys, ok := cluster(t)[secret.text("name")]
			if !ok {
				t.Fatalf("there is no Secret %s", secret.text("name"))
			}
			project(t, folder, keys, secret.list("items"))
		}
	}
	return p
}

// project writes the keys of a Secret as files: all, or those that are listed under the names that they are given.
func project(t *testing.T, folder string, keys map[string]string, items []any) {
	t.Helper()
	if items == nil {
		for key, text := range keys {
			put(t, folder, key, text)
		}
	}
	for _, item := range items {
		key := item.(part).text("key")
		text, ok := keys[key]
		if !ok {
			t.Fatalf("the Secret has no key %s", key)
		}
		put(t, folder, item.(part).text("path"), text)
	}
}

func put(t *testing.T, folder, name, text string) {
	t.Helper()
	if strings.HasSuffix(name, "-ca.pem") {
		text, _ = pair(t) // any certificate
	}
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// args are those of the container, with the test's folders for the pod's.
func (p pod) args(more ...string) []string {
	var all []string
	for _, arg := range p.container.list("args") {
		all = append(all, strings.ReplaceAll(arg.(string), configFolder, p.config))
	}
	return append(all, more...)
}

// settings are the rendered config.yaml.
func (p pod) settings(t *testing.T) part {
	t.Helper()
	var s part
	if err := yaml.Unmarshal(read(t, filepath.Join(p.config, "config.yaml")), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// The real binary takes the rendered configuration with the mounted secrets, and has nothing to
// say against it. It is the pod of the helm test that runs check, from the same volumes.
func TestTheBridgeTakesTheConfigurationOfThePods(t *testing.T) {
	for _, file := range variants(t) {
		t.Run(file, func(t *testing.T) {
			r := render(t, "chart", file)
			for name, spec := range map[string]part{
				"bridge": r.of(t, "Deployment", "").sub("spec/template/spec"), "helm test": r.of(t, "Pod", "-check").sub("spec"),
			} {
				p := newPod(t, r, spec)
				args := p.args("--offline")
				args[0] = "check"
				out, err := exec.Command(e2e.Binary(t), args...).CombinedOutput()
				warnings, meant := strings.Count(string(out), "warning:"), 0
				if p.settings(t).get("redis/tls") == nil {
					meant = strings.Count(string(out), "redis.tls: Redis is on another machine and is spoken to in clear")
				}
				if err != nil || warnings != meant || strings.Contains(string(out), "unknown") {
					t.Errorf("%s: %v\n%s\n%s", name, err, out, read(t, filepath.Join(p.config, "config.yaml")))
				}
			}
			if got := fmt.Sprint(r.of(t, "Pod", "-check").get("spec/containers/0/args")); got != "[check --config /etc/itsme-bridge/config.yaml]" {
				t.Errorf("helm test runs %s", got)
			}
		})
	}
}
