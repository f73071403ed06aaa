// Command capacity calculates what a deployment of a size takes: replicas, shards of Redis, what CM must bear, and what
// the failure of a zone does. It prints the tables of deploy/CAPACITY.md for Belgium at eight in the morning.
//
//	figures.go   what goes in, and of each whether it was measured or assumed
//	model.go     the arithmetic: pure
//	main.go      the tables
//
// Nothing here is measured. A figure that is wrong by a factor makes all that follows from it wrong by that factor.
package main
