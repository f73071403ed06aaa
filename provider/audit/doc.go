// Package audit is the audit stream: one JSON object a line for what an auditor asks
// about, by names that stay.
//
//	event.go   Event: what a line may hold, and the names of the events
//	log.go     Log: writes the lines, and keeps nobody waiting
//	file.go    where they go to: a file that can be moved away, or another stream
//
// deploy/monitoring/AUDIT.md says what each event means; a test compares.
//
// The invariant that holds it together: an event holds no person, no address, no
// token and no code, and a stream that cannot be written costs no login.
package audit
