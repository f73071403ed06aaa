// Command bench measures what a login costs a real process of itsme-bridge, step by step, beside a floor: a process that
// does the same HTTP exchanges, the same round trips to the same Redis with as many bytes, and one bare signature, and
// nothing else. Both have one core. `make bench` prints the table; with -record it is kept in deploy/BENCHMARKS.md.
//
//	main.go      the flags, and what is run
//	measure.go   what of it is measured beside what
//	subject.go   what is measured: a bridge or a floor, as a process, and its login in four steps
//	process.go   a process, and what the kernel says of it
//	bridge.go    a bridge's configuration, and its login
//	pair.go      two replicas, and a login through both
//	floor.go     the floor, and its login
//	dex.go       Dex, its login, and as little of a provider as its connector needs (-dex)
//	cm.go        as little of CM as a login needs
//	load.go      logins at a steady rate, and how long they take
//	table.go     the table
//
// CPU is what the kernel has counted for the process itself (Linux: /proc/…/schedstat), objects and bytes are Go's own
// counts, round trips the bridge's. Only figures of one run compare.
package main
