//go:build e2e

package main_test

import (
	"slices"
	"strings"
	"testing"

	"itsme-bridge/provider/providertest/chromium"
	"itsme-bridge/provider/providertest/pagetest"
)

// The pages that an engineer sees first, the application's and the simulator's, are as
// good as those of the bridge: axe finds nothing, and all is on the screen, in every
// scheme and size.
func TestThePagesOfTheApplicationAndTheSimulator(t *testing.T) {
	p, b := started(t), browser(t)
	w := pagetest.Look(t, b, pagetest.Axe(t))
	look := func(page string) {
		t.Helper()
		w.Here()
		for _, screen := range []pagetest.Screen{
			pagetest.Small, pagetest.Small.InTheDark(), pagetest.Small.ForcedColours(), pagetest.Small.LargeText(), pagetest.Desktop,
		} {
			w.On(screen)
			for _, fault := range append(w.Axe(), w.Layout(false)...) {
				if !meant(fault, screen) {
					t.Errorf("%s (%s): %s", page, screen.Name, fault)
				}
			}
		}
	}
	b.GoTo(p.application)
	look("the application")
	b.Press(logIn)
	b.See(chromium.Number)
	look("the simulator's first page")
	b.Type("#phone", "nonsense")
	b.Press(chromium.Number)
	b.See(".wrong")
	look("a number that is none")
	b.Type("#phone", "+32471234567")
	b.Press(chromium.Number)
	b.See(chromium.Approval)
	look("the app")
	asked := b.Location()
	b.Press(chromium.Approval)
	b.See(claims)
	look("a login")
	b.GoTo(asked)
	look("a question that has been answered")
	b.GoTo(p.application + "/callback?error=access_denied&error_description=The+person+cancelled.&state=none")
	look("an error")
}

// meant are faults that are none on pages for engineers: small print, links as wide as
// their text, white on a gradient that axe cannot measure, and colours that a browser
// which forces its own does not show.
func meant(fault string, screen pagetest.Screen) bool {
	small := []string{"has text of", "is a target of", "could not be determined", "looks like a button", "does not look like one"}
	return slices.ContainsFunc(small, func(part string) bool { return strings.Contains(fault, part) }) ||
		screen.Forced && strings.HasPrefix(fault, "color-contrast: ")
}
