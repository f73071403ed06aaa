//go:build e2e

package pages_test

import (
	"slices"
	"strings"
	"testing"

	"itsme-bridge/provider/pages"
	"itsme-bridge/provider/providertest/pagetest"
)

// On every page, in every language, all is on the screen, in sight and within reach,
// and on the smallest phone the first thing to press is there without scrolling.
func TestNothingIsCutOffCoveredOrBelowTheFold(t *testing.T) {
	w := pagetest.Open(t, "")
	all := samples(t)
	address := serveSamples(t, all, nil, nil)
	others := []pagetest.Screen{pagetest.Phone, pagetest.Desktop.InTheDark(), pagetest.Small.LargeText(), pagetest.Small.ForcedColours()}
	for n, s := range all {
		for i, locale := range pages.Languages {
			if (n+i)%2 == 1 && strings.HasSuffix(s.name, "-alone") { // less to say than the usual one
				continue
			}
			w.On(pagetest.Small)
			w.GoTo(address(s, locale))
			report(t, s.name, locale, pagetest.Small, w.Layout(true))

			other := others[(n+i)%len(others)]
			w.On(other)
			report(t, s.name, locale, other, w.Layout(other.Text == 0))
		}
	}
}

// Long words and names break, wherever they stand.
func TestLongWordsBreak(t *testing.T) {
	w := pagetest.Open(t, "")
	all := samples(t)
	address := serveSamples(t, all, func(p *pages.Page) {
		if p.App != "" {
			p.App = "Intercommunale " + strings.Repeat("Afvalverwerking", 4)
		}
		if p.Code != "" {
			p.Description = strings.Repeat("redirect_uri", 8)
		}
		p.Reference, p.Trace = strings.Repeat("7KQ2", 20), strings.Repeat("0af7", 20)
	}, nil)
	for _, screen := range []pagetest.Screen{pagetest.Small, pagetest.Small.LargeText()} {
		w.On(screen)
		for _, s := range all {
			if strings.HasSuffix(s.name, "-crowded") {
				w.GoTo(address(s, "de")) // has the longest words
				report(t, s.name, "de", screen, w.Layout(false))
			}
		}
	}
}

// Somebody whom motion makes ill sees none; nobody sees one for longer than five seconds.
func TestMotionStops(t *testing.T) {
	w := pagetest.Open(t, "")
	all := samples(t)
	address := serveSamples(t, all, nil, nil)
	for _, screen := range []pagetest.Screen{pagetest.Small, pagetest.Small.WithoutMotion()} {
		w.On(screen)
		for _, s := range all {
			if strings.Contains(s.name, "-") {
				continue
			}
			w.GoTo(address(s, "en"))
			running, long := w.Motions()
			moves := slices.Contains(byItself, s.page.Kind) && !screen.Still
			if (running > 0) != moves || long > 0 {
				t.Errorf("%s (%s): %d animations run, %d of them for longer than five seconds", s.name, screen.Name, running, long)
			}
		}
	}
}
