package ceilings

// Remembered is how many callers are remembered that have failed, and how many may be.
func (c *Ceilings) Remembered() (n, most int) {
	b := c.callers.failures
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(len(b.of), b.order.Len()), mostBuckets
}
