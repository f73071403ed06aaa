package provider_test

import (
	"html"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	"itsme-bridge/provider/authorize"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/pages"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage"
)

// Promise 9: Redis has forgotten a login. The page says so, in the person's language,
// and begins the same request anew; the browser knows all that is needed.
func TestTheSameRequestBeginsAnewWhereRedisHasForgottenIt(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(url.Values)
		at     func(s *Server, back string) string
	}{
		{"at the return", nil, func(_ *Server, back string) string { return back }},
		{"where it stands", nil, func(s *Server, back string) string { return standsAt(s, loginID(back)) }},
		{"with a state of some length", set("state", strings.Repeat("s", 500)), func(_ *Server, back string) string { return back }},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := withoutRSA(t, Options{})
			b := s.Browser()
			back := b.Begin(all(set("ui_locales", "nl"), row.change))
			s.Approve()
			s.Redis().FlushAll(t.Context())
			page := b.Get(row.at(s, back))
			if page.Page() != "forgotten" || !strings.Contains(page.Body, `<html lang="nl"`) || !strings.Contains(page.Body, Home) {
				t.Fatalf("%d, page %q: %s", page.Status, page.Page(), page.Body)
			}
			again := b.Get(s.Issuer + tryAgain(t, page))
			if !strings.HasPrefix(again.Leads(), s.Sandbox.URL) || s.Sandbox.Starts() != 2 {
				t.Fatalf("try again: %d, page %q, leads to %q", again.Status, again.Page(), again.Leads())
			}
			s.Approve()
			got := s.Response(b.Get(s.ReturnURL()))
			if got.Get("code") == "" || got.Get("state") != Request(row.change).Get("state") {
				t.Errorf("the client gets %v", got)
			}
		})
	}
}

// tryAgain is the address that a page's "try again" leads to.
func tryAgain(t *testing.T, page *Answer) string {
	t.Helper()
	_, after, found := strings.Cut(page.Body, `href="/authorize?`)
	query, _, _ := strings.Cut(after, `"`)
	if !found {
		t.Fatalf("the page does not lead on: %s", page.Body)
	}
	return "/authorize?" + html.UnescapeString(query)
}

// What cannot be repeated, or says who the person is, does not stand on the page;
// the way home does.
func TestWhatDoesNotBeginAnew(t *testing.T) {
	for name, begin := range map[string]func(s *Server, b *Browser){
		"a request that was pushed":   func(s *Server, b *Browser) { b.Get(pushed(t, s, nil)) },
		"a state that is too long":    func(_ *Server, b *Browser) { b.Authorize(set("state", strings.Repeat("s", 2000))) },
		"a request for some claims":   func(_ *Server, b *Browser) { b.Authorize(set("claims", `{"userinfo":{"email":null}}`)) },
		"a login of long ago, by now": func(s *Server, b *Browser) { b.Begin(nil); s.Advance(time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			s := withoutRSA(t, Options{})
			b := s.Browser()
			begin(s, b)
			s.Redis().FlushAll(t.Context())
			page := b.Get(s.ReturnURL())
			if strings.Contains(page.Body, "/authorize?") || !strings.Contains(page.Body, Home) {
				t.Errorf("page %q: %s", page.Page(), page.Body)
			}
		})
	}
	s := withoutRSA(t, Options{})
	b := s.Browser()
	b.Begin(set("login_hint", "+32471234567"))
	s.Redis().FlushAll(t.Context())
	if page := b.Get(s.ReturnURL()); strings.Contains(page.Body, "471234567") || !strings.Contains(page.Body, "/authorize?") {
		t.Errorf("page %q: %s", page.Page(), page.Body)
	}
}

// Promise 9: while Redis does not answer, each page about a login says whose it is,
// in the person's language, and waits for Redis no second time.
func TestPagesLeadOnWithoutRedis(t *testing.T) {
	for _, row := range []struct {
		name string
		send func(s *Server, b *Browser, back string, page *Answer) *Answer
	}{
		{"the return", func(_ *Server, b *Browser, back string, _ *Answer) *Answer { return b.Get(back) }},
		{"where it stands", func(s *Server, b *Browser, back string, _ *Answer) *Answer { return b.Get(standsAt(s, loginID(back))) }},
		{"try again", func(_ *Server, b *Browser, _ string, page *Answer) *Answer { return b.Submit(page, "/itsme/retry") }},
		{"leave", func(_ *Server, b *Browser, _ string, page *Answer) *Answer { return b.Submit(page, "/itsme/leave") }},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := withoutRSA(t, Options{})
			b := s.Browser()
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
			back := b.Begin(set("ui_locales", "fr"))
			page := b.Get(back)
			s.ResetRoundtrips()
			s.Faults().Down()
			defer s.Faults().Up()
			answer := row.send(s, b, back, page)
			if answer.Status != http.StatusServiceUnavailable || answer.Page() != "unavailable" ||
				!strings.Contains(answer.Body, `<html lang="fr"`) || !strings.Contains(answer.Body, Home) {
				t.Errorf("%d, page %q: %s", answer.Status, answer.Page(), answer.Body)
			}
			if n := s.Roundtrips(); n > 2 {
				t.Errorf("Redis was asked %d times", n)
			}
			if strings.Contains(s.Log.String(), `"label":`) {
				t.Error("the page has asked Redis again, which had just failed")
			}
		})
	}
}

// Nobody but us makes a trail, and one of another deployment or by another name is none.
func TestAForgedTrailIsNone(t *testing.T) {
	s := withoutRSA(t, Options{Clients: []client.Client{notAtHome()}})
	b := s.Browser()
	back := b.Begin(nil)
	for name, value := range map[string]string{
		"words": "lucas", "another purpose": s.Store.Keyring().Seal("continue", []byte(`[]`)),
		"another server key": storage.NewKeyring(storage.NewKey()).Seal("trail", []byte(`[{"i":"`+loginID(back)+`","c":"app","l":"nl"}]`)),
	} {
		s.Redis().FlushAll(t.Context())
		visitor := s.Browser()
		visitor.Header.Set("Cookie", "itsme-"+"trail="+value)
		if page := visitor.Get(back); page.Page() != "other_browser" || strings.Contains(page.Body, "The App") {
			t.Errorf("%s: page %q: %s", name, page.Page(), page.Body)
		}
	}
}

// However many logins a browser begins, the header of each answer stays short enough
// for proxies, and the newest request stands in the trail.
func TestTheTrailStaysShort(t *testing.T) {
	for _, length := range []int{0, 100, 300, 500, 900, 2000} {
		s := withoutRSA(t, Options{Path: "/a/tenant", Clients: []client.Client{notAtHome()}})
		b := s.Browser()
		for range 12 {
			answer := b.Authorize(set("state", strings.Repeat("s", length+1)))
			header := 200 // the status line, Date, and what https adds
			for name, values := range answer.Header {
				for _, value := range values {
					header += len(name) + len(value) + 4
				}
			}
			if header > 4096 {
				t.Fatalf("a header of %d bytes", header)
			}
			s.Advance(2 * time.Minute)
		}
	}
	s := withoutRSA(t, Options{})
	b := s.Browser()
	for range 30 {
		b.Authorize(set("state", strings.Repeat("s", 400)))
		s.Advance(11 * time.Minute)
	}
	s.Redis().FlushAll(t.Context())
	tryAgain(t, b.Get(s.ReturnURL()))
}

// Where nobody has clicked yet nothing is lost: the same page comes again.
func TestAContinuePageThatNobodyHasClicked(t *testing.T) {
	s := withoutRSA(t, Options{})
	b := plain(s)
	b.Authorize(nil)
	page := b.Get(b.Get(s.Issuer + "/itsme/continue").Leads())
	if page.Page() != "continue" || strings.Contains(s.Log.String(), "login_forgotten") {
		t.Errorf("%d, page %q\n%s", page.Status, page.Page(), s.Log)
	}
	if again := b.Get(s.Issuer + tryAgain(t, page)); again.Page() != "continue" {
		t.Errorf("%d, page %q", again.Status, again.Page())
	}
}

// notAtHome is a client that is not at home where all others are.
func notAtHome() client.Client {
	other := Clients(nil)[0]
	other.ID, other.Name, other.Home, other.RedirectURIs = "other", "The Other", "https://other.example/", []string{"https://other.example/cb"}
	return other
}

// Promise 9: a login that neither the browser nor Redis knows leads to where all clients are at
// home, or else to the operator, and says how to go on where there is neither. Nothing that
// stands in the link decides.
func TestALoginThatNobodyKnowsLeadsOn(t *testing.T) {
	const byThemselves = "open the application yourself"
	for _, row := range []struct {
		name       string
		clients    []client.Client
		look       pages.Look
		want, lang string
	}{
		{"all clients are at home at one address", nil, pages.Look{}, `href="` + Home + `"`, "en"},
		{"there is an operator", []client.Client{notAtHome()}, pages.Look{Name: "Stad Voorbeeld", Home: "https://www.example.be/"}, `href="https://www.example.be/"`, "fr"},
		{"there is none", []client.Client{notAtHome()}, pages.Look{}, byThemselves, "en"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := withoutRSA(t, Options{Clients: row.clients})
			s.Provider.Dress(pages.Looks{Operator: row.look})
			b := s.Browser()
			back := b.Begin(nil)
			stranger := s.Browser()
			stranger.Header.Set("Accept-Language", row.lang)
			s.Redis().FlushAll(t.Context())
			for name, page := range map[string]*Answer{
				"the return":              stranger.Get(back + "?home=https://evil.example/&client_id=other&redirect_uri=https://other.example/cb"),
				"where it stands":         stranger.Get(standsAt(s, loginID(back))),
				"one that has never been": stranger.Get(standsAt(s, storage.NewHandle().ID())),
			} {
				if page.Page() != "other_browser" || !strings.Contains(page.Body, row.want) || strings.Contains(page.Body, "evil") ||
					strings.Contains(page.Body, "The Other") || !strings.Contains(page.Body, `<html lang="`+row.lang+`"`) {
					t.Errorf("%s: %d, page %q: %s", name, page.Status, page.Page(), page.Body)
				}
				if says := strings.Contains(page.Body, byThemselves); says != (row.want == byThemselves) {
					t.Errorf("%s says that nobody knows the way: %t", name, says)
				}
			}
			s.Faults().Down()
			defer s.Faults().Up()
			if page := stranger.Get(back); !strings.Contains(page.Body, row.want) {
				t.Errorf("without Redis: %d, page %q: %s", page.Status, page.Page(), page.Body)
			}
		})
	}
}

// asTheOther makes a request that of the client that is not at home where all others are.
func asTheOther(v url.Values) {
	v.Set("client_id", "other")
	v.Set("redirect_uri", "https://other.example/cb")
}

// crossed are the cookies of a browser whose two tabs have begun at the same instant: all of both, and the other one's trail.
func crossed(one, other *Browser) string {
	kept := map[string]string{}
	for _, c := range append(one.Cookies(), other.Cookies()...) {
		kept[c.Name] = c.Name + "=" + c.Value
	}
	return strings.Join(slices.Sorted(maps.Values(kept)), "; ")
}

// leadsHome reports whether a page leads to where the usual client is at home, and names it and no other.
func leadsHome(a *Answer) bool {
	return strings.Contains(a.Body, `href="`+Home+`"`) && strings.Contains(a.Body, "The App") && !strings.Contains(a.Body, "The Other")
}

// Two tabs that begin at the same instant are given one trail cookie each, and the browser keeps
// one. Of the other login its own cookie says how old it is: it has not expired, it was lost.
func TestTwoTabsThatBeginAtTheSameInstant(t *testing.T) {
	s := withoutRSA(t, Options{Clients: []client.Client{notAtHome()}})
	one, other := s.Browser(), s.Browser() // which know nothing of each other, as two requests that cross
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
	back := one.Begin(nil)
	form := one.Get(back)
	other.Begin(asTheOther)
	both := s.Browser()
	both.Header.Set("Cookie", crossed(one, other))
	s.Redis().FlushAll(t.Context())
	for name, page := range map[string]*Answer{
		"the return": both.Get(back), "try again": both.Submit(form, "/itsme/retry"), "leave": both.Submit(form, "/itsme/leave"),
	} {
		if page.Page() != "forgotten" || !strings.Contains(s.Log.String(), "login_forgotten") || !leadsHome(page) {
			t.Errorf("%s: %d, page %q: %s", name, page.Status, page.Page(), page.Body)
		}
	}
	if page := both.Get(standsAt(s, loginID(back))); page.Page() != "late" || !leadsHome(page) { // anybody can name a cookie so
		t.Errorf("without a proof: %d, page %q", page.Status, page.Page())
	}
	s.Advance(2 * time.Hour)
	if page := both.Get(back); page.Page() != "late" {
		t.Errorf("much later: %d, page %q", page.Status, page.Page())
	}
}

// Nor is it taken for one that nobody has clicked for, where another tab has brought back the trail of before the click.
func TestATrailOfBeforeTheClick(t *testing.T) {
	s := With(t, Options{Config: func(c *provider.Config) { c.Start = authorize.StartAsk }})
	b, later := s.Browser(), s.Browser()
	trail := func(c *http.Cookie) bool { return c.Name == "itsme-trail" }
	page := b.Authorize(nil)
	before := b.Cookies()
	toItsme(t, s, b.Submit(page, "/itsme/continue"))
	var kept []string
	for _, c := range append(slices.DeleteFunc(b.Cookies(), trail), before[slices.IndexFunc(before, trail)]) {
		kept = append(kept, c.Name+"="+c.Value)
	}
	later.Header.Set("Cookie", strings.Join(kept, "; "))
	s.Redis().FlushAll(t.Context())
	if page := later.Get(s.ReturnURL()); page.Page() != "forgotten" || !strings.Contains(s.Log.String(), "login_forgotten") {
		t.Errorf("%d, page %q: %s", page.Status, page.Page(), page.Body)
	}
}
