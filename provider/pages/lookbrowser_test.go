//go:build e2e

package pages_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"itsme-bridge/provider/pages"
)

// wardrobe serves pages in a look, by their kinds, and its pictures.
func wardrobe(t *testing.T, look *pages.Look) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, picture := range look.Pictures() {
			if r.URL.Path == look.Images+picture.Name {
				picture.Write(w, r)
				return
			}
		}
		pages.Write(w, http.StatusOK, dressed(pages.Kind(strings.TrimPrefix(r.URL.Path, "/")), "de", look))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// evaluate is what a script says on the page.
func evaluate[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return value
}

// A browser shows what the policy lets it: the logo of its scheme, the mark, the button in
// its colours; and nothing of it makes the page wider than a small phone.
func TestABrowserShowsALook(t *testing.T) {
	look := branded(t)
	look.LogoDark = picture(t, pngOf(t, 4000, 400)) // even 48 pixels high wider than the phone
	ours, ctx := wardrobe(t, look), browser(t)
	for scheme, logo := range map[string]*pages.Image{"light": look.Logo, "dark": look.LogoDark} {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
			t.Fatal(err)
		}
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(320, 568), chromedp.Navigate(ours+"/continue")); err != nil {
			t.Fatal(err)
		}
		// A picture may be chosen anew, and is decoded, after the page has loaded.
		const shown = `[...document.images].filter(i => i.complete && i.naturalWidth > 0 && i.width > 20 && i.height > 0 && i.height <= 48).length`
		until(t, ctx, scheme+": the logo and the mark are shown", func() bool { return evaluate[int](t, ctx, shown) == 2 })
		if src := evaluate[string](t, ctx, `document.querySelector("header img").currentSrc`); src != ours+look.Images+logo.Name {
			t.Errorf("%s: the logo is %s", scheme, src)
		}
		if width := evaluate[int](t, ctx, `document.documentElement.scrollWidth`); width > 320 {
			t.Errorf("%s: the page is %d pixels wide", scheme, width)
		}
		if got := evaluate[string](t, ctx, `getComputedStyle(document.querySelector("#primary")).backgroundColor`); got != "rgb(255, 70, 18)" {
			t.Errorf("%s: the button with the mark is %s", scheme, got)
		}
		if got := evaluate[int](t, ctx, `document.querySelector("#primary img").height`); got != look.Itsme.Height {
			t.Errorf("%s: the mark is %d pixels high", scheme, got)
		}
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(ours+"/failed")); err != nil {
		t.Fatal(err)
	}
	if got := evaluate[string](t, ctx, `getComputedStyle(document.querySelector("#primary")).backgroundColor`); got != "rgb(198, 12, 48)" {
		t.Errorf("the button is %s, not the accent", got)
	}
}

// Were a script to get into a picture, it would not run where somebody opens it by itself.
func TestAPictureRunsNoScript(t *testing.T) {
	const drawn = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 4" onload="document.documentElement.id='ran'"><script>document.documentElement.id='ran'</script></svg>`
	look := &pages.Look{Name: "A", Images: "/", Logo: &pages.Image{Name: "evil", Type: "image/svg+xml", Body: []byte(drawn), Width: 8, Height: 4}}
	ours, ctx := wardrobe(t, look), browser(t)
	if err := chromedp.Do(ctx, chromedp.Navigate(ours+"/evil")); err != nil {
		t.Fatal(err)
	}
	if id := evaluate[string](t, ctx, `document.documentElement.tagName + document.documentElement.id`); id != "svg" {
		t.Errorf("a script ran: %s", id)
	}
}
