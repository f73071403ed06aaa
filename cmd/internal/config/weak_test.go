package config_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/config"
	. "itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/cmd/internal/config/document"
)

// doubted fails the test unless each row's configuration has the warnings that are wanted, a line each, and starts.
func doubted(t *testing.T, rows []difference) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var lines []string
			for _, p := range parse(t, Change(t, base, row.find, row.put)).Warnings() {
				line, _, _ := strings.Cut(strings.TrimPrefix(p.String(), "a.yaml:"), ";") // what is wrong, without what would be right
				lines = append(lines, line)
			}
			if got := strings.Join(lines, "\n"); got != row.want {
				t.Errorf("got\n%s\nwant\n%s", got, row.want)
			}
		})
	}
}

func TestNoLimits(t *testing.T) {
	limits := func(name, put, want string) difference {
		return difference{name, "clients:\n", "limits: {" + put + "}\nclients:\n", want}
	}
	const open = "15: limits.total: is 0, and per_address is, too, so that nothing stops whoever opens links by the thousand: each starts a transaction, which CM may bill"
	doubted(t, []difference{
		limits("none at all", "per_address: 0, per_client: 0, total: 0", open),
		limits("a click alone", "per_address: 0, total: 0", open),
		limits("in all", "per_address: 0, per_client: 0", ""),
		limits("of an address", "per_client: 0, total: 0", ""),
	})
	here := strings.NewReplacer("https://login.example.be", "http://127.0.0.1:8080", "0.0.0.0:8443", "127.0.0.1:8080").Replace(base)
	if c := parse(t, here+"limits: {per_address: 0, per_client: 0, total: 0}\n"); len(c.Warnings()) > 0 {
		t.Errorf("on this machine alone: %v", c.Warnings())
	}
}

func TestRedisForEverybody(t *testing.T) {
	const open = "redis.password: is missing, as is tls, and Redis is on another machine: whoever reaches it can throw every login and every signing key away, and bring back what was revoked"
	const clear = "redis.tls: Redis is on another machine and is spoken to in clear"
	const single, local = "  mode: single\n  addresses: [\"127.0.0.1:6379\"]\n", "127.0.0.1:6379"
	doubted(t, []difference{
		{"one", local, "redis:6379", "4: " + open},
		{"one by its address", local, "[fd00::7]:6379", "4: " + open},
		{"sentinels", single, "  mode: sentinel\n  master_name: main\n  addresses: ['a:26379', '127.0.0.1:26379']\n", "4: " + open},
		{"sentinels with a password of their own", single, "  mode: sentinel\n  master_name: main\n  sentinel_password: x\n  addresses: ['a:26379']\n", "4: " + open},
		{"a cluster", single, "  mode: cluster\n  addresses: ['127.0.0.1:6379', 'b:6379']\n", "4: " + open},
		{"a password", single, "  mode: single\n  addresses: ['redis:6379']\n  password: x\n", "4: " + clear},
		{"TLS", single, "  mode: single\n  addresses: ['redis:6379']\n  tls: {}\n", ""},
		{"on this machine", local, "localhost:6379", ""},
		{"by a socket", local, "/run/redis.sock", ""},
	})
}

func TestReachableBeyondReason(t *testing.T) {
	listed := func(name, put, holds string) difference {
		want := ""
		if holds != "" {
			want = `15: outbound.reachable[0]: "` + put + `" holds ` + holds + ": the names in jwks_uri, request_uris and backchannel_logout_uri may then lead the bridge there"
		}
		return difference{name, "clients:\n", "outbound: {reachable: ['" + put + "']}\nclients:\n", want}
	}
	doubted(t, []difference{
		listed("metadata", "169.254.169.254", "the metadata service of most clouds, which hands out credentials"),
		listed("around it", "169.254.0.0/16", "the metadata service of most clouds, which hands out credentials"),
		listed("link-local", "169.254.7.0/24", "link-local addresses"),
		listed("link-local of IPv6", "fe80::/10", "link-local addresses"),
		listed("loopback", "127.0.0.1", "this machine itself"),
		listed("loopback of IPv6", "::1", "this machine itself"),
		listed("another name of it", "0.0.0.0", "this machine itself"),
		listed("all that is private in IPv6", "fc00::/7", "the metadata service of AWS, which hands out credentials"),
		listed("a carrier's", "100.64.0.0/10", "the metadata service of Alibaba Cloud"),
		listed("of Azure", "168.63.129.16", "the platform's own address inside Azure"),
		listed("a private network", "10.0.0.0/8", ""),
		listed("a part of one", "fd12:3456::/48", ""),
	})
}

func TestProxiesBeyondReason(t *testing.T) {
	const find = "trusted_proxies: [10.0.0.0/8]"
	trusted := func(name, put string, warned bool) difference {
		want := ""
		if warned {
			want = `3: trusted_proxies[0]: "` + put + `" is more than anybody's proxies: whoever sends from there writes in X-Forwarded-For which address counts for limits.per_address`
		}
		return difference{name, find, "trusted_proxies: ['" + put + "']", want}
	}
	doubted(t, []difference{
		trusted("a large part of IPv6", "2000::/16", true),
		trusted("a provider's IPv6", "2a00::/24", true),
		trusted("a large part of IPv4", "8.0.0.0/8", true),
		trusted("more than a private network", "172.0.0.0/8", true),
		trusted("a private network", "10.0.0.0/8", false),
		trusted("the smaller one", "172.16.0.0/12", false),
		trusted("a delivery network's", "104.16.0.0/13", false),
		trusted("its IPv6", "2a06:98c0::/29", false),
		trusted("one address", "198.51.100.7", false),
	})
}

// guessed are secrets that are long and various enough, and that somebody has thought of.
func guessed() []string {
	return []string{
		"password1234password1234password1234", "Password!2026Password!2026Password!2026", "abcdefghijklmnopqrstuvwxyz0123456789",
		"zyxwvutsrqponmlkjihgfedcba9876543210", "secret-secret-secret-secret-123456", "changeme-changeme-secret-password-1234", "qwertyuiopasdfghjklzxcvbnm1234567890",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabcdefghijk",
		base64.StdEncoding.EncodeToString([]byte("password1234password1234passw0rd")), hex.EncodeToString([]byte("itsme-Bridge-Master-Secret-zyxwvuts")),
	}
}

func TestSecretsThatSomebodyHasThoughtOf(t *testing.T) {
	const said = "looks as if somebody had thought of it (words, repetitions, sequences), and whoever thinks of the same can use it"
	for _, secret := range guessed() {
		doubted(t, []difference{{"a client's " + secret, "${CLIENT_SECRET}", "'" + secret + "'", "19: clients[0].secret: " + said}})
	}
	for _, key := range []string{
		base64.StdEncoding.EncodeToString([]byte("password1234password1234passw0rd")),
		base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00\xf1\x9e\x03\x77\xa8\xb6\xc4\xd2\xee\x11", 3)[:32])),
	} {
		doubted(t, []difference{
			{"a master key " + key, "${MASTER_KEY}", "'" + key + "'", "8: master_key.current: " + said},
			{"one that is accepted " + key, "  current: ${MASTER_KEY}\n", "  current: ${MASTER_KEY}\n  accept: ['" + key + "']\n", "9: master_key.accept[0]: " + said},
		})
	}
	salt := guessed()[0]
	fingerprint := config.Fingerprint(document.NewSecret(salt))
	doubted(t, []difference{{
		"a salt", "  salt: ${SALT}\n  fingerprint: 76b2c85d07ca9801\n", "  salt: " + salt + "\n  fingerprint: " + fingerprint + "\n", "10: subjects.salt: " + said,
	}})
}

// What is random is never doubted, in whatever form.
func TestRandomSecretsAreNotDoubted(t *testing.T) {
	for range 300 {
		random := make([]byte, 32)
		_, _ = rand.Read(random)
		for _, secret := range []string{
			hex.EncodeToString(random), base64.StdEncoding.EncodeToString(random), base64.RawURLEncoding.EncodeToString(random), rand.Text() + rand.Text(),
		} {
			c, err := config.Parse("a.yaml", []byte(strings.Replace(base, "${CLIENT_SECRET}", "'"+secret+"'", 1)), Environment)
			if err != nil {
				t.Fatalf("%s: %v", secret, err)
			}
			for _, warning := range c.Warnings() {
				if strings.Contains(warning.Text, "thought of") {
					t.Fatalf("%s: %s", secret, warning)
				}
			}
		}
	}
}

// Where the clients are at home at several addresses, a page that knows none of them leads to the operator.
func TestNowhereToLead(t *testing.T) {
	const other = "\n  - id: other\n    name: The other\n    home: HOME\n    secret: ${CLIENT_SECRET}\n    redirect_uris: [\"https://other.example.be/callback\"]\n    scopes: [profile]\n"
	another := func(name, home, pages, want string) difference {
		return difference{name, "    scopes: [profile]\n", "    scopes: [profile]" + strings.Replace(other, "HOME", home, 1) + pages, want}
	}
	const open = "pages.home: is not set, and the clients are at home at several addresses: a page about a login that nobody knows any more has no link to go on by"
	const operator = "pages: {name: City of Example, home: https://www.example.be/}\n"
	doubted(t, []difference{
		another("two homes", "https://other.example.be/", "", "1: "+open),
		another("two homes, and an operator without one", "https://other.example.be/", "pages: {name: City of Example}\n", "28: "+open),
		another("two homes, and an operator", "https://other.example.be/", operator, ""),
		another("one home", "https://www.example.be/", "", ""),
	})
}
