package pages_test

import (
	"slices"
	"strings"
	"testing"

	"itsme-bridge/provider/pages"
)

// Every sentence of a language has a key of its own: whoever adds one says where it stands.
func TestEverySentenceHasAKey(t *testing.T) {
	all := pages.Sentences()
	keys := map[string]bool{}
	for _, locale := range pages.Languages {
		var want, got []string
		for where, said := range pages.Unprinted(locale) {
			if said != "" && where != ".tag" && where != ".name" {
				want = append(want, said)
			}
		}
		for _, sentence := range all {
			if text := sentence.Texts[locale]; text != "" {
				got = append(got, text)
			} else {
				t.Errorf("%s does not say %s", locale, sentence.Key)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d sentences have a key, of %d", locale, len(got), len(want))
		}
	}
	for _, sentence := range all {
		if keys[sentence.Key] || sentence.Where == "" {
			t.Errorf("%s is there twice, or nobody says where", sentence.Key)
		}
		keys[sentence.Key] = true
	}
	for _, key := range []string{"continue.title", "waiting.what", "logout.bad_request.back", "label.try_again"} {
		if !keys[key] {
			t.Errorf("no key %s", key)
		}
	}
	if !slices.Equal(slices.Sorted(slices.Values(pages.LanguageTags())), slices.Sorted(slices.Values(pages.Languages))) {
		t.Errorf("offered are %q", pages.LanguageTags())
	}
}

// A line does not end within the name of the app.
func TestTheNameOfTheAppStaysWhole(t *testing.T) {
	for _, locale := range []string{"nl", "de"} {
		_, body := show(t, 200, pages.Page{Kind: pages.Expired, Locale: locale, App: "Stad Gent", Home: home})
		if strings.Contains(body, "itsme®-") || strings.Count(body, "itsme®\u2011") < 2 {
			t.Errorf("%s: %s", locale, body)
		}
	}
}

// What is written for developers is English, in whatever language the page is.
func TestForeignTextIsMarked(t *testing.T) {
	for _, locale := range pages.Languages {
		_, body := show(t, 200, pages.Page{Kind: pages.BadRequest, Locale: locale, Code: "invalid_request", Description: "No such client."})
		if !strings.Contains(body, `<p lang="en"><code>invalid_request</code><br>No such client.</p>`) {
			t.Errorf("%s: %s", locale, body)
		}
	}
}

// Whoever has no app is led to it, on the pages where that may be what is missing.
func TestWhereTheAppIs(t *testing.T) {
	const (
		android = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
		iphone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
		play    = `<a href="https://play.google.com/store/apps/details?id=be.bmid.itsme" rel="noreferrer">`
		itsme   = `<a href="https://www.itsme-id.com/" rel="noreferrer">`
	)
	for _, kind := range kinds(t) {
		for agent, want := range map[string]string{android: play, iphone: itsme, "": itsme} {
			_, body := show(t, 200, pages.Page{Kind: kind, URL: onward(kind), UserAgent: agent})
			has := slices.Contains([]pages.Kind{pages.Continue, pages.Failed, pages.Expired}, kind)
			if strings.Contains(body, want) != has {
				t.Errorf("%s, for %q: the way to the app is %t, want %t", kind, agent, !has, has)
			}
		}
		_, body := show(t, 200, pages.Page{Kind: kind, URL: onward(kind)})
		silent := kind == pages.Waiting || kind == pages.Expired
		if strings.Contains(body, "Did your phone show no notification?") != silent {
			t.Errorf("%s says what to do without a notification: %t", kind, !silent)
		}
	}
}

// A page that knows no address at all says how to go on, unless there is nothing left to do; one that leads
// somewhere does not say that it cannot.
func TestAPageWithoutAnAddressSaysHowToGoOn(t *testing.T) {
	done := []pages.Kind{pages.LoggedOut, pages.Front}
	for _, kind := range kinds(t) {
		for _, locale := range pages.Languages {
			page := pages.Page{Kind: kind, Locale: locale, App: "Stad Gent"}
			if slices.Contains(byItself, kind) {
				page.URL = onward(kind)
			}
			own, _, _ := strings.Cut(pages.Texts(locale)[".noWay"], "{app}")
			_, body := show(t, 200, page)
			if says, alone := strings.Contains(body, own), len(ways(body)) == 0; says == (!alone || slices.Contains(done, kind)) {
				t.Errorf("%s in %s says how to go on: %t, and has a way: %t", kind, locale, says, !alone)
			}
			page.Home = home
			if _, body = show(t, 200, page); len(ways(body)) == 0 || strings.Contains(body, own) {
				t.Errorf("%s in %s, with an address: %s", kind, locale, body)
			}
		}
	}
}
