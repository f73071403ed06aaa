// Package keys signs tokens, checks those that it has signed, and publishes and rotates the keys for that.
//
// What is decided is pure; what touches the world is thin:
//
//	algorithm.go  the JWS algorithms, and which key suits which
//	key.go        Key: a name, three moments, a public half and a private half that prints nothing
//	set.go        Set: the rules. Who signs now, what is published, what is due, what revoking means
//	state.go      what a key's times say; merge.go what a replica knows and Redis forgot
//	encoding.go   Set as JSON, for the Cell
//	policy.go     Policy: how long everything takes, and why the lengths must fit each other
//	ring.go       Ring: a Set shared by all replicas through one Cell; refresh.go keeps it up to date
//	static.go     Static: keys from PEM files instead, rotated by the operator; pem.go reads them
//	typ.go        what a token may be; signer.go a private key made ready to sign it
//	verifier.go   a public key made ready to check what it has signed; document.go the JWKS made ready to serve
//
// A key passes through these states, told by its own times and by those of the keys after it:
//
//	next (published, not signing) → current (signing) → past (published, not signing) → gone
//	                    └───────────────┴──────────────────┴─→ revoked, at once and for good
//
// There is a ring of keys for each algorithm that clients use, at any replica, and no other key is published. Those of an
// algorithm that no client uses any more are gone, whatever their state, when the last token that they may have signed is dead.
//
// One invariant holds it together: whatever signs is in the document that is served at that moment, and has been
// there for Policy.Ahead. Only the first key of an algorithm, and one that stands in for a revoked key, sign as soon
// as they are published.
package keys
