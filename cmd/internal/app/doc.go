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
//	logout.go       session, and where a client's people go after it
//	outbound.go     outbound: what of the clients' own the bridge may reach
//	clients.go      clients; client.go one of them
//	credentials.go  how a client says who it is; clientkeys.go with which keys
//	requests.go     how its requests come; redirect.go where the answers go
//	profile.go      what profile: fapi2 makes of all that
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
