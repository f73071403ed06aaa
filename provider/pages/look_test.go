package pages_test

import (
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/pages"
)

// branded is a look with everything that an operator can choose.
func branded(t *testing.T) *pages.Look {
	t.Helper()
	return &pages.Look{
		Name: "Stad Voorbeeld", Home: "https://www.example.be/", Images: "/itsme/look/",
		Logo: picture(t, []byte(svgLogo)), LogoDark: picture(t, pngOf(t, 240, 80)), Icon: picture(t, pngOf(t, 64, 64)),
		Accent:        pages.PaletteOf(colour(t, "#c60c30")),
		Support:       pages.Support{URL: "https://www.example.be/help", Phone: "+32 (0)2 555.12.34", Mail: "help@example.be"},
		Privacy:       "https://www.example.be/privacy",
		Accessibility: "https://www.example.be/accessibility",
		Links: []pages.Link{
			{URL: "https://www.example.be/cookies", Labels: map[string]string{"": "Cookies"}},
			{URL: "https://www.example.be/terms", Labels: map[string]string{"en": "Terms", "nl": "Voorwaarden", "fr": "Conditions", "de": "Bedingungen"}},
		},
		Itsme: &pages.Mark{Image: picture(t, pngOf(t, 48, 48)), Height: 28, Button: colour(t, "#ff4612"), Text: colour(t, "#000")},
	}
}

// dressed is a page of a kind with all that it can hold, in a look.
func dressed(kind pages.Kind, locale string, look *pages.Look) pages.Page {
	return pages.Page{
		Kind: kind, Locale: locale, App: "The App", Home: home, Primary: again, Leave: leave, URL: onward(kind), Limit: time.Minute,
		Code: "invalid_request", Description: "No such client.", Reference: "7KQ2M4XD", Trace: "0af7651916cd43dd8448eb211c80319c", Look: look,
	}
}

// failing are the pages on which something went wrong.
var failing = []pages.Kind{
	pages.Failed, pages.Expired, pages.Unavailable, pages.Refused, pages.NoData, pages.TooMany, pages.OtherBrowser, pages.NoCookies,
	pages.Late, pages.Forgotten, pages.BadRequest, pages.ServerError, pages.NotFound,
}

func TestALookIsOnEveryPage(t *testing.T) {
	look := branded(t)
	for _, kind := range kinds(t) {
		for _, locale := range pages.Languages {
			answer, body := show(t, 200, dressed(kind, locale, look))
			texts, moving := pages.Texts(locale), slices.Contains(byItself, kind)
			wants := map[string]bool{
				`<img src="/itsme/look/` + look.Logo.Name + `" width="121" height="40" alt="Stad Voorbeeld">`:                           true,
				`<source media="(prefers-color-scheme: dark)" srcset="/itsme/look/` + look.LogoDark.Name + `" width="144" height="48">`: true,
				`<p class="app">The App</p>`: true,
				`<link rel="icon" type="image/png" href="/itsme/look/` + look.Icon.Name + `">`:                                     true,
				`<meta name="theme-color" media="(prefers-color-scheme: light)" content="#c60c30">`:                                true,
				`<a href="https://www.example.be/">Stad Voorbeeld</a>`:                                                             !moving,
				`<a href="https://www.example.be/privacy">` + texts[".privacy"] + `</a>`:                                           !moving,
				`<a href="https://www.example.be/accessibility">` + html.EscapeString(texts[".accessibility"]) + `</a>`:            !moving,
				`<a href="https://www.example.be/cookies">Cookies</a>`:                                                             !moving,
				`<a href="https://www.example.be/terms">` + look.Links[1].Labels[locale] + `</a>`:                                  !moving,
				`<a href="tel:&#43;32025551234">&#43;32 (0)2 555.12.34</a>`:                                                        slices.Contains(failing, kind),
				`<a href="mailto:help@example.be">help@example.be</a>`:                                                             slices.Contains(failing, kind),
				`<a href="https://www.example.be/help">` + strings.ReplaceAll(texts[".contact"], "{operator}", look.Name) + `</a>`: slices.Contains(failing, kind),
				look.Itsme.Image.Name: kind == pages.Continue,
			}
			for want, wanted := range wants {
				if got := strings.Contains(body, want); got != wanted {
					t.Errorf("%s %s: %s is there: %t", kind, locale, want, got)
				}
			}
			if got := directives(answer)["img-src"]; got != "'self'" {
				t.Errorf("%s: img-src %q", kind, got)
			}
		}
	}
}

// What a page says, and its ways on, are the same in every look.
func TestALookTakesNothingAway(t *testing.T) {
	look := branded(t)
	text := regexp.MustCompile(`(?s)<h1>.*?</h1>|<p>[^<]*</p>`)
	for _, kind := range kinds(t) {
		for _, locale := range pages.Languages {
			_, plain := show(t, 200, dressed(kind, locale, nil))
			_, ours := show(t, 200, dressed(kind, locale, look))
			for _, said := range text.FindAllString(plain, -1) {
				if !strings.Contains(ours, said) {
					t.Errorf("%s %s does not say %s any more", kind, locale, said)
				}
			}
			unmarked := regexp.MustCompile(`<img [^>]* alt="">`).ReplaceAllString(ours, "")
			if got, want := ways(unmarked), ways(plain); !slices.Equal(got[:min(len(got), len(want))], want) {
				t.Errorf("%s %s leads to %q, not %q", kind, locale, got, want)
			}
		}
	}
}

// A page is at most 14 KB, so that it comes with the first packets (TCP's initial window,
// RFC 6928), whatever is on it but the pictures.
func TestPagesAreSmall(t *testing.T) {
	look := branded(t)
	for _, kind := range kinds(t) {
		for _, locale := range pages.Languages {
			for _, look := range []*pages.Look{nil, look} {
				if _, body := show(t, 200, dressed(kind, locale, look)); len(body) > 14<<10 {
					t.Errorf("%s %s, branded %t: %d bytes", kind, locale, look != nil, len(body))
				}
			}
		}
	}
}

// A page without an application leads to the operator, under his name.
func TestAPageOfNobodyLeadsToTheOperator(t *testing.T) {
	look := branded(t)
	for _, kind := range kinds(t) {
		if slices.Contains(byItself, kind) {
			continue
		}
		_, body := show(t, 200, pages.Page{Kind: kind, Look: look})
		if !strings.Contains(body, `<a id="operator" class="main" href="https://www.example.be/">Go to Stad Voorbeeld</a>`) {
			t.Errorf("%s leads nowhere:\n%s", kind, body)
		}
		if !strings.Contains(body, " · Stad Voorbeeld</title>") || strings.Contains(body, `class="app"`) {
			t.Errorf("%s is not the operator's:\n%s", kind, body)
		}
	}
	for _, kind := range []pages.Kind{pages.Front, pages.LoggedOut} {
		if _, body := show(t, 200, pages.Page{Kind: kind, Look: look}); !strings.Contains(body, "tel:") {
			t.Errorf("%s of nobody does not say whom to ask", kind)
		}
		if _, body := show(t, 200, pages.Page{Kind: kind, App: "The App", Look: look}); strings.Contains(body, "tel:") {
			t.Errorf("%s of an application asks for help", kind)
		}
	}
	if _, body := show(t, 200, pages.Page{Kind: pages.Late, Home: home, Look: look}); strings.Contains(body, `id="operator"`) {
		t.Errorf("a page that leads to an application leads to the operator, too")
	}
	if _, body := show(t, 200, pages.Page{Kind: pages.Late, Look: &pages.Look{Home: look.Home}}); strings.Contains(body, `id="operator"`) {
		t.Errorf("a way without a name:\n%s", body)
	}
}

// Without pictures a page fetches none, and its policy lets it fetch none.
func TestALookWithoutPictures(t *testing.T) {
	look := branded(t)
	look.Logo, look.LogoDark, look.Icon, look.Itsme = nil, nil, nil, nil
	answer, body := show(t, 200, dressed(pages.Continue, "en", look))
	if img := directives(answer)["img-src"]; img != "" || strings.Contains(body, "<img") || strings.Contains(body, "<link") {
		t.Errorf("img-src %q:\n%s", img, body)
	}
	if !strings.Contains(body, `<p>Stad Voorbeeld</p>`) || !strings.Contains(body, `<p class="app">The App</p>`) {
		t.Errorf("a name is missing:\n%s", body)
	}
	page := dressed(pages.Continue, "en", look)
	page.App = look.Name
	if _, body := show(t, 200, page); strings.Contains(body, `class="app"`) {
		t.Errorf("the name is there twice:\n%s", body)
	}
	answer, _ = show(t, 200, dressed(pages.Continue, "en", &pages.Look{Itsme: branded(t).Itsme}))
	if directives(answer)["img-src"] != "'self'" {
		t.Errorf("the mark cannot be shown")
	}
}

// The mark is as high as the guide wants it, however large the file is.
func TestTheMarkIsAsHighAsItsGuideWants(t *testing.T) {
	look := branded(t)
	for _, size := range [][2]int{{14, 7}, {56, 28}, {800, 400}} {
		look.Itsme.Image = picture(t, pngOf(t, size[0], size[1]))
		_, body := show(t, 200, dressed(pages.Continue, "en", look))
		if want := `<button id="primary" class="main marked"><img src="/itsme/look/` + look.Itsme.Image.Name + `" width="56" height="28" alt="">`; !strings.Contains(body, want) {
			t.Errorf("%v: no %s in\n%s", size, want, body)
		}
	}
}

// What an operator wrote stands on a page as text, and leads nowhere by itself.
func TestALookIsNoMarkup(t *testing.T) {
	const evil = `"></style><script>alert(1)</script>{app}`
	look := &pages.Look{
		Name: evil, Home: "javascript:alert(1)", Privacy: "data:text/html,x", Accessibility: "be.example.app://x/y",
		Support: pages.Support{URL: "https://user@example.be/", Phone: "+32 555;ext=1", Mail: "a@b.be?bcc=c@d.be"},
		Links:   []pages.Link{{URL: "https://example.be/", Labels: map[string]string{"": evil}}, {URL: "//example.be/", Labels: map[string]string{"": "x"}}, {URL: "https://example.be/x"}},
	}
	for _, kind := range kinds(t) {
		page := dressed(kind, "en", look)
		page.Home, page.Leave = "", nil
		_, body := show(t, http.StatusOK, page)
		if strings.Contains(body, "<script>") || strings.Contains(body, "</style><") {
			t.Errorf("%s: markup came through:\n%s", kind, body)
		}
		for _, m := range regexp.MustCompile(`<a [^>]*href="([^"]*)"`).FindAllStringSubmatch(body, -1) {
			if m[1] != "https://example.be/" && m[1] != "/x" && m[1] != "https://www.itsme-id.com/" && m[1] != onward(kind) {
				t.Errorf("%s leads to %s", kind, m[1])
			}
		}
	}
}

func TestContacts(t *testing.T) {
	for _, text := range []string{"112", "+32 2 555 12 34", "02/555.12.34", "+32 (0)2 555-12-34", "0800 12 345"} {
		if !pages.IsPhone(text) {
			t.Errorf("%q is no number", text)
		}
	}
	for _, text := range []string{"", "12", "+", "call us", "+32 2 555 12 34 ext 5", "+32;x", "++32 555", "02\n555", "2  -  5 5 5", strings.Repeat("1", 25)} {
		if pages.IsPhone(text) {
			t.Errorf("%q is a number", text)
		}
	}
	for _, text := range []string{"help@example.be", "a.b+c@sub.example.be", "x@example.brussels"} {
		if !pages.IsMail(text) {
			t.Errorf("%q is no address", text)
		}
	}
	for _, text := range []string{"", "help", "help@example", "a@b.be?cc=x@y.be", "a%0a@b.be", "A <a@b.be>", "a@b.be, c@d.be", "@b.be", ".a@b.be", "a@b .be", "a@" + strings.Repeat("b.", 130) + "be"} {
		if pages.IsMail(text) {
			t.Errorf("%q is an address", text)
		}
	}
}

// A client's look stands over the operator's, field by field; what belongs together stays so.
func TestOneLookOverAnother(t *testing.T) {
	operator := *branded(t)
	if got := (pages.Look{}).Over(operator); got.Name != operator.Name || got.Logo != operator.Logo || got.Images != operator.Images || len(got.Links) != 2 ||
		got.Support != operator.Support || got.Accent != operator.Accent || got.Itsme != operator.Itsme || got.Home != operator.Home ||
		got.Icon != operator.Icon || got.Privacy != operator.Privacy || got.Accessibility != operator.Accessibility || got.LogoDark != operator.LogoDark {
		t.Errorf("nothing over the operator's is %+v", got)
	}
	named := pages.Look{Name: "Bibliotheek"}.Over(operator)
	if named.Name != "Bibliotheek" || named.Logo != nil || named.LogoDark != nil {
		t.Errorf("another name stands beside the operator's logo: %+v", named)
	}
	logo := picture(t, pngOf(t, 3, 3))
	if own := (pages.Look{Name: "B", Logo: logo}).Over(operator); own.Logo != logo || own.LogoDark != nil {
		t.Errorf("another logo is the operator's in the dark: %+v", own)
	}
	if own := (pages.Look{Support: pages.Support{Phone: "112"}}).Over(operator); own.Support != (pages.Support{Phone: "112"}) || own.Name != operator.Name {
		t.Errorf("support is mixed: %+v", own)
	}
	if own := (pages.Look{Links: []pages.Link{}}).Over(operator); len(own.Links) != 0 {
		t.Errorf("links that were taken away are there: %+v", own)
	}
}
