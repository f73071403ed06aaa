//go:build e2e

package pages_test

import (
	"testing"

	"itsme-bridge/provider/pages"
	"itsme-bridge/provider/providertest/pagetest"
)

// Each page is looked at in every language, each time on another screen: all at 320
// pixels, in the light, in the dark, in forced colours and with text twice as large. What
// a page holds it holds in all languages, and how it looks depends on none, so sixteen
// looks at each would find no more. A variant of a page has two of these looks.
func TestAxeFindsNothing(t *testing.T) {
	w := pagetest.Open(t, pagetest.Axe(t))
	screens := []pagetest.Screen{pagetest.Small, pagetest.Small.InTheDark(), pagetest.Small.ForcedColours(), pagetest.Small.LargeText()}
	all := samples(t)
	address := serveSamples(t, all, nil, nil)
	for n, s := range all {
		for i := range screens {
			if !s.usual && (n+i)%2 == 1 {
				continue
			}
			locale, screen := pages.Languages[i], screens[(n+i)%len(screens)]
			w.On(screen)
			w.GoTo(address(s, locale))
			report(t, s.name, locale, screen, w.Axe())
		}
	}
}

func report(t *testing.T, name, locale string, screen pagetest.Screen, faults []string) {
	t.Helper()
	for _, fault := range faults {
		t.Errorf("%s (%s, %s): %s", name, locale, screen.Name, fault)
	}
}
