package main

// What a test calls as the process calls it.
var (
	Main   = main
	Run    = run
	FlagOf = flagOf
)
