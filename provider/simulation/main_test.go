// Package simulation tells stories of logins in which everything that may be one way or another is decided by the test:
// the order of steps that happen at once, time, chance, and every fault. The real provider runs, and storage and itsme
// with it; what they reach is a model.
//
//	memory_test.go      what one Redis holds; scripts_test.go: what the scripts of storage do there
//	outbox_test.go      likewise, those of the outbox; cluster_test.go: what a Cluster refuses, and how it fails
//	lua_test.go         scripts that run there as they stand: those that only the version before has
//	wire_test.go        the ways to Redis and CM, on which everything waits until the story lets it arrive
//	cm_test.go          CM, which gives an identity once
//	browser_test.go     people with browsers; page_test.go: what they read; server_test.go: the client's server
//	replica_test.go     a process of the bridge; before_test.go: one of the version before
//	world_test.go       all of these
//	story_test.go       what can happen next, and who chooses
//	faults_test.go      what can go wrong
//	promises_test.go    what must hold after each step; lives_test.go: how long records live
//	excuses_test.go     what a fault takes from whom
//	push_test.go        requests that the client has pushed; thieves_test.go: and that others have
//	notices_test.go     clients that hear of logouts
//	logout_test.go      browsers that are remembered, and the end of that
//	mischief_test.go    what people, thieves and clients may do; strangers_test.go: another client, and a thief with a key
//	simulation_test.go  stories by chance; exhaustive_test.go: all stories with one fault; named_test.go: some by name
//	shrink_test.go      a story that goes wrong, as short as it can be
//	upgrade_test.go     all stories in which the version changes once
//	model_test.go       the model of Redis beside a real one
//
// A story is told in a bubble of testing/synctest, whose clock stands still while anybody can move. At each step
// all goroutines wait, and one of them goes on. So the list of choices is the whole story: the same list gives the
// same story, byte for byte, on any machine.
//
// make simulate-upgrade builds the version before into the same test, under another name. Then some replicas are of that version, and
// those that are killed or told to stop begin again as the other, while logins are under way; all promises hold as they do without.
//
// What it finds: a line of the bridge is made wrong, and stories are told from three or five seeds far apart until one breaks
// a promise. The numbers are those of the issue "Nobody stumbles", the figures logins (transactions) until then.
//
//	33  an identity is thrown away where Redis has forgotten its login      36, 77, 157, 379, 428
//	34  CM's answer is given up after 5 s                                   184, 389, 627, 2678, 2725
//	35  a code is spent before its tokens are written                       557, 623, 1988
//	36  a page without Redis does not know the application                  1, 11, 67
//	19  another client's code is burnt                                      111, 690, 1220
//	19  another client that sends a spent code ends its tokens              56, 121, 596
//	18  a token of a family bound late is refused, before its reuse counts  534, 810, 970
//	    the lease is not renewed while CM is asked                          180, 622, 2671
//	    a drain waits for nobody                                            195, 412, 12514
//	    a request_uri begins a login of another client                      84, 92, 163
//	    a pushed request is used up by whoever comes first                  192, 571, 782
//	    a pushed request is not used up by a login that is over             78, 387, 4210
//	    a logout believes the ID token of another client                    124, 480, 536
//	    a logout ends the browser's session by anybody's ID token           31, 269, 318
//	    a logout leaves the session as it is                                1, 7, 49
//	    a code that comes again ends nothing                                74, 355, 1456
//	    a client is told of a logout once its notice is removed             89, 182, 973
//	    a client that refuses a logout token counts as told                 86, 188, 957
//	    a client is given up at once, or never                              89, 182, 709
//	    a logout token is for the other client, or has its sub              28, 139, 239
//	    two clients have one notice of a logout                             28, 145, 241
//	    what was told of a logout stays in the outbox                       7, 140, 249
//	    whoever a session serves does not hear of its end                   28, 145, 241
//	    a session ends although it has served somebody meanwhile            140, 334, 473
//	    of two that a session serves at once, one does not hear             334, 426, 748
//	    a request_uri may be pushed                                         51, 103, 775
//	    a wrong secret pushes                                               43, 98, 128
//	    what stands beside a request_uri counts                             21, 84, 167
//	    a key of the outbox has no hash tag                                 7, 134, 188
//	    a key of the counts has another hash tag than the one beside it     0, 0, 0
//
// Each row was counted with the stories that there were when it was written. Some mistakes only all faults at every step find soon, or a
// story by name: that a part of a Cluster which only counts is not there, and nobody logs in; that a session ends before anybody is to be told.
//
// What a Cluster's client does by itself is not part of the stories: following MOVED and ASK, and looking for the nodes anew.
//
// And what it finds of two versions that do not understand each other, from three seeds far apart, beside 7f41d76:
//
//	the byte of a record's format is another                                1, 2, 9
//	records are sealed under another label                                  2, 4, 11
//	tokens lie under another name in Redis                                  2, 2, 9
//	what CM is asked by lies under another name                             4, 25, 56
//	the lease lies under another name                                       473, 1286, 2144
//	a record has a field without which it does not serve                    24, 40, 66
//	a field of a code has another name                                      2, 3, 10
//	a field of a login has another name                                     9, 17, 19
//	a field of the refresh tokens has another name                          2, 14, 49
//	the state of an attempt has another word                                4, 25, 56
//	the proof in the return URL is made otherwise                           1, 9, 19
//	the token of a form is made otherwise                                   74, 127, 280
//	the receipt of a spent code is made otherwise                           925, 1333, 2578
//	the mark of a spent code is another                                     97, 173, 285
//	cookies have another name                                               1, 9, 19
package simulation_test

import (
	"log/slog"
	"os"
	"testing"
)

// zitadel/oidc writes to a logger of its own, which the commands silence too.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}
