package provider_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	. "itsme-bridge/provider/providertest"
)

// crossSite makes a browser's next requests those that another site sends: its
// SameSite=Lax cookies stay away. It returns the way back.
func crossSite(s *Server, b *Browser) *Browser {
	other := s.Browser()
	other.Header = b.Header.Clone()
	other.Header.Set("Sec-Fetch-Site", "cross-site")
	return other
}

// A POST from another site is sent once more by ourselves, and then has the cookies.
func TestCrossSitePost(t *testing.T) {
	s := withSessions(t, Options{})
	b, _ := signedIn(t, s, nil)
	sent := Request(all(set("prompt", "none"), set("state", `"<a>&b`)))
	page := crossSite(s, b).Post("/authorize", sent)
	to, fields, ok := page.Form("/authorize")
	if page.Page() != "resubmit" || !ok || page.Leads() != "" {
		t.Fatalf("%d %q\n%s", page.Status, page.Page(), page.Body)
	}
	for name := range sent {
		if !slices.Equal(fields[name], sent[name]) {
			t.Errorf("%s: %q, sent %q", name, fields[name], sent[name])
		}
	}
	b.Header.Set("Sec-Fetch-Site", "same-origin")
	_, got := responseOf(t, b.Post(to, fields))
	if got.Get("code") == "" || got.Get("state") != `"<a>&b` {
		t.Errorf("%v", got)
	}
	// Only once, also where there is no session.
	stranger := crossSite(s, b)
	if _, got := responseOf(t, stranger.Post(to, fields)); got.Get("error") != "login_required" {
		t.Errorf("a second time: %v", got)
	}
}

// What is sent once more is sent as it came, also what will be refused.
func TestCrossSitePostIsNotMended(t *testing.T) {
	s := withSessions(t, Options{})
	b := s.Browser()
	sent := Request(func(v url.Values) { v.Add("scope", "openid"); v.Set("unknown", "x") })
	to, fields, _ := crossSite(s, b).Post("/authorize", sent).Form("/authorize")
	if len(fields["scope"]) != 2 || fields.Has("unknown") {
		t.Errorf("%v", fields)
	}
	if answer := b.Post(to, fields); answer.Status != http.StatusBadRequest || answer.Leads() != "" {
		t.Errorf("%d %q", answer.Status, answer.Leads())
	}
}

// Who is asked to send it once more, and who is not.
func TestWhoIsCrossSite(t *testing.T) {
	with, without := withSessions(t, Options{}), New(t)
	for _, row := range []struct {
		name         string
		s            *Server
		site, origin string
		cookie       bool
		again        bool
	}{
		{"another site", with, "cross-site", "https://app.example", false, true},
		{"another site, with the cookie nevertheless", with, "cross-site", "https://app.example", true, false},
		{"ourselves", with, "same-origin", with.Issuer, false, false},
		{"a site of ours", with, "same-site", "https://sister.example", false, false},
		{"nobody", with, "none", "", false, false},
		{"an old browser, from elsewhere", with, "", "https://app.example", false, true},
		{"an old browser, from nowhere", with, "", "null", false, true},
		{"an old browser, from here", with, "", with.Issuer, false, false},
		{"no browser", with, "", "", false, false},
		{"a word of the future, from elsewhere", with, "new-word", "https://app.example", false, true},
		{"without sessions", without, "cross-site", "https://app.example", false, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := row.s.Browser()
			for name, value := range map[string]string{"Sec-Fetch-Site": row.site, "Origin": row.origin} {
				if value != "" {
					b.Header.Set(name, value)
				}
			}
			if row.cookie {
				b.Header.Set("Cookie", "itsme-session=x")
			}
			if page := b.Post("/authorize", Request(nil)).Page(); (page == "resubmit") != row.again {
				t.Errorf("page %q", page)
			}
			if page := b.Get("/authorize?" + Request(nil).Encode()).Page(); page == "resubmit" {
				t.Error("a GET is posted")
			}
		})
	}
}

// The page speaks the language that was asked for, and goes to ourselves.
func TestCrossSitePostPage(t *testing.T) {
	s := withSessions(t, Options{Path: "/tenant"})
	page := crossSite(s, s.Browser()).Post(s.Issuer+"/authorize", Request(set("ui_locales", "nl")))
	to, _, _ := page.Form("/authorize")
	if to != "/tenant/authorize" || !strings.Contains(page.Body, `lang="nl"`) {
		t.Errorf("action %q\n%s", to, page.Body)
	}
}
