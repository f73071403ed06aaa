// Package config is what a configuration file says. Load gives all of it, without
// a problem; or it complains of everything at once, each thing with its line.
//
// From the top of the file to its end:
//
//	config.go       Config: Load, Parse, ParseClients; the order in which sections are read
//	issuer.go       issuer; web.go says what an address may look like
//	server.go       listen, tls, trusted_proxies, timeouts, operations
//	log.go          log; audit.go audit; tracing.go tracing
//	redis.go        redis; tlsfiles.go its certificates and ours
//	secrets.go      master_key, subjects, and which secrets are good enough; example.go which are known to all
//	weak.go         what of all this is allowed, and opens what nobody may have meant to open
//	upstream.go     itsme
//	signing.go      keys
//	lifetimes.go    lifetimes, limits, start, max_attempts, locale
//	logout.go       session, and where a client's people go after it
//	pages.go        pages, and what of them is different for a client
//	outbound.go     outbound: what of the clients' own the bridge may reach
//	clients.go      clients; client.go one of them
//	credentials.go  how a client says who it is; clientkeys.go with which keys
//	requests.go     how its requests come; redirect.go where the answers go
//	profile.go      what profile: fapi2 makes of all that
//	words.go        pages.words: the operator's own sentences
//	product.go      which product it is for, and what contradicts that
//	schema.go       the JSON Schema of all that, made of what the readers ask for
//
// The package document beneath reads the YAML; reference is config.yaml, with its comments; configtest is for tests.
//
// What holds it together: nobody gets a configuration with a problem, no message
// repeats a secret, and reading starts nothing: what runs is the package app's.
package config
