package pages_test

import (
	"strings"
	"testing"

	"itsme-bridge/provider/pages"
)

// Each language is named in itself, and asked for by a link or by a button.
func TestSwitch(t *testing.T) {
	for _, row := range []struct {
		name string
		to   pages.Switch
		want []string
	}{
		{"the same address", pages.Switch{}, []string{`<a href="?page_lang=de" lang="de" hreflang="de">Deutsch</a>`}},
		{"an address", pages.Switch{URL: "/itsme/login/x"}, []string{`<a href="/itsme/login/x?page_lang=en" lang="en" hreflang="en">English</a>`}},
		{"an address with a query", pages.Switch{URL: "/a?b=c&d=e"}, []string{`<a href="/a?b=c&amp;d=e&amp;page_lang=nl" lang="nl" hreflang="nl">Nederlands</a>`}},
		{"the current one", pages.Switch{}, []string{`<a href="?page_lang=fr" lang="fr" hreflang="fr" aria-current="true">Français</a>`, ` aria-label="Langue"`}},
		{"a form", pages.Switch{URL: "/x", Post: true, Fields: []pages.Field{{Name: "state", Value: `a"b`}}}, []string{
			`<form method="post" action="/x" autocomplete="off">`, `<input type="hidden" name="state" value="a&#34;b">`,
			`<button name="page_lang" value="de" lang="de">Deutsch</button>`, `<button name="page_lang" value="fr" lang="fr" aria-current="true">`,
		}},
	} {
		_, body := show(t, 200, pages.Page{Kind: pages.Cancelled, Locale: "fr", Switch: &row.to})
		for _, want := range row.want {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %s in\n%s", row.name, want, body)
			}
		}
		if n := strings.Count(body, "hreflang") + strings.Count(body, `name="page_lang"`); n != 4 {
			t.Errorf("%s: %d languages", row.name, n)
		}
	}
}

func TestNoSwitch(t *testing.T) {
	for name, page := range map[string]pages.Page{
		"without one":       {Kind: pages.Cancelled},
		"a bad address":     {Kind: pages.Cancelled, Switch: &pages.Switch{URL: "javascript:alert(1)"}},
		"a page to itsme":   {Kind: pages.Navigate, URL: "/x", Switch: &pages.Switch{}},
		"a page to the app": {Kind: pages.FormPost, URL: "/x", Switch: &pages.Switch{}},
		"a page to us":      {Kind: pages.Resubmit, URL: "/x", Switch: &pages.Switch{}},
	} {
		if _, body := show(t, 200, page); strings.Contains(body, "page_lang") {
			t.Errorf("%s: %s", name, body)
		}
	}
}
