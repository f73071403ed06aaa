// Package storage keeps sealed values in Redis. It knows no OpenID.
//
//	key.go keyring.go    the server's keys: sealing, accepting, changing them
//	derive.go            HKDF and HMAC, without the objects of the standard library
//	mac.go ticket.go     what they prove and seal outside of Redis (URLs, form fields)
//	handle.go            id.secret: how the world names a record and opens it
//	seal.go              how a record is sealed, and what its header tells
//	bucket.go read.go    records of one kind, and reading many things in one pipeline
//	write.go commit.go   all writes of one id, or none; repeated until they are in
//	spend.go             what works once: spent with what it was for, by one caller
//	forgiving.go         reading what may be missing: a part of a Cluster that is not there
//	beside.go            what goes along with a commit, and must not disturb it
//	lease.go count.go    who may act now; how often something happened
//	queue.go claim.go    things to be done, kept until somebody has done them
//	tally.go             what becomes of things, said any number of times
//	collect.go sums.go   each counted once, when it is due; the counts, by month and day
//	cell.go              one value for the whole deployment, by compare-and-swap
//	store.go options.go  the client of Redis, and how it is configured
//	trace.go             the span of an exchange, without its keys
//	reload.go            where the parts of a Cluster are, after one of them died
//	observe.go           what every round trip took and failed by, and how the connections stand
//	probe.go refusal.go  whether Redis takes writes, and in the operator's words why not
//	examine.go           what Redis is, for whoever looks after it: server.go as it says itself, rights.go what it lets us do
//
// What holds it together: a record is opened only by a key derived from the
// server's key and a secret that Redis does not hold, and every script is safe to
// be sent again. All keys of a script carry the same hash tag, so that a Cluster runs it in one slot;
// every key has a lifetime.
package storage
