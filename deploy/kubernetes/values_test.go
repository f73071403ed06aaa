//go:build products

package kubernetes_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A value that is wrong installs nothing, and is named. What is in a secret is not repeated.
func TestWrongValuesAreNamed(t *testing.T) {
	const secret = "sEcReT-word-that-nobody-may-read-0123456789"
	for _, row := range []struct{ name, values, want string }{
		{"a key that nobody knows", "replica: 3", "additional properties 'replica' not allowed"},
		{"a setting that nobody knows", "config: {lifetimes: {acess_token: 5m}}", "additional properties 'acess_token' not allowed"},
		{"a setting of a client that nobody knows", "config: {clients: [{id: a, name: A, home: 'https://a.example/', redirect_uris: [], scopes: [], colour: red}]}", "at '/config/clients/0': additional properties 'colour' not allowed"},
		{"no file of the master key", "config: {master_key: {current_file: null}}", "at '/config/master_key': missing property 'current_file'"},
		{"a master key", "config: {master_key: {current: " + secret + "}}", "at '/config/master_key': additional properties 'current' not allowed"},
		{"another master key", "config: {master_key: {accept: [" + secret + "]}}", "at '/config/master_key': additional properties 'accept' not allowed"},
		{"a salt", "config: {subjects: {salt: " + secret + "}}", "at '/config/subjects': additional properties 'salt' not allowed"},
		{"a merchant token", "config: {itsme: {token: " + secret + "}}", "at '/config/itsme': additional properties 'token' not allowed"},
		{"a proxy, which may have a password", "config: {itsme: {proxy: 'http://a:" + secret + "@proxy'}}", "at '/config/itsme': additional properties 'proxy' not allowed"},
		{"a password of Redis", "config: {redis: {password: " + secret + "}}", "at '/config/redis': additional properties 'password' not allowed"},
		{"a password of sentinels", "config: {redis: {sentinel_password: " + secret + "}}", "at '/config/redis': additional properties 'sentinel_password' not allowed"},
		{"a client's secret", "config: {clients: [{id: a, name: A, home: 'https://a.example/', redirect_uris: [], scopes: [], secret: " + secret + "}]}", "at '/config/clients/0': additional properties 'secret' not allowed"},
		{"a client's token", "config: {clients: [{id: a, name: A, home: 'https://a.example/', redirect_uris: [], scopes: [], itsme_token: " + secret + "}]}", "at '/config/clients/0': additional properties 'itsme_token' not allowed"},
		{"what is in a Secret", "secrets: [{name: a, data: {salt: " + secret + "}}]", "at '/secrets/0': additional properties 'data' not allowed"},
		{"no Secret", "secrets: []", "at '/secrets': minItems: got 0, want 1"},
		{"a file outside of its folder", "secrets: [{name: a, items: [{key: a, path: ../../etc/a}]}]", "at '/secrets/0/items/0/path': '../../etc/a' does not match pattern"},
		{"a policy that lets everybody in", "networkPolicy: {public: []}", "at '/networkPolicy/public': minItems: got 0, want 1"},
		{"no pods", "replicas: 0", "at '/replicas': minimum: got 0, want 1"},
		{"a digest that is none", "image: {digest: latest}", "at '/image/digest': 'latest' does not match pattern"},
		{"no limit of memory", "resources: {limits: {memory: null}}", "at '/resources/limits': missing property 'memory'"},
		{"memory in words", "resources: {limits: {memory: much}}", "at '/resources/limits/memory': 'much' does not match pattern"},
		{"a route from nowhere", "httpRoute: {enabled: true}", "at '/httpRoute/parentRefs': minItems: got 0, want 1"},
		{"no operations listener", "config: {operations: {listen: 'off'}}", `config.operations.listen is "off": write such as 0.0.0.0:9090, since the probes ask there`},
		{"one that probes do not reach", "config: {operations: {listen: 127.0.0.1:9090}}", `config.operations.listen is "127.0.0.1:9090": write such as`},
		{"one on IPv6's loopback", "config: {operations: {listen: '[::1]:9090'}}", `config.operations.listen is "[::1]:9090": write such as`},
		{"no port", "config: {listen: localhost}", `config.listen is "localhost": write such as 0.0.0.0:8080`},
		{"a listener that the Service does not reach", "config: {listen: 127.0.0.1:8080}", `config.listen is "127.0.0.1:8080": write such as 0.0.0.0:8080`},
		{"a time from the environment", "config: {timeouts: {drain: '${DRAIN}'}}", `config.timeouts.drain is "${DRAIN}": write a time such as 30s or 5m, since terminationGracePeriodSeconds is made of it`},
		{"another config.yaml", "files: {config.yaml: 'a: b'}", "files: config.yaml is made of config; give this one another name"},
	} {
		t.Run(row.name, func(t *testing.T) {
			more := filepath.Join(t.TempDir(), "more.yaml")
			if err := os.WriteFile(more, []byte(row.values+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			out, complaint := helm(t, "template", "--values", "testdata/minimal.yaml", "--values", more, "bridge", "chart")
			if out != "" || !strings.Contains(complaint, row.want) {
				t.Errorf("it says %q; want %q", complaint, row.want)
			}
			if strings.Contains(complaint, secret) {
				t.Errorf("it repeats a secret: %s", complaint)
			}
		})
	}
}

// Who says nothing is told all that must be said.
func TestMissingValuesAreNamed(t *testing.T) {
	_, complaint := helm(t, "template", "bridge", "chart")
	for _, want := range []string{
		"at '/config': missing properties 'issuer', 'trusted_proxies'", "at '/config/redis': missing property 'addresses'",
		"at '/config/subjects': missing property 'fingerprint'",
	} {
		if !strings.Contains(complaint, want) {
			t.Errorf("it does not say %q:\n%s", want, complaint)
		}
	}
}
