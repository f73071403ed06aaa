package signed

// ThumbprintOf is RFC 7638.
var ThumbprintOf = thumbprintOf
