package pages_test

import (
	"strings"
	"testing"

	"itsme-bridge/provider/pages"
)

// A stranger's preference costs no more than a browser's, however long it is: only its first few entries are read.
func TestLongPreferences(t *testing.T) {
	for _, row := range []struct {
		name, preference, want string
	}{
		{"among the first", "xx yy nl " + strings.Repeat("fr ", 20000), "nl"},
		{"behind them", strings.Repeat("x ", 16) + "nl", "en"},
		{"behind them, with commas", strings.Repeat("x,", 16) + "nl", "en"},
		{"a weight behind them", "fr;q=0.5," + strings.Repeat("x,", 20) + "nl;q=0.9", "fr"},
		{"in one word", strings.Repeat("nl-", 20000), "en"},
		{"cut short", strings.Repeat(" ", 510) + "frr", "en"},
		{"spaces alone", strings.Repeat(" ", 60000) + "nl", "en"},
		{"commas alone", strings.Repeat(",", 60000), "en"},
		{"weights alone", strings.Repeat("nl;q=0,", 9000), "en"},
	} {
		if got := pages.Locale(row.preference); got != row.want {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
		if allocations := testing.AllocsPerRun(5, func() { pages.Locale(row.preference) }); allocations > 400 {
			t.Errorf("%s: %.0f allocations", row.name, allocations)
		}
	}
}
