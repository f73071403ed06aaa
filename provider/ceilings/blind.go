package ceilings

import (
	"cmp"
	"sync"
	"time"
)

// blind bounds the starts of this process for which a ceiling could not be counted:
// within one window, a tenth of the total ceiling, or, without that, as many as the
// next one allows. So a node of a Cluster that is dead, and that has a counter, stops
// nobody, and nobody can make much of it.
type blind struct {
	mu     sync.Mutex
	window int64
	starts int64
}

// admits counts one more start, and reports whether it may be.
func (b *blind) admits(limits Limits, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if window := now.UnixMilli() / limits.Window.Milliseconds(); window != b.window {
		b.window, b.starts = window, 0
	}
	b.starts++
	return b.starts <= max(1, cmp.Or(limits.Total/10, limits.PerClient, limits.PerAddress))
}
