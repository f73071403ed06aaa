// Package storagetest is a Redis for tests: in process, a real server, or a real
// Cluster of one node, each with faults, counters and a clock.
//
//	world.go     World: a store, its clock, and what Redis holds
//	redis.go     starting a real redis-server
//	wire.go      every connection of a store passes here: counts, cuts
//	command.go   what was sent, told from the bytes
//	faults.go    lost, late and silent replies, Redis away
//	relay.go     the same for who connects to an address by himself
//	guarded.go   a Redis that asks for TLS and passwords, in each mode
//	authority.go certificates for it
//	draws.go     whether what is drawn at random is random
//
// A world ends with a check of what holds for all of storage: every key in Redis
// has a lifetime, and every script stayed within one hash tag.
package storagetest
