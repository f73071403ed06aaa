//go:build e2e

package pages_test

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"itsme-bridge/provider/pages"
	"itsme-bridge/provider/providertest/pagetest"
)

// make pages keeps the gallery in the file that PAGES names, with every page in the
// languages of PAGES_LANG (all of them unless it says "nl fr", say). Otherwise this test
// only sees that a gallery can be made.
func TestGallery(t *testing.T) {
	w := pagetest.Open(t, "")
	all, file := samples(t), os.Getenv("PAGES")
	languages := pages.Languages
	if file == "" {
		all, languages, file = all[:2], languages[:1], filepath.Join(t.TempDir(), "pages.html")
	} else if wanted := strings.Fields(os.Getenv("PAGES_LANG")); len(wanted) > 0 {
		languages = wanted
	}
	for _, locale := range languages {
		if !slices.Contains(pages.Languages, locale) {
			t.Fatalf("PAGES_LANG: the pages do not speak %q, only %q", locale, pages.Languages)
		}
	}
	look := sampleLook(t)
	plain, dressed := serveSamples(t, all, nil, nil), serveSamples(t, all, func(p *pages.Page) { p.Look = look }, nil)
	var pictures []pagetest.Picture
	for _, screen := range []pagetest.Screen{pagetest.Phone, pagetest.Desktop, pagetest.Phone.InTheDark(), pagetest.Desktop.InTheDark()} {
		w.On(screen.WithoutMotion())
		for _, locale := range languages {
			for _, s := range all {
				if !s.usual && screen.Kind != pagetest.Phone.Kind { // variants are pictured on a phone
					continue
				}
				if s.page.Look == nil {
					w.GoTo(plain(s, locale))
					pictures = append(pictures, w.Picture(s.name, string(s.page.Kind), locale, "plain", screen))
				}
				if s.page.Look != nil || s.usual {
					w.GoTo(dressed(s, locale))
					pictures = append(pictures, w.Picture(s.name, string(s.page.Kind), locale, "branded", screen))
				}
			}
		}
	}
	slices.SortStableFunc(pictures, func(a, b pagetest.Picture) int {
		return cmp.Or(cmp.Compare(order(all, a.Page), order(all, b.Page)), cmp.Compare(a.Language, b.Language))
	})
	var gallery bytes.Buffer
	if err := pagetest.Gallery(&gallery, "The pages of itsme-bridge", pictures); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(gallery.String(), "data:image/webp;base64,UklGR"); n != len(pictures) || n < 2*len(all)*len(languages) {
		t.Errorf("the gallery has %d pictures of %d pages", n, len(all))
	}
	if err := os.WriteFile(file, gallery.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d pictures, %d KB", file, len(pictures), gallery.Len()>>10)
}

func order(all []sample, name string) int {
	return slices.IndexFunc(all, func(s sample) bool { return s.name == name })
}
