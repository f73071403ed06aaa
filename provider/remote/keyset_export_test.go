package remote

// MaxSets is how many key sets are remembered.
const MaxSets = maxSets

// ParseKeySet reads a JWK Set.
var ParseKeySet = parseKeySet
