package house_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A floor is a package with its subpackages, and what of ours its production code may import; name/... is a package with its subpackages.
type floor struct {
	home   string
	height int // a test may import what is not higher
	may    []string
}

func floors() []floor {
	return []floor{
		{"storage", 0, nil},
		{"itsme", 0, nil},
		{"keys", 0, nil},
		{"storage/storagetest", 0, []string{"storage"}},
		{"itsme/sandbox", 0, []string{"itsme"}},
		{"provider/pages", 1, nil},
		{"provider/remote", 1, nil},
		{"provider/signed", 1, nil},
		{"provider", 1, []string{"provider/pages", "provider/signed", "storage", "itsme", "keys"}},
		{"provider/providertest", 1, []string{"provider", "provider/pages", "provider/remote", "storage", "itsme", "keys", "storage/storagetest", "itsme/sandbox"}},
		{"cmd/internal/config/document", 2, nil},
		{"cmd/internal/config", 2, []string{"cmd/internal/config/document", "provider/...", "storage", "itsme", "keys"}},
		{"cmd/internal/config/configtest", 2, []string{"cmd/internal/config"}},
		{"cmd/internal", 3, []string{"cmd/internal/config", "provider/...", "storage/...", "itsme/...", "keys/..."}},
		{"cmd", 4, []string{"cmd/internal/...", "provider/...", "storage/...", "itsme/...", "keys/..."}},
		{"deploy", 4, []string{"cmd/internal/...", "provider/...", "storage/...", "itsme/...", "keys/..."}},
	}
}

func TestImportsGoDownOnly(t *testing.T) {
	for _, s := range sources(t) {
		from, ok := floorOf(s.home())
		if !ok {
			t.Errorf("%s: on which floor does this package stand? Say so in floors()", s.path)
			continue
		}
		for _, spec := range s.file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			ours, ok := strings.CutPrefix(imported, module+"/")
			if ok && !allowed(from, ours, s.test) {
				t.Errorf("%s:%d: %s may not import %s", s.path, s.line(spec), from.home, ours)
			}
		}
	}
}

// allowed: production code imports what its floor names. A test may also use what stands beside it, but nothing above it.
func allowed(from floor, imported string, test bool) bool {
	to, ok := floorOf(imported)
	if !ok {
		return false
	}
	if to.home == from.home && imported != from.home || test {
		return to.height <= from.height
	}
	return slices.ContainsFunc(from.may, func(entry string) bool {
		below, all := strings.CutSuffix(entry, "/...")
		return imported == entry || all && within(imported, below)
	})
}

// floorOf finds the entry with the longest home.
func floorOf(pkg string) (floor, bool) {
	var found floor
	for _, f := range floors() {
		if within(pkg, f.home) && len(f.home) > len(found.home) {
			found = f
		}
	}
	return found, found.home != ""
}

func within(pkg, home string) bool { return pkg == home || strings.HasPrefix(pkg, home+"/") }

func TestTheFloorsThemselves(t *testing.T) {
	for _, row := range []struct {
		from, to string
		test     bool
		want     bool
	}{
		{"provider", "storage", false, true},
		{"provider", "storage/storagetest", false, false},
		{"provider", "storage/storagetest", true, true},
		{"provider", "itsme/sandbox", false, false},
		{"provider", "cmd/internal/app", true, false},
		{"storage", "keys", false, false},
		{"storage", "provider", true, false},
		{"storage", "storage/storagetest", true, true},
		{"storage", "storage/storagetest", false, false},
		{"storage/storagetest", "storage", false, true},
		{"itsme/sandbox", "itsme/sandbox/pages", false, true},
		{"itsme/sandbox", "keys", false, false},
		{"cmd/internal/config", "cmd/internal/config/document", false, true},
		{"cmd/internal/config", "cmd/internal/config/configtest", false, false},
		{"cmd/internal/config", "cmd/internal/config/configtest", true, true},
		{"cmd/internal/config", "cmd/internal/app", false, false},
		{"cmd/internal/config", "cmd/internal/app", true, false},
		{"cmd/internal/config/document", "cmd/internal/config", false, false},
		{"cmd/internal/app", "cmd/internal/config", false, true},
		{"cmd/internal/app", "provider", false, true},
		{"cmd/internal/app", "cmd/itsme-bridge", false, false},
		{"cmd/internal/app", "cmd/internal/demo", false, true},
		{"cmd/itsme-bridge", "cmd/internal/app", false, true},
	} {
		from, _ := floorOf(row.from)
		if got := allowed(from, row.to, row.test); got != row.want {
			t.Errorf("%s imports %s (test: %t): %t, want %t", row.from, row.to, row.test, got, row.want)
		}
	}
}
