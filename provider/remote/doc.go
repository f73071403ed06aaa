// Package remote reaches what clients have: their key sets, their request
// objects, and where they hear of logouts.
//
//	client.go    Client             one bounded HTTP exchange: no redirects, no cookies, no proxy, one deadline; connections by errand
//	address.go   what may be asked  https without user information, or http to this machine
//	guard.go     where it may lead  the address of each connection, checked when it is made
//	trace.go     the span of an exchange, without its address
//	errors.go    three errors, whose texts name a host and no more
//	keysets.go   KeySets            JWK Sets by their address, fetched rarely and once for all who wait
//	keyset.go    keySet             the rules: when to fetch, what to answer, how long to remember
//	jwks.go      reading a JWK Set, of which only public signature keys count
//
// What holds it together: the addresses are other people's. So no connection is
// made before the very address that it goes to has been found public or listed
// by the operator, and what a host answers, or whether it does, costs us a bounded
// time, a bounded memory and a bounded number of requests.
package remote
