package pages_test

import (
	"slices"
	"testing"

	"itsme-bridge/provider/pages"
)

func TestLocale(t *testing.T) {
	tests := []struct {
		name        string
		preferences []string
		want        string
	}{
		{"nothing", nil, "en"},
		{"empty", []string{"", " "}, "en"},
		{"region", []string{"nl-BE"}, "nl"},
		{"case", []string{"FR-be"}, "fr"},
		{"underscore", []string{"de_BE"}, "de"},
		{"spaces between", []string{"es it  de fr"}, "de"},
		{"commas between", []string{"es, it,de, fr"}, "de"},
		{"weights", []string{"en;q=0.2, fr;q=0.9, nl;q=0.5"}, "fr"},
		{"one with a weight", []string{"nl; q=0.5"}, "nl"},
		{"weight of zero", []string{"nl;q=0, de;q=0.1"}, "de"},
		{"equal weights keep their order", []string{"fr-BE, nl-BE, de"}, "fr"},
		{"anything", []string{"*"}, "en"},
		{"first preference decides", []string{"nl", "fr"}, "nl"},
		{"first that we speak decides", []string{"es, it", "", "fr, nl"}, "fr"},
		{"nonsense beside", []string{"xx, ;;q=, klingon!, a-b-c, nl;q=x, de"}, "de"},
		{"nonsense", []string{"../../etc/passwd", "<script>", "\x00"}, "en"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := pages.Locale(test.preferences...); got != test.want {
				t.Errorf("%q: %s, not %s", test.preferences, got, test.want)
			}
		})
	}
}

func FuzzLocale(f *testing.F) {
	f.Add("nl-BE, fr;q=0.8")
	f.Add("de fr")
	f.Fuzz(func(t *testing.T, preference string) {
		if got := pages.Locale(preference); !slices.Contains(pages.Languages, got) {
			t.Errorf("%q: %q", preference, got)
		}
	})
}
