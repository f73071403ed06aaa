package pagetest

import (
	_ "embed" // the script
	"strconv"
)

//go:embed layout.js
var layout string

// Layout is what is wrong with how the page lies on the screen: what overflows sideways,
// is cut off, covered, too small to hit or to read, or hard to tell from the paper. With
// fold, the first thing to press must be seen without scrolling.
func (w *Window) Layout(fold bool) []string {
	w.t.Helper()
	return evaluate[[]string](w, "("+layout+")("+strconv.FormatBool(fold)+")")
}

// Motions is how many animations run, and how many of them for longer than five
// seconds, which WCAG 2.2 §2.2.2 allows to none that cannot be stopped.
func (w *Window) Motions() (running, long int) {
	w.t.Helper()
	found := evaluate[[]float64](w, `document.getAnimations().filter(a => a.playState === "running").map(a => Math.min(a.effect.getComputedTiming().endTime, 1e9))`)
	for _, milliseconds := range found {
		if milliseconds > 5000 {
			long++
		}
	}
	return len(found), long
}
