package config_test

import (
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/config"
	. "itsme-bridge/cmd/internal/config/configtest"
)

func TestTheBaseIsFine(t *testing.T) {
	if c := parse(t, base); len(c.Warnings()) != 0 {
		t.Error(c.Warnings())
	}
}

// difference is one thing in the base that is written otherwise, and what is said of it.
type difference struct{ name, find, put, want string }

func refused(t *testing.T, rows []difference) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := config.Parse("a.yaml", []byte(Change(t, base, row.find, row.put)), Environment)
			if got := Problems(t, err); got != row.want {
				t.Errorf("got\n%s\nwant\n%s", got, row.want)
			}
		})
	}
}

func TestIssuer(t *testing.T) {
	const find = "issuer: https://login.example.be\n"
	issuer := func(name, put, want string) difference {
		return difference{name, find, "issuer: " + put + "\n", "1: issuer: " + want}
	}
	refused(t, []difference{
		{"missing", find, "", "1: issuer: is missing; write the URL that clients know this bridge by, such as https://login.example.be"},
		issuer("a slash at the end", "https://login.example.be/", "ends in a slash, and clients compare it character by character; write it without"),
		issuer("a query", "https://login.example.be?", "holds a query; write it without ?…"),
		issuer("a fragment", "https://login.example.be#", "holds a fragment; write it without #…"),
		issuer("a password", "https://me:secret@login.example.be", "holds a user name or a password; write it without"),
		issuer("http", "http://login.example.be", "is http, and only loopback may be; write https://"),
		issuer("http on another machine's address", "http://192.0.2.1", "is http, and only loopback may be; write https://"),
		issuer("http on a name like loopback's", "http://localhost.example.be", "is http, and only loopback may be; write https://"),
		issuer("another scheme", "ftp://login.example.be", "is neither https nor http; write https://"),
		issuer("no scheme", "login.example.be", "is not an absolute URL; write it with https://"),
		issuer("no host", "https:///path", "has no host; write https://, a host and a path"),
		issuer("no host, opaque", "https:login.example.be", "has no host; write https://, a host and a path"),
		issuer("capital letters", "https://Login.example.be", "has capital letters in its host; write small ones"),
		issuer("the usual port", "https://login.example.be:443", "names the usual port; write it without"),
		issuer("a colon", "'https://login.example.be:'", "ends in a colon; write a port, or none"),
		issuer("a path that a router reads", "https://login.example.be/:id", "has a path with other characters than letters, digits and -._~; write a plainer one"),
		issuer("a path that goes up", "https://login.example.be/a/..", "has a path with other characters than letters, digits and -._~; write a plainer one"),
		issuer("a space", "'https://login.example.be/a b'", "is not a URL; write one such as https://www.example.be/, with %20 for a space"),
		issuer("a backslash", `'https://login.example.be\a'`, "is not a URL; write one such as https://www.example.be/, with %20 for a space"),
	})
}

func TestServer(t *testing.T) {
	const listen = "listen: 0.0.0.0:8443\n"
	const proxies = "trusted_proxies: [10.0.0.0/8]\n"
	refused(t, []difference{
		{"no listener", listen, "", "1: listen: is missing; write host:port, such as 127.0.0.1:8080 behind a proxy on this machine, or 0.0.0.0:8080"},
		{"no port", listen, "listen: 0.0.0.0\n", `2: listen: "0.0.0.0" is not host:port; write such as 127.0.0.1:8080, or 0.0.0.0:8080 for every address`},
		{"any port", listen, "listen: 0.0.0.0:0\n", `2: listen: "0.0.0.0:0" is not host:port; write such as 127.0.0.1:8080, or 0.0.0.0:8080 for every address`},
		{"a name", listen, "listen: login.example.be:443\n", `2: listen: "login.example.be:443" does not begin with an IP address; write one, or localhost`},
		{"trusted proxies are not said", proxies, "", "1: trusted_proxies: is missing, and the listener is not on loopback; " +
			"list the proxies whose X-Forwarded-For counts, such as [10.0.0.0/8], or write [] if there is none"},
		{"everybody is trusted", proxies, "trusted_proxies: [0.0.0.0/0]\n", `3: trusted_proxies[0]: "0.0.0.0/0" trusts everybody, so that anybody could choose his address; write the proxies' own`},
		{"everybody is trusted, version 6", proxies, "trusted_proxies: [10.0.0.1, '::/0']\n", `3: trusted_proxies[1]: "::/0" trusts everybody, so that anybody could choose his address; write the proxies' own`},
		{"half of everybody", proxies, "trusted_proxies: [0.0.0.0/1, 128.0.0.0/1]\n", `3: trusted_proxies[0]: "0.0.0.0/1" trusts everybody, so that anybody could choose his address; write the proxies' own
3: trusted_proxies[1]: "128.0.0.0/1" trusts everybody, so that anybody could choose his address; write the proxies' own`},
		{"everybody, in other clothes", proxies, "trusted_proxies: ['::ffff:0:0/96']\n", `3: trusted_proxies[0]: "::ffff:0:0/96" is an IPv4 range in IPv6's clothes; write it as IPv4`},
		{"a proxy by name", proxies, "trusted_proxies: [proxy]\n", `3: trusted_proxies[0]: "proxy" is neither an IP address nor a range; write such as 10.0.0.7 or 10.0.0.0/8`},
		{"half a certificate", proxies, proxies + "tls: {cert_file: /nowhere}\n", `4: tls.key_file: is missing; write the path of the certificate's private key
4: tls.cert_file: there is no file "/nowhere"; write its path, from the folder of this file or from /`},
		{"an empty tls", proxies, proxies + "tls: {}\n", `4: tls.cert_file: is missing; write the path of the certificate, with those between it and the root
4: tls.key_file: is missing; write the path of the certificate's private key`},
		{
			"no certificate in it", proxies, proxies + "tls: {cert_file: config.go, key_file: config.go}\n",
			"4: tls.cert_file: cannot be used with its key_file (tls: failed to find any PEM data in certificate input); write a PEM certificate and the private key that belongs to it",
		},
		{"operations on the public address", proxies, proxies + "operations: {listen: '0.0.0.0:8443'}\n", "4: operations.listen: is the address of the public listener; write another, or off"},
		{"operations nowhere", proxies, proxies + "operations: {listen: none}\n", `4: operations.listen: "none" is not host:port; write such as 127.0.0.1:8080, or 0.0.0.0:8080 for every address`},
		{"a level", proxies, proxies + "log: {level: trace}\n", `4: log.level: is "trace"; write debug, info, warn or error`},
		{"an audit stream to nowhere", proxies, proxies + "audit: {to: nowhere/audit.log}\n", `4: audit.to: there is no folder for "nowhere/audit.log"; make it, or name a file in another`},
		{"an audit stream to a folder", proxies, proxies + "audit: {to: .}\n", `4: audit.to: "." is not a file; name one`},
		{"a format", proxies, proxies + "log: {format: xml}\n", `4: log.format: is "xml"; write json or text`},
		{"no time for a return", proxies, proxies + "timeouts: {write: 15s}\n", "4: timeouts.write: 15s is not longer than lifetimes.lease (15s), so that a return could be cut off; write more"},
		{"no time to drain", proxies, proxies + "timeouts: {drain: 15s}\n", "4: timeouts.drain: 15s is not longer than lifetimes.lease (15s), so that an identity could be lost; write more"},
		{"no time at all", proxies, proxies + "timeouts: {read_header: 0s}\n", "4: timeouts.read_header: 0s is too short; at least 1s"},
	})
}

func TestRedis(t *testing.T) {
	const mode, addresses = "  mode: single\n", `  addresses: ["127.0.0.1:6379"]` + "\n"
	const notAddress = " is not host:port; write such as redis.example.be:6379, without redis:// and without a password"
	refused(t, []difference{
		{"no Redis", "redis:\n" + mode + addresses, "", "1: redis.mode: is missing; write single, sentinel or cluster\n1: redis.addresses: is missing; list host:port, such as [127.0.0.1:6379]"},
		{"no mode", mode, "", "4: redis.mode: is missing; write single, sentinel or cluster"},
		{"an unknown mode", mode, "  mode: replica\n", `5: redis.mode: is "replica"; write single, sentinel or cluster`},
		{"no address", addresses, "  addresses: []\n", "6: redis.addresses: is empty; list host:port, such as [127.0.0.1:6379]"},
		{"several addresses", addresses, "  addresses: ['a:1', 'b:2']\n", "6: redis.addresses: has 2 entries, and the mode is single; keep one, or write mode: sentinel or cluster"},
		{"a URL", addresses, "  addresses: ['redis://:hunter2@a:6379']\n", "6: redis.addresses[0]:" + notAddress},
		{"a password", addresses, "  addresses: ['hunter2@a:6379']\n", "6: redis.addresses[0]:" + notAddress},
		{"no port", addresses, "  addresses: [redis]\n", "6: redis.addresses[0]:" + notAddress},
		{"the socket of a cluster", mode + addresses, "  mode: cluster\n  addresses: [/run/redis]\n", "6: redis.addresses[0]:" + notAddress},
		{"the database of a cluster", mode, "  mode: cluster\n  database: 1\n", "6: redis.database: is 1, and a cluster has only database 0; leave the key out"},
		{"a sentinel without a master", mode, "  mode: sentinel\n", "4: redis.master_name: is missing; write the name that the sentinels know the master by"},
		{"a master without a sentinel", mode, mode + "  master_name: main\n", "6: redis.master_name: is for mode sentinel, and the mode is single; leave the key out"},
		{"a sentinel's password without a sentinel", mode, mode + "  sentinel_password: hunter2\n", "6: redis.sentinel_password: is for mode sentinel, and the mode is single; leave the key out"},
		{"a brace in the prefix", mode, mode + "  prefix: '{a}:'\n", `6: redis.prefix: "{a}:" holds a brace, a space or the like; write letters, digits and :`},
		{"no connection", mode, mode + "  pool_size: 0\n", `6: redis.pool_size: is "0"; write a number from 1 to 10000`},
		{"no time", mode, mode + "  timeouts: {read: 0s}\n", "6: redis.timeouts.read: 0s is too short; at least 10ms"},
		{"no authority in the file", mode, mode + "  tls: {ca_file: config.go}\n", "6: redis.tls.ca_file: holds no certificate; write a PEM file of certificate authorities"},
		{"a certificate without its key", mode, mode + "  tls: {cert_file: config.go}\n", "6: redis.tls.key_file: is missing; write the path of the certificate's private key"},
	})
}

func TestMasterKeyAndSalt(t *testing.T) {
	const current = "  current: ${MASTER_KEY}\n"
	const notKey = "is not 32 bytes as base64 or as 64 hex digits; make one, for example with: openssl rand -base64 32"
	const notRandom = "does not look random; make one, for example with: openssl rand -base64 32"
	const saltLine, fingerprint = "  salt: ${SALT}\n", "  fingerprint: 76b2c85d07ca9801\n"
	refused(t, []difference{
		{"no master key", current, "  accept: []\n", "7: master_key.current: is missing; make 32 random bytes, for example with: openssl rand -base64 32"},
		{"a short one", current, "  current: c2hvcnQ=\n", "8: master_key.current: " + notKey},
		{"a phrase", current, "  current: correct horse battery staple\n", "8: master_key.current: " + notKey},
		{"zeros", current, "  current: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "8: master_key.current: " + notRandom},
		{"an accepted one", current, current + "  accept: [short]\n", "9: master_key.accept[0]: " + notKey},
		{"an accepted file", current, current + "  accept_files: [/nowhere]\n", `9: master_key.accept_files[0]: there is no file "/nowhere"; write its path, from the folder of this file or from /`},
		{"no salt", saltLine + fingerprint, "  fingerprint: 0011223344556677\n", "9: subjects.salt: is missing; make one once and keep it for ever, for example with: openssl rand -base64 32"},
		{"a short salt", saltLine, "  salt: 0123456789012345678901234567890\n", "10: subjects.salt: has fewer than 32 characters; make it of random ones, for example with: openssl rand -hex 32"},
		{"a plain salt", saltLine, "  salt: saltsaltsaltsaltsaltsaltsaltsaltsalt\n", strings.Replace("10: subjects.salt: "+notRandom, "-base64 32", "-hex 32", 1)},
		{"no fingerprint", fingerprint, "", "9: subjects.fingerprint: is missing; write fingerprint: 76b2c85d07ca9801, which is that of this salt"},
		{"another salt", fingerprint, "  fingerprint: 0011223344556677\n", `11: subjects.fingerprint: is "0011223344556677", and this salt's is 76b2c85d07ca9801; ` +
			"with another salt everybody is a stranger to every client, so find the right one"},
		{"the salt in the wrong place", fingerprint, "  fingerprint: a-salt-that-nobody-should-ever-get-to-see-1234\n", "11: subjects.fingerprint: is something else, and this salt's is 76b2c85d07ca9801; " +
			"with another salt everybody is a stranger to every client, so find the right one"},
		{
			"a secret where a file is named", current, current + "  accept_files: [8H0VQmHVXnCZ2o8cQjJ6mPq1tYw3uKs5xB7zE9rLgTk=]\n",
			"9: master_key.accept_files[0]: there is no file of this name; write its path, from the folder of this file or from /",
		},
	})
}

func TestUpstream(t *testing.T) {
	const url, token = "  url: production\n", "  token: ${CM_TOKEN}\n"
	refused(t, []difference{
		{"no URL", url, "", "12: itsme.url: is missing; write production, sandbox or the URL of a simulator"},
		{"an unknown environment", url, "  url: staging\n", "13: itsme.url: is not an absolute URL; write it with https://"},
		{"http elsewhere", url, "  url: http://cm.example/\n", "13: itsme.url: is http, and only loopback may be; write https://"},
		{"a password", url, "  url: https://me:hunter2@cm.example/\n", "13: itsme.url: holds a user name or a password; write it without"},
		{"a query", url, "  url: https://cm.example/?a\n", "13: itsme.url: holds a query or a fragment; write production, sandbox or a URL without"},
		{"no token", token, "", "12: itsme.token: is missing; write the merchant token that CM gave you"},
		{"a token with a space", token, "  token: my token\n", "14: itsme.token: holds a space, a quote or the like; write the merchant token alone"},
		{"a host", url, url + "  allowed_hosts: ['https://itsme.example']\n", "14: itsme.allowed_hosts[0]: is not a host; write host, host:port or *.domain"},
		{"a shape", url, url + "  return_url: header\n", `14: itsme.return_url: is "header"; write path or query`},
		{
			"two shapes", url, url + "  return_url: path\n  insecure_fixed_return_url: true\n",
			"15: itsme.insecure_fixed_return_url: stands beside return_url, and a fixed URL has no proof to put anywhere; keep one of the two",
		},
		{
			"less patient about what is given once", url, url + "  timeout: 5s\n  status_timeout: 4s\n",
			"15: itsme.status_timeout: 4s is shorter than itsme.timeout (5s), and CM gives an identity once; write at least as much",
		},
		{
			"too patient for the lease", url, url + "  timeout: 10s\n",
			"1: lifetimes.lease: 15s is not longer than itsme.timeout (10s) and the 5s for writing to Redis together; write at least 16s",
		},
	})
}

func TestLifetimesAndLimits(t *testing.T) {
	const find = "clients:\n"
	refused(t, []difference{
		{"a lasting code", find, "lifetimes: {code: 61s}\n" + find, "15: lifetimes.code: 1m1s is too long; at most 1m"},
		{"a pushed request of no time", find, "lifetimes: {pushed_request: 4s}\n" + find, "15: lifetimes.pushed_request: 4s is too short; at least 5s"},
		{"a lasting pushed request", find, "lifetimes: {pushed_request: 601s}\n" + find, "15: lifetimes.pushed_request: 10m1s is too long; at most 10m"},
		{"a refresh token that nobody needs", find, "lifetimes: {refresh_token: 5m}\n" + find, "15: lifetimes.refresh_token: 5m is not longer than access_token (5m), so that nobody would ever need it; write more"},
		{"an eternal refresh token", find, "lifetimes: {refresh_token: 366d}\n" + find, "15: lifetimes.refresh_token: 366d is too long; at most 365d"},
		{"a refresh token that is never idle", find, "lifetimes: {refresh_token: 1h, refresh_idle: 2h}\n" + find, "15: lifetimes.refresh_idle: 2h is longer than refresh_token (1h), so that no refresh token would ever end by it; write less, or more there"},
		{"a refresh token that is always idle", find, "lifetimes: {refresh_idle: 5m}\n" + find, "15: lifetimes.refresh_idle: 5m is not longer than access_token (5m): a client that refreshes when its access token has ended would come too late; write more"},
		{"a refresh token that is idle at once", find, "lifetimes: {refresh_idle: 0s}\n" + find, "15: lifetimes.refresh_idle: 0s is too short; at least 1m"},
		{"no end of grace", find, "lifetimes: {refresh_grace: 11m}\n" + find, "15: lifetimes.refresh_grace: 11m is too long; at most 10m"},
		{"a short lease", find, "lifetimes: {lease: 10s}\n" + find, "15: lifetimes.lease: 10s is not longer than itsme.timeout (5s) and the 5s for writing to Redis together; write at least 11s"},
		{"an eternal token", find, "lifetimes: {access_token: 2d}\n" + find, "15: lifetimes.access_token: 2d is too long; at most 1d"},
		{"a login in no time", find, "lifetimes: {login: 1s}\n" + find, "15: lifetimes.login: 1s is too short; at least 30s"},
		{"a limit below none", find, "limits: {total: -1}\n" + find, `15: limits.total: is "-1"; write a number from 0 to 2147483647`},
		{"a start", find, "start: never\n" + find, `15: start: is "never"; write auto, ask or direct`},
		{"no attempt", find, "max_attempts: 0\n" + find, `15: max_attempts: is "0"; write a number from 1 to 10`},
		{"a language", find, "locale: es\n" + find, `15: locale: is "es"; write en, nl, fr or de`},
		{"keys from nowhere", find, "keys: {source: vault}\n" + find, `15: keys.source: is "vault"; write redis or pem`},
		{"files for Redis", find, "keys: {files: [a]}\n" + find, "15: keys.files: is for source: pem; write that, or leave the files out"},
		{"files of PS256 for Redis", find, "keys: {ps256_files: [a]}\n" + find, "15: keys.ps256_files: is for source: pem; write that, or leave the files out"},
		{
			"files of PS256 alone", find, "keys: {source: pem, ps256_files: [config.go]}\n" + find,
			"15: keys.files: is missing; list the PEM files, each with one private key; the first of an algorithm signs\n" +
				"15: keys.ps256_files[0]: no PEM block in it; write a PEM file with one private key: RSA of at least 2048 bits",
		},
		{"no files", find, "keys: {source: pem}\n" + find, "15: keys.files: is missing; list the PEM files, each with one private key; the first of an algorithm signs"},
		{"empty files", find, "keys: {source: pem, files: []}\n" + find, "15: keys.files: is empty; list the PEM files, each with one private key"},
		{
			"no key in the file", find, "keys: {source: pem, files: [config.go]}\n" + find,
			"15: keys.files[0]: no PEM block in it; write a PEM file with one private key: RSA of at least 2048 bits, EC on P-256, or Ed25519",
		},
		{
			"rotating files", find, "keys: {source: pem, rotate_every: 30d, files: [config.go]}\n" + find,
			"15: keys.rotate_every: is for source: redis; keys from files are rotated by changing the files, so leave the key out\n" +
				"15: keys.files[0]: no PEM block in it; write a PEM file with one private key: RSA of at least 2048 bits, EC on P-256, or Ed25519",
		},
		{
			"keys that nobody has yet", find, "keys: {publish_ahead: 5m}\n" + find,
			"15: keys.publish_ahead: ahead is 5m0s: clients may not have the next key by then; at least 16m5s (max-age + refresh interval + 1m0s)",
		},
		{
			"keys that go too early", find, "keys: {keep: 5m}\n" + find,
			"15: keys.keep: keep is 5m0s: tokens would outlive their key; at least 6m0s (longest token life + 1m0s)",
		},
		{
			"keys that never sign", find, "keys: {rotate_every: 1d}\n" + find,
			"15: keys.rotate_every: every is 24h0m0s: the key after the next would be due before the next signs; more than 48h0m0s (ahead)",
		},
	})
}

func TestEverythingAtOnce(t *testing.T) {
	text := strings.NewReplacer("https://login", "http://login", "production", "staging", "single", "both", "[profile]", "[everything]").Replace(base)
	_, err := config.Parse("a.yaml", []byte(text+"elephants: 3\n"), Environment)
	const want = `1: issuer: is http, and only loopback may be; write https://
5: redis.mode: is "both"; write single, sentinel or cluster
13: itsme.url: is not an absolute URL; write it with https://
21: clients[0].scopes[0]: is "everything", and itsme knows profile, email, phone and address; write one of them, or offline_access for refresh tokens
22: elephants: unknown key; the nearest that is known here is clients`
	if got := Problems(t, err); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
