//go:build e2e

package pages_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"itsme-bridge/provider/pages"
	"itsme-bridge/provider/providertest/chromium"
	"itsme-bridge/provider/providertest/pagetest"
)

// Who has only a keyboard comes by Tab to every way on, in the order in which they are
// read, and sees where.
func TestTheKeyboardReachesEveryWayOn(t *testing.T) {
	w := pagetest.Open(t, "")
	all := samples(t)
	address := serveSamples(t, all, nil, nil)
	screens := []pagetest.Screen{pagetest.Small, pagetest.Small.InTheDark(), pagetest.Small.ForcedColours()}
	for i, s := range all {
		screen, locale := screens[i%len(screens)], pages.Languages[i%len(pages.Languages)]
		w.On(screen)
		w.GoTo(address(s, locale))
		stops, faults := w.Stops()
		report(t, s.name, locale, screen, faults)
		_, body := show(t, 200, s.inLanguage(locale))
		for _, way := range ways(body) {
			if way != "more" && !slices.Contains(stops, way) { // the script shows that one when the time runs out
				t.Errorf("%s (%s): no Tab comes to #%s, only to %q", s.name, locale, way, stops)
			}
		}
	}
}

// Enter goes where it says, on a link as on a button; so does a space on a button.
func TestKeysPressWhatHasTheFocus(t *testing.T) {
	tab := chromium.Open(t)
	w := pagetest.Look(t, tab, "")
	all := []sample{
		{name: "buttons", page: pages.Page{Kind: pages.Cancelled, Primary: &pages.Form{Action: "/primary"}, Leave: &pages.Form{Action: "/leave"}}},
		{name: "links", page: pages.Page{Kind: pages.Unavailable, URL: "/primary", Home: "/leave"}},
	}
	asked := make(chan string, 10)
	address := serveSamples(t, all, nil, asked)
	for _, row := range []struct {
		sample int
		tabs   int
		key    string
		want   string
	}{
		{0, 1, kb.Enter, "POST /primary"},
		{0, 2, kb.Enter, "POST /leave"},
		{0, 1, " ", "POST /primary"},
		{0, 2, " ", "POST /leave"},
		{1, 1, kb.Enter, "GET /primary"},
		{1, 2, kb.Enter, "GET /leave"},
	} {
		w.GoTo(address(all[row.sample], "en"))
		for range row.tabs {
			w.Tab()
		}
		w.Press(row.key)
		tab.See("#asked")
		if got := <-asked; got != row.want {
			t.Errorf("%s, Tab %d, %q: %s, want %s", all[row.sample].name, row.tabs, strings.TrimSpace(row.key), got, row.want)
		}
	}
}
