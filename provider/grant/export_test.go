package grant

// HashOf is at_hash and c_hash.
var HashOf = hashOf
