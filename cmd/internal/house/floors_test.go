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
	floor := func(home string, height int, may string) floor { return floor{home, height, strings.Fields(may)} }
	below := "provider/... storage/... itsme/... keys/..."
	return append(rooms(),
		floor("storage", 0, ""),
		floor("itsme", 0, ""),
		floor("keys", 0, ""),
		floor("storage/storagetest", 0, "storage"),
		floor("itsme/sandbox", 0, "itsme"),
		floor("cmd/internal/config/document", 2, ""),
		floor("cmd/internal/product", 2, "provider/client provider/claims keys"),
		floor("cmd/internal/config", 2, "cmd/internal/config/document cmd/internal/product provider/... storage itsme keys"),
		floor("cmd/internal/config/configtest", 2, "cmd/internal/config"),
		floor("cmd/internal", 3, "cmd/internal/config "+below),
		floor("cmd", 4, "cmd/internal/... "+below),
		floor("deploy", 4, "cmd/internal/... "+below),
	)
}

// rooms are those of provider, the highest first: what each may import of its floor. All may import oauth, pages and the ground floor.
//
//	                provider
//	┌───────────┬───────┴───┬───────────┐
//	authorize   token    logout   discovery
//	login         │         │           │
//	request   clientauth  session       │
//	└───────────┴────┬──────┘           │
//	 grant  notbefore  ceilings  ledger │
//	          claims ───────────────────┤
//	          client ───────────────────┘
//	          edge
//	          audit
//	          oauth
//	pages   signed   remote   breaker  │  storage  itsme  keys
func rooms() []floor {
	room := func(name, may string) floor {
		f := floor{home: "provider/" + name, height: 1, may: []string{"provider/pages", "storage", "itsme", "keys"}}
		for _, below := range strings.Fields(may) {
			f.may = append(f.may, "provider/"+below)
		}
		return f
	}
	return []floor{
		{"provider", 1, strings.Fields(`storage itsme keys provider/authorize provider/token provider/logout provider/discovery
			provider/login provider/request provider/clientauth provider/session provider/grant provider/notbefore provider/ceilings provider/ledger provider/client provider/edge provider/audit provider/pages`)},
		room("authorize", "login request session clientauth grant notbefore ceilings claims client edge oauth"),
		room("token", "                          clientauth grant notbefore          claims client edge oauth"),
		room("logout", "                 session            grant                           client edge oauth"),
		room("discovery", "                                                          claims client edge oauth signed"),
		room("login", "          request session            grant           ceilings ledger claims client edge oauth breaker"),
		room("request", "                                   grant                    claims client edge oauth signed"),
		room("session", "                                                            claims client edge oauth"),
		room("clientauth", "                                             ceilings           client edge oauth signed"),
		room("grant", "                                                              claims             oauth"),
		room("notbefore", ""),
		room("ceilings", "                                                                  client edge oauth"),
		room("ledger", "                                                                    client"),
		room("claims", "                                                                    client"),
		room("client", "                                                                                oauth"),
		room("edge", "                                                                            audit oauth signed"),
		room("audit", ""),
		room("oauth", ""),
		room("breaker", ""),
		{"provider/pages", 1, nil},
		{"provider/signed", 1, nil},
		{"provider/remote", 1, nil},
		{"provider/providertest", 1, strings.Fields("provider/... storage itsme keys storage/storagetest itsme/sandbox")},
		{"provider/interop", 1, nil},
		{"provider/simulation", 1, nil},
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

// What a token room must never see, it does not see by way of another room either.
func TestRoomsDoNotReach(t *testing.T) {
	for _, row := range []struct{ from, never string }{
		{"token", "login request session authorize logout"},
		{"request", "login clientauth token session authorize logout"},
		{"login", "token clientauth authorize logout notbefore"},
		{"session", "request login grant token"},
		{"clientauth", "grant session request token login"},
	} {
		reached := map[string]bool{}
		var walk func(home string)
		walk = func(home string) {
			f, _ := floorOf(home)
			for _, below := range f.may {
				if !reached[below] {
					reached[below] = true
					walk(below)
				}
			}
		}
		walk("provider/" + row.from)
		for _, name := range strings.Fields(row.never) {
			if reached["provider/"+name] {
				t.Errorf("%s can reach %s", row.from, name)
			}
		}
	}
}

func TestTheFloorsThemselves(t *testing.T) {
	for _, row := range []struct {
		from, to string
		test     bool
		want     bool
	}{
		{"provider", "storage", false, true},
		{"provider", "provider/token", false, true},
		{"provider/token", "provider/clientauth", false, true},
		{"provider/token", "provider/login", false, false},
		{"provider/token", "provider", false, false},
		{"provider/login", "provider/authorize", false, false},
		{"provider/session", "provider/request", false, false},
		{"provider/edge", "provider/client", false, false},
		{"provider/claims", "provider/grant", false, false},
		{"provider/claims", "storage/storagetest", false, false},
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
