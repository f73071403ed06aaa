package pages_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/pages"
)

// alike are the words that two languages happen to share.
var alike = map[string]bool{"fr.minutes.0": true, "fr.minutes.1": true}

func TestEveryLanguageSaysEverything(t *testing.T) {
	reference := pages.Texts("en")
	for _, locale := range pages.Languages {
		texts := pages.Texts(locale)
		for where, said := range reference {
			switch mine := texts[where]; {
			case said != "" && mine == "":
				t.Errorf("%s does not say %s", locale, where)
			case said == "" && mine != "":
				t.Errorf("only %s says %s: %q", locale, where, mine)
			case locale != "en" && said != "" && mine == said && !alike[locale+where]:
				t.Errorf("%s says %s in English: %q", locale, where, mine)
			}
		}
		if len(texts) != len(reference) {
			t.Errorf("%s says %d things, English %d", locale, len(texts), len(reference))
		}
	}
}

func TestEveryKindHasWords(t *testing.T) {
	texts := pages.Texts("en")
	for _, kind := range kinds(t) {
		for _, part := range []string{"title", "what", "back"} {
			if texts[".pages."+string(kind)+"."+part] == "" {
				t.Errorf("no %s for %s", part, kind)
			}
		}
	}
}

// kinds reads the constants of type Kind from the source, so that a new one
// cannot be forgotten here.
func kinds(tb testing.TB) []pages.Kind {
	tb.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "page.go", nil, 0)
	if err != nil {
		tb.Fatal(err)
	}
	var found []pages.Kind
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if ident, ok := spec.Type.(*ast.Ident); !ok || ident.Name != "Kind" {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			tb.Fatal(err)
		}
		found = append(found, pages.Kind(value))
		return true
	})
	if len(found) < 21 {
		tb.Fatalf("only %d kinds in page.go", len(found))
	}
	return found
}

func TestPlaceholders(t *testing.T) {
	placeholder := regexp.MustCompile(`{.*?}|[{}]`)
	for _, locale := range pages.Languages {
		for where, said := range pages.Texts(locale) {
			want := placeholder.FindAllString(pages.Texts("en")[where], -1)
			got := placeholder.FindAllString(said, -1)
			if !slices.Equal(got, want) {
				t.Errorf("%s%s leaves open %q, English %q", locale, where, got, want)
			}
		}
	}
}

func TestFrenchSpacesDoNotBreak(t *testing.T) {
	for where, said := range pages.Texts("fr") {
		if regexp.MustCompile(`[ \pL][?!:;»]|« `).MatchString(said) {
			t.Errorf("%s: %q", where, said)
		}
	}
}

func TestNameless(t *testing.T) {
	const name = "Stad {limit} {app}"
	tests := []struct {
		locale, app string
		want        []string
	}{
		{"en", "", []string{"shared with the application.", "Back to the application<"}},
		{"nl", "", []string{"gedeeld met de toepassing.", "Terug naar de toepassing<"}},
		{"fr", "", []string{"transmis à l’application.", "Retour à l’application<"}},
		{"de", "", []string{"mit der Anwendung geteilt.", "Zurück zur Anwendung<"}},
		{"en", name, []string{"shared with " + name + ".", "Back to " + name + "<"}},
		{"de", name, []string{"mit " + name + " geteilt.", "Zurück zu " + name + "<"}},
	}
	for _, test := range tests {
		_, body := show(t, 200, pages.Page{Kind: pages.Cancelled, Locale: test.locale, App: test.app, Home: "/"})
		for _, want := range test.want {
			if !strings.Contains(body, want) {
				t.Errorf("%s for %q: no %q in\n%s", test.locale, test.app, want, body)
			}
		}
	}
}

func TestLimit(t *testing.T) {
	tests := []struct {
		locale string
		limit  time.Duration
		want   string
	}{
		{"en", time.Second, "at most another 1 second."},
		{"en", 44*time.Second + time.Millisecond, "at most another 45 seconds."},
		{"en", 90 * time.Second, "at most another 90 seconds."},
		{"en", 91 * time.Second, "at most another 2 minutes."},
		{"nl", time.Minute, "nog hoogstens 60 seconden."},
		{"fr", 2 * time.Minute, "pendant encore 2 minutes au maximum."},
		{"de", time.Second, "höchstens noch 1 Sekunde."},
		{"en", 0, "This page looks again by itself.<"},
		{"en", -time.Second, "This page looks again by itself.<"},
	}
	for _, test := range tests {
		_, body := show(t, 200, pages.Page{Kind: pages.Waiting, Locale: test.locale, Limit: test.limit})
		if !strings.Contains(body, test.want) {
			t.Errorf("%s %v: no %q in\n%s", test.locale, test.limit, test.want, body)
		}
	}
}
