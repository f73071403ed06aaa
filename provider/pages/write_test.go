package pages_test

import (
	"html/template"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"itsme-bridge/provider/pages"
)

// show is what a browser gets for a page.
func show(tb testing.TB, status int, p pages.Page) (*http.Response, string) {
	tb.Helper()
	w := httptest.NewRecorder()
	pages.Write(w, status, p)
	return w.Result(), w.Body.String()
}

// onward is an address that a page may go on to: an application's, unless only
// ours will do.
func onward(kind pages.Kind) string {
	if kind == pages.Resubmit {
		return "/x"
	}
	return "com.example.app:/cb"
}

func TestWriteSetsTwoHeaders(t *testing.T) {
	for _, kind := range kinds(t) {
		answer, _ := show(t, http.StatusAccepted, pages.Page{Kind: kind, URL: onward(kind)})
		if answer.StatusCode != http.StatusAccepted {
			t.Errorf("%s: status %d", kind, answer.StatusCode)
		}
		if got := answer.Header.Get("Content-Type"); got != "text/html; charset=utf-8" {
			t.Errorf("%s: Content-Type %q", kind, got)
		}
		if answer.Header.Get("Content-Security-Policy") == "" || len(answer.Header) != 2 {
			t.Errorf("%s: %v", kind, answer.Header)
		}
	}
}

func TestPolicy(t *testing.T) {
	for _, kind := range kinds(t) {
		answer, body := show(t, 200, pages.Page{Kind: kind, URL: onward(kind)})
		policy := directives(answer)

		nonce := policy["style-src"]
		if !regexp.MustCompile(`^'nonce-[A-Z2-7]{26}'$`).MatchString(nonce) {
			t.Errorf("%s: style-src %q", kind, nonce)
		}
		attribute := `nonce="` + strings.TrimSuffix(strings.TrimPrefix(nonce, "'nonce-"), "'") + `"`
		want := map[string]string{
			"default-src": "'none'", "style-src": nonce, "form-action": "'self'", "frame-ancestors": "'none'", "base-uri": "'none'",
		}
		nonced := 1
		if kind == pages.FormPost || kind == pages.Resubmit || kind == pages.Waiting {
			want["script-src"], nonced = nonce, 2
		}
		if kind == pages.Waiting {
			want["connect-src"] = "'self'"
		}
		if kind == pages.FormPost {
			delete(want, "form-action")
		}
		for name := range policy {
			if policy[name] != want[name] {
				t.Errorf("%s: %s %q, not %q", kind, name, policy[name], want[name])
			}
			delete(want, name)
		}
		if len(want) > 0 {
			t.Errorf("%s lacks %v", kind, want)
		}
		if n := strings.Count(body, attribute); n != nonced {
			t.Errorf("%s: the nonce stands on %d elements, not %d", kind, n, nonced)
		}
	}
}

// directives takes a policy apart.
func directives(answer *http.Response) map[string]string {
	policy := map[string]string{}
	for directive := range strings.SplitSeq(answer.Header.Get("Content-Security-Policy"), "; ") {
		name, value, _ := strings.Cut(directive, " ")
		policy[name] = value
	}
	return policy
}

func TestNonceIsUsedOnce(t *testing.T) {
	var seen []string
	for range 100 {
		answer, _ := show(t, 200, pages.Page{Kind: pages.Late})
		seen = append(seen, directives(answer)["style-src"])
	}
	slices.Sort(seen)
	if n := len(slices.Compact(seen)); n != 100 {
		t.Errorf("%d nonces for 100 pages", n)
	}
}

// A page is self-contained: nothing in it makes a browser fetch anything.
func TestNothingIsFetched(t *testing.T) {
	for _, kind := range kinds(t) {
		_, body := show(t, 200, pages.Page{Kind: kind, Home: home, URL: onward(kind)})
		if m := regexp.MustCompile(`<link|<img|<iframe| src=|@import|url\(| style=| on\w+=`).FindString(body); m != "" {
			t.Errorf("%s holds %q", kind, m)
		}
	}
}

func TestAPageIsWrittenWholeOrNotAtAll(t *testing.T) {
	broken := template.Must(template.New("").Parse(`half a page{{.Title.Missing}}`))
	w := httptest.NewRecorder()
	pages.WriteWith(w, http.StatusOK, pages.Page{Kind: pages.Finished}, broken)
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "half") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

func TestUnknownKindIsOurFault(t *testing.T) {
	answer, body := show(t, 200, pages.Page{Kind: "nonsense", Home: home})
	wantFault(t, answer, body)
}

// wantFault wants the page that says that something is wrong with us.
func wantFault(t *testing.T, answer *http.Response, body string) {
	t.Helper()
	if answer.StatusCode != http.StatusInternalServerError || !strings.Contains(body, "Something went wrong on our side") {
		t.Errorf("status %d:\n%s", answer.StatusCode, body)
	}
}

func TestUnknownLocaleIsEnglish(t *testing.T) {
	for _, locale := range []string{"", "es", "nl-BE", "EN"} {
		if _, body := show(t, 200, pages.Page{Kind: pages.Late, Locale: locale}); !strings.Contains(body, `<html lang="en">`) {
			t.Errorf("%q: %.80s", locale, body)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	fields := []pages.Field{
		{Name: "code", Value: strings.Repeat("c", 53)},
		{Name: "state", Value: strings.Repeat("s", 128)},
		{Name: "iss", Value: "https://login.example"},
	}
	for _, page := range []pages.Page{
		{Kind: pages.Navigate, Locale: "nl", App: "Stad Gent", URL: "https://app.example/cb?code=c&state=s"},
		{Kind: pages.FormPost, Locale: "nl", App: "Stad Gent", URL: "https://app.example/cb", Fields: fields},
	} {
		b.Run(string(page.Kind), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				pages.Write(httptest.NewRecorder(), 200, page)
			}
		})
	}
}
