// Command mutants puts small mistakes into the lines that protect a person, an identity, money or a secret, one at a
// time, and runs the tests that must notice. A mistake that no test notices is a line that nobody watches.
//
//	rows/*.txt   the mistakes: where, the exact text and what it becomes, why it matters, which test fails
//	table.go     reading those, and the text after the change
//	blend.go     many mistakes in one source: each function holds its mistaken bodies too, and an environment variable chooses
//	build.go     the test binaries, built once with go's -overlay: no file of the module is changed
//	likely.go    which tests to try first where a row names none, or those notice nothing
//	run.go       one mistake, its tests, and what became of them
//	record.go    writing into a row which test noticed
//	main.go      flags and the report
//
// A mistake outside of any function (a constant, a table) is built alone. MUTANTS=B01,E02 chooses some.
//
// Mutation testers that are kept (gremlins, the forks of go-mutesting) change operators and conditions by rule, thousands
// of them, without knowing which line protects whom, and build each anew. This table says of each why it matters, and
// what a row costs is the run of one test.
package main
