// Package app is the bridge, put together from what its configuration says. It is
// the only package that knows all others.
//
//	app.go          App: New builds it from a config.Config
//	run.go          Run: start, serve, drain
//	begin.go        what comes before it serves, and what is due from time to time
//	listener.go     how the two listeners serve; certificate.go with which certificate
//	deployment.go   what all replicas agree on, and who may join
//	followkeys.go   what becomes of the signing keys, followed and told
//	notbefore.go    which logins were revoked, and revoking them
//	reload.go       new clients, looks and certificates while it runs; newkeys.go keys of algorithms that nobody used before
//	operations.go   the second listener: /livez, /readyz, /health, /metrics
//	supervised.go   what systemd is told, and the signs of life that its watchdog waits for
//	health.go       whether this process can answer people, and whether the whole chain works
//	audit.go        the audit stream: where it goes, and what of it is told here
//	metrics.go      what is counted; standing.go how things stand when somebody asks for the metrics
//	examine.go      what doctor asks of a bridge that runs, and of a configuration that none runs with
//	inspect.go      what check asks of Redis; unreachable.go and of the network; signingkeys.go what the command keys does
//	libraries.go    what others would log past us; anonymous.go without people's addresses
//
// What holds it together: a replica that would not understand the others does not
// serve, and what it has begun it finishes.
package app
