package pages_test

import (
	"regexp"
	"testing"

	"itsme-bridge/provider/pages"
)

// What happened is seen before it is read: each mood has one glyph, which no other has.
func TestEachMoodHasAGlyphOfItsOwn(t *testing.T) {
	moods := map[pages.Kind]string{
		pages.Continue: "phone",
		pages.Waiting:  "moving", pages.Navigate: "moving", pages.FormPost: "moving", pages.Resubmit: "moving",
		pages.Finished: "done", pages.LoggedOut: "done",
		pages.Cancelled: "stopped",
		pages.Expired:   "late", pages.Late: "late", pages.TooMany: "late",
		pages.OtherBrowser: "asks", pages.NoCookies: "asks", pages.NotFound: "asks", pages.Logout: "asks", pages.Front: "asks",
		pages.Failed: "wrong", pages.Unavailable: "wrong", pages.Refused: "wrong", pages.NoData: "wrong",
		pages.Forgotten: "wrong", pages.BadRequest: "wrong", pages.ServerError: "wrong",
	}
	glyph := regexp.MustCompile(`(?s)<body class="(\w+)".*<main>\n<svg class="glyph" viewBox="[^"]+" aria-hidden="true">(<.+>)</svg>\n<h1>`)
	drawn := map[string]string{} // what is drawn, and for which mood
	for _, kind := range kinds(t) {
		_, body := show(t, 200, pages.Page{Kind: kind, URL: "/x"})
		m := glyph.FindStringSubmatch(body)
		if m == nil {
			t.Errorf("%s has no glyph above its title:\n%s", kind, body)
			continue
		}
		if m[1] != moods[kind] {
			t.Errorf("%s is %s, not %q", kind, m[1], moods[kind])
		}
		if other, ok := drawn[m[2]]; ok && other != m[1] {
			t.Errorf("%s and %s look the same", m[1], other)
		}
		drawn[m[2]] = m[1]
	}
	if len(drawn) != 7 {
		t.Errorf("%d glyphs for seven moods", len(drawn))
	}
}
