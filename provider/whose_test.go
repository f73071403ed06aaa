package provider_test

import (
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/pages"
	. "itsme-bridge/provider/providertest"
)

// Promise 9, too, while Redis does not answer: the tab that has lost the trail to another one leads to its own client, in
// its own language. Who has only the link learns of no client, and a cookie that says of another login is none.
func TestATabThatHasLostTheTrailLeadsHome(t *testing.T) {
	s := withoutRSA(t, Options{Clients: []client.Client{notAtHome()}})
	one, other, both, stranger := s.Browser(), s.Browser(), s.Browser(), s.Browser()
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
	back := one.Begin(set("ui_locales", "fr"))
	form := one.Get(back)
	theirs := other.Begin(asTheOther)
	both.Header.Set("Cookie", crossed(one, other))
	s.Faults().Down()
	for name, page := range map[string]*Answer{
		"the return": both.Get(back), "where it stands": both.Get(standsAt(s, loginID(back))),
		"try again": both.Submit(form, "/itsme/retry"), "leave": both.Submit(form, "/itsme/leave"),
	} {
		if page.Page() != "unavailable" || !leadsHome(page) || !strings.Contains(page.Body, `<html lang="fr"`) {
			t.Errorf("%s: %d, page %q: %s", name, page.Status, page.Page(), page.Body)
		}
	}
	for _, c := range other.Cookies() {
		if id, whose := strings.CutPrefix(c.Name, "itsme-of."); whose {
			stranger.Header.Set("Cookie", strings.ReplaceAll(c.Name, id, loginID(back))+"="+c.Value)
		}
	}
	if stranger.Header.Get("Cookie") == "" || theirs == "" {
		t.Fatal("there is no cookie that says whose a login is")
	}
	for name, page := range map[string]*Answer{"with another login's cookie": stranger.Get(back), "with none": s.Browser().Get(back)} {
		if strings.Contains(page.Body, "The App") || strings.Contains(page.Body, "The Other") || !strings.Contains(page.Body, "open the application yourself") {
			t.Errorf("%s: %d, page %q: %s", name, page.Status, page.Page(), page.Body)
		}
	}
	s.Faults().Up()
}

// Nor does its page fall back into the language of before, once the person has chosen one.
func TestATabThatHasLostTheTrailSpeaksAsChosen(t *testing.T) {
	s := withoutRSA(t, Options{Clients: []client.Client{notAtHome()}})
	one, other, both := s.Browser(), s.Browser(), s.Browser()
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 20})
	back := one.Begin(set("ui_locales", "fr"))
	other.Begin(asTheOther)
	both.Header.Set("Cookie", crossed(one, other))
	chosen := both.Get(back + "?" + pages.LanguageParameter + "=nl")
	for _, cookie := range chosen.Header["Set-Cookie"] { // the browser's jar is not asked for what the header holds
		pair, _, _ := strings.Cut(cookie, ";")
		name, _, _ := strings.Cut(pair, "=")
		kept := slices.DeleteFunc(strings.Split(both.Header.Get("Cookie"), "; "), func(c string) bool { return strings.HasPrefix(c, name+"=") })
		both.Header.Set("Cookie", strings.Join(append(kept, pair), "; "))
	}
	for when, page := range map[string]*Answer{"at once": chosen, "when it loads again": both.Get(s.Issuer + chosen.Leads())} {
		if page.Page() != "waiting" || !strings.Contains(page.Body, `<html lang="nl"`) {
			t.Errorf("%s: page %q: %s", when, page.Page(), page.Body)
		}
	}
}

// A browser keeps no more of these cookies than logins, and is given none where all clients are at home at one address.
func TestCookiesThatSayWhoseALoginIs(t *testing.T) {
	count := func(b *Browser) (n int) {
		for _, c := range b.Cookies() {
			if strings.HasPrefix(c.Name, "itsme-of.") {
				n++
			}
		}
		return n
	}
	s := withoutRSA(t, Options{Clients: []client.Client{notAtHome()}})
	b := s.Browser()
	for range 20 {
		b.Begin(nil)
		s.Advance(11 * time.Minute)
	}
	if n := count(b); n < 8 || n > 9 {
		t.Errorf("%d cookies for 8 logins", n)
	}
	s.Provider.Register(Clients(nil))
	b = s.Browser()
	b.Begin(nil)
	if n := count(b); n > 0 {
		t.Errorf("%d cookies, and all clients are at home at one address", n)
	}
}

// The page that asks first is free: no count, no Redis. So it costs no more CPU than in proportion to the cookies that a stranger sends.
func TestManyCookiesCostLittle(t *testing.T) {
	s := withoutRSA(t, Options{Clients: []client.Client{notAtHome()}})
	b := plain(s)
	b.Header.Set("Cookie", strings.TrimSuffix(strings.Repeat("a=1; ", 2900), "; "))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	page := b.Authorize(nil)
	runtime.ReadMemStats(&after)
	if n := after.Mallocs - before.Mallocs; page.Page() != "continue" || n > 500_000 {
		t.Errorf("page %q for %d objects", page.Page(), n)
	}
}
