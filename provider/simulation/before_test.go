package simulation_test

// before makes the provider of a replica of the version before. There is none here: make simulate-upgrade puts
// testdata/before.go in the place of this file, and the sources of that version beside it.
var before func(*replica) (bridge, error) // read only
