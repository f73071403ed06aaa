// Package app is the bridge, put together: its configuration and its wiring. It
// is the only package that knows all others.
//
// The configuration, from the top of the file to its end:
//
//	config.go       Config: Load, Parse, ParseClients; the order in which sections are read
//	issuer.go       issuer; web.go says what an address may look like
//	server.go       listen, tls, trusted_proxies, timeouts, operations, log
//	redis.go        redis; tlsfiles.go its certificates and ours
//	secrets.go      master_key, subjects, and which secrets are good enough; example.go which are known to all
//	upstream.go     itsme
//	signing.go      keys
//	lifetimes.go    lifetimes, limits, start, max_attempts, locale
//	clients.go      clients; client.go one of them; credentials.go and redirect.go the two hard parts
//
// The wiring:
//
//	app.go          App: New builds it from a Config
//	run.go          Run: start, serve, drain
//	deployment.go   what all replicas agree on, and who may join
//	notbefore.go    which logins were revoked, and revoking them
//	reload.go       new clients and certificates while it runs
//	operations.go   the second listener: /livez, /readyz, /metrics
//	inspect.go      what check asks of Redis; signingkeys.go what the command keys does
//
// What holds it together: a configuration with a problem does not start, and a
// replica that would not understand the others does not serve.
package app
