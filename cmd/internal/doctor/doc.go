// Package doctor looks for everything that can be wrong with a bridge, from its file to
// what the proxies in front of it make of a request, and says of each thing what it saw
// and what to do.
//
//	doctor.go    Run: the checks side by side, each with its deadline; Report
//	table.go     the checks, in their order, with what helps
//	patient.go   what several checks look at: asked once
//	finding.go   what a check says; print.go how it is written for people
//	files.go     the configuration, its files and its secrets; system.go the machine
//	redis.go     Redis as it answers; keeping.go what it keeps, and how; nodes.go its replicas, sentinels and parts
//	upstream.go  CM; clocks.go whether all clocks agree
//	bridge.go    the bridge that runs, or who stands in for it
//	issuer.go    the public address: names, certificate; documents.go what is published there
//	proxy.go     what a request goes through on its way; passing.go what is left of it
//	signing.go   the signing keys
//	clients.go   what clients have of their own; fetch.go one request by HTTP
//
// What holds it together: a check sees, and changes nothing that lasts. It never says a
// secret, and never waits longer than its deadline.
package doctor
