// Package tracing sends the spans that other packages make to a collector, by OTLP over
// HTTP.
//
//	tracing.go  Tracing: made from the configuration; what ends it
//	queue.go    how many spans wait, and what becomes of those that are too many
//	told.go     what of a span leaves this process: the one table
//
// What holds it together: nobody waits for a collector. A span that finds no place is
// dropped and counted, and the end of the process waits a few seconds at most. And what
// is not in the table leaves with no span, whoever has put it there.
package tracing
