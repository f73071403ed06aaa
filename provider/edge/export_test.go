package edge

// Hung is how many pictures are kept.
func Hung(x *Edge) int { return len(x.wardrobe.current.Load().pictures) }
