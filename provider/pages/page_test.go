package pages_test

import (
	"cmp"
	"fmt"
	"html"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/pages"
)

var (
	again = &pages.Form{Action: "/login/again", Fields: []pages.Field{{Name: "form", Value: "sealed"}}}
	leave = &pages.Form{Action: "/login/leave"}
)

const home = "https://app.example/"

// offers are what a caller can give a page to lead on with, and the ways that a
// person then finds on it.
var offers = map[string]struct {
	page pages.Page
	want []string
}{
	"nothing":           {pages.Page{}, nil},
	"home":              {pages.Page{Home: home}, []string{"leave"}},
	"primary":           {pages.Page{Primary: again}, []string{"primary"}},
	"leave":             {pages.Page{Leave: leave}, []string{"leave"}},
	"again":             {pages.Page{URL: "/login/return"}, []string{"primary"}},
	"primary and again": {pages.Page{Primary: again, URL: "/login/return"}, []string{"primary"}},
	"primary and home":  {pages.Page{Primary: again, Home: home}, []string{"primary", "leave"}},
	"everything":        {pages.Page{Primary: again, Leave: leave, Home: home}, []string{"primary", "leave"}},
}

// ways are the ids of the ways on that a page shows, each with an address.
func ways(body string) []string {
	var ids []string
	for _, m := range regexp.MustCompile(`<a id="(\w+)"[^>]* href="[^"]+">[^<]+</a>|<form method="post" action="[^"]+" autocomplete="off">\n(?:<input [^>]*>\n)*<button id="(\w+)"[^>]*>[^<]+</button>`).FindAllStringSubmatch(body, -1) {
		ids = append(ids, m[1]+m[2])
	}
	return ids
}

func TestEveryPageLeadsOn(t *testing.T) {
	for _, kind := range kinds(t) {
		for _, locale := range pages.Languages {
			for _, name := range slices.Sorted(maps.Keys(offers)) {
				t.Run(fmt.Sprint(kind, " ", locale, " ", name), func(t *testing.T) {
					page, want := offers[name].page, offers[name].want
					page.Kind, page.Locale, page.App = kind, locale, "Stad Gent"
					switch kind {
					case pages.Navigate, pages.FormPost, pages.Resubmit:
						page.URL, want = "/login/return", []string{"go"}
					case pages.Waiting:
						if page.URL != "" && page.Primary == nil {
							want = nil // there it is what the page waits for
						}
						page.URL, want = "/login/return", append([]string{"check"}, want...)
					default:
					}
					_, body := show(t, 200, page)
					if got := ways(body); !slices.Equal(got, want) {
						t.Errorf("ways on: %q, not %q, in\n%s", got, want, body)
					}
					checkText(t, body, kind, locale)
				})
			}
		}
	}
}

// checkText wants a language, one heading that is the title too, what happened
// and what to do, and nothing of it in a search engine.
func checkText(t *testing.T, body string, kind pages.Kind, locale string) {
	t.Helper()
	if !strings.HasPrefix(body, "<!doctype html>\n<html lang=\""+locale+"\">") {
		t.Errorf("another language than %s: %.60s", locale, body)
	}
	title := html.EscapeString(pages.Texts(locale)[".pages."+string(kind)+".title"])
	if strings.Count(body, "<h1>"+title+"</h1>") != 1 || strings.Count(body, "<h1") != 1 {
		t.Errorf("no heading %q, or more than one, in\n%s", title, body)
	}
	if !strings.Contains(body, "<title>"+title+" · Stad Gent</title>") {
		t.Errorf("no title %q in\n%s", title, body)
	}
	if !strings.Contains(body, `<meta name="robots" content="noindex">`) {
		t.Errorf("a search engine may keep\n%s", body)
	}
	if note := pages.Texts(locale)[".pages."+string(kind)+".note"]; note != "" && !strings.Contains(body, html.EscapeString(note)) {
		t.Errorf("no note %q in\n%s", note, body)
	}
	if n := len(regexp.MustCompile(`<p>[^<]{8,}</p>`).FindAllString(body, -1)); n < 2 {
		t.Errorf("%d paragraphs in\n%s", n, body)
	}
}

func TestWhatToDoNextFitsWhatIsOffered(t *testing.T) {
	texts := pages.Texts("en")
	for _, kind := range kinds(t) {
		retry := html.EscapeString(texts[".pages."+string(kind)+".retry"])
		if retry == "" {
			continue
		}
		if _, body := show(t, 200, pages.Page{Kind: kind, App: "{app}", Primary: again}); !strings.Contains(body, retry) {
			t.Errorf("%s with a Primary does not say %q", kind, retry)
		}
		if _, body := show(t, 200, pages.Page{Kind: kind, App: "{app}", URL: "/again"}); !strings.Contains(body, retry) {
			t.Errorf("%s with a URL does not say %q", kind, retry)
		}
		if _, body := show(t, 200, pages.Page{Kind: kind, App: "{app}", Home: home}); strings.Contains(body, retry) {
			t.Errorf("%s without a Primary says %q", kind, retry)
		}
	}
}

func TestPrimaryIsCalledWhatItDoes(t *testing.T) {
	labels := map[pages.Kind]string{pages.Continue: ".begin", pages.Logout: ".end"}
	for _, kind := range kinds(t) {
		if slices.Contains(byItself, kind) {
			continue
		}
		for _, locale := range pages.Languages {
			label := pages.Texts(locale)[cmp.Or(labels[kind], ".again")]
			_, body := show(t, 200, pages.Page{Kind: kind, Locale: locale, Primary: again})
			if want := `<button id="primary" class="main">` + label + `</button>`; !strings.Contains(body, want) {
				t.Errorf("%s in %s: no %s in\n%s", kind, locale, want, body)
			}
		}
	}
}

func TestFormsCarryTheirFields(t *testing.T) {
	fields := []pages.Field{{Name: "form", Value: "sealed"}, {Name: "then", Value: `a"b`}}
	for _, page := range []pages.Page{
		{Kind: pages.Cancelled, Primary: &pages.Form{Action: "/x", Fields: fields}},
		{Kind: pages.Cancelled, Leave: &pages.Form{Action: "/x", Fields: fields}},
		{Kind: pages.FormPost, URL: "/x", Fields: fields},
		{Kind: pages.Resubmit, URL: "/x", Fields: fields},
		{Kind: pages.Logout, Primary: &pages.Form{Action: "/x", Fields: fields}},
	} {
		_, body := show(t, 200, page)
		want := `<input type="hidden" name="form" value="sealed">` + "\n" + `<input type="hidden" name="then" value="a&#34;b">`
		if !strings.Contains(body, want) {
			t.Errorf("no fields in\n%s", body)
		}
	}
}

// byItself are the pages that go on by themselves.
var byItself = []pages.Kind{pages.Waiting, pages.Navigate, pages.FormPost, pages.Resubmit}

func TestSmallPrint(t *testing.T) {
	full := pages.Page{Code: "invalid_request", Description: "No such client.", Reference: "7KQ2-M4XD", Trace: "0af7651916cd43dd8448eb211c80319c"}
	for _, kind := range kinds(t) {
		full.Kind, full.URL = kind, "/x"
		_, body := show(t, 200, full)
		if quoted := strings.Contains(body, "<code>7KQ2-M4XD</code>"); quoted == slices.Contains(byItself, kind) {
			t.Errorf("%s quotes the reference: %t", kind, quoted)
		}
		if quoted := strings.Contains(body, "<code>"+full.Trace+"</code>"); quoted == slices.Contains(byItself, kind) {
			t.Errorf("%s quotes the trace: %t", kind, quoted)
		}
		told := strings.Contains(body, "<code>invalid_request</code>") && strings.Contains(body, "No such client.")
		if told != slices.Contains([]pages.Kind{pages.BadRequest, pages.Logout, pages.LoggedOut}, kind) {
			t.Errorf("%s tells the developer: %t", kind, told)
		}
	}
}

// Where nobody traces a request, its page does not speak of a trace.
func TestSmallPrintWithoutATrace(t *testing.T) {
	for _, locale := range pages.Languages {
		page := pages.Page{Kind: pages.ServerError, Locale: locale, Reference: "7KQ2-M4XD"}
		_, without := show(t, 200, page)
		page.Trace = "0af7651916cd43dd8448eb211c80319c"
		_, with := show(t, 200, page)
		label := pages.Texts(locale)[".trace"]
		if strings.Contains(without, label) || !strings.Contains(with, label+" <code>"+page.Trace) {
			t.Errorf("%s: %q is said without a trace, or not with one", locale, label)
		}
	}
}

func TestGoingOnByItself(t *testing.T) {
	tests := []struct {
		name string
		page pages.Page
		want string // of the meta refresh
	}{
		{"waiting", pages.Page{Kind: pages.Waiting, Refresh: 3 * time.Second, URL: "/itsme/return/a.b"}, "3;url=/itsme/return/a.b"},
		{"slower without scripts", pages.Page{Kind: pages.Waiting, Refresh: time.Second, Reload: 10 * time.Second, URL: "/r"}, "10;url=/r"},
		{"rounds up", pages.Page{Kind: pages.Waiting, Refresh: 1500 * time.Millisecond, URL: "/r"}, "2;url=/r"},
		{"never at once", pages.Page{Kind: pages.Waiting, URL: "/r"}, "1;url=/r"},
		{"same address", pages.Page{Kind: pages.Waiting, Refresh: time.Second}, "1"},
		{"bad address is the same one", pages.Page{Kind: pages.Waiting, Refresh: time.Second, URL: "javascript:alert(1)"}, "1"},
		{"navigate", pages.Page{Kind: pages.Navigate, URL: "https://itsme.example/x?a=b"}, "0;url=https://itsme.example/x?a=b"},
		{"no other", pages.Page{Kind: pages.Cancelled, Refresh: time.Second, URL: "/r"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, body := show(t, 200, test.page)
			var got string
			if m := regexp.MustCompile(`http-equiv="refresh" content="([^"]*)"`).FindStringSubmatch(body); m != nil {
				got = html.UnescapeString(m[1])
			}
			if without := strings.Contains(body, `<noscript><meta http-equiv`); without != (test.page.Kind == pages.Waiting) {
				t.Errorf("only without scripts: %t", without)
			}
			if got != test.want {
				t.Errorf("%q, not %q", got, test.want)
			}
		})
	}
}

func TestWaitingSpeaksToScreenReaders(t *testing.T) {
	const live = `role="status" aria-live="polite"`
	for _, kind := range kinds(t) {
		_, body := show(t, 200, pages.Page{Kind: kind, URL: "/x"})
		if got := strings.Contains(body, live); got != (kind == pages.Waiting) {
			t.Errorf("%s is live: %t", kind, got)
		}
	}
}

func TestOnlyUnavailableSaysThatAnApprovalIsKept(t *testing.T) {
	for _, kind := range kinds(t) {
		_, body := show(t, 200, pages.Page{Kind: kind, URL: onward(kind), Waited: true})
		if says := strings.Contains(body, "we have stopped waiting"); says != (kind == pages.Expired) {
			t.Errorf("%s, where we stopped waiting: says so %t", kind, says)
		}
		for _, kept := range []bool{true, false} {
			_, body := show(t, 200, pages.Page{Kind: kind, URL: onward(kind), Kept: kept})
			if says := strings.Contains(body, pages.Texts("en")[".kept"]); says != (kept && kind == pages.Unavailable) {
				t.Errorf("%s, kept %t: says so %t", kind, kept, says)
			}
		}
	}
}
