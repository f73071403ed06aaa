package provider_test

import (
	"net/url"
	"strings"
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	"itsme-bridge/provider/login"
	. "itsme-bridge/provider/providertest"
)

// Promise 2: nothing is fetched unless the cookie of the browser that began the
// login meets the proof of this attempt.
func TestNothingIsFetchedForTheWrongBrowser(t *testing.T) {
	for _, row := range []struct {
		name  string
		comes func(s *Server, b *Browser, back string) *Answer
		page  string
	}{
		{"no cookie", func(s *Server, _ *Browser, back string) *Answer { return s.Browser().Get(back) }, "other_browser"},
		{"the cookie of another login", func(s *Server, _ *Browser, back string) *Answer {
			other := s.Browser()
			other.Begin(nil)
			return other.Get(back)
		}, "other_browser"},
		{"the proof of another login", func(s *Server, b *Browser, back string) *Answer {
			mine := strings.Split(back, ".")
			theirs := strings.Split(s.Browser().Begin(nil), ".")
			return b.Get(strings.Join(append(mine[:len(mine)-1], theirs[len(theirs)-1]), "."))
		}, "other_browser"},
		{"a proof of their own making", func(_ *Server, b *Browser, back string) *Answer {
			return b.Get(back[:strings.LastIndex(back, ".")+1] + strings.Repeat("A", 43))
		}, "other_browser"},
		{"the proof of the attempt, for the next one", func(_ *Server, b *Browser, back string) *Answer {
			return b.Get(strings.Replace(back, ".1.", ".2.", 1))
		}, "other_browser"},
		{"no proof", func(_ *Server, b *Browser, back string) *Answer {
			return b.Get(back[:strings.LastIndex(back, ".")])
		}, "bad_request"},
		{"nothing at all", func(s *Server, b *Browser, _ string) *Answer { return b.Get(s.Issuer + "/itsme/return") }, "bad_request"},
		{"the cookie alone, at the page that knows no proof", func(s *Server, b *Browser, back string) *Answer {
			return b.Get(s.Issuer + "/itsme/login/" + loginID(back))
		}, "navigate"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := New(t)
			b := s.Browser()
			back := b.Begin(nil)
			mine := last(s).Token
			s.Approve()
			answer := row.comes(s, b, back)
			if answer.Page() != row.page {
				t.Errorf("page %q, want %q", answer.Page(), row.page)
			}
			if row.page == "other_browser" && !strings.Contains(answer.Body, Home) {
				t.Error("the page does not lead on")
			}
			if strings.Contains(answer.Leads(), Callback) {
				t.Errorf("leads to the client: %q", answer.Leads())
			}
			if n := s.Sandbox.Fetches(mine); n != 0 {
				t.Errorf("CM was asked %d times", n)
			}
			for key := range s.Dump() {
				if strings.Contains(key, "lease:") && row.page != "navigate" {
					t.Errorf("a lease was taken: %s", key)
				}
			}
			if s.Response(b.Get(back)).Get("code") == "" {
				t.Error("the right browser cannot finish any more")
			}
		})
	}
}

func loginID(back string) string {
	rest := back[strings.LastIndex(back, "/")+1:]
	id, _, _ := strings.Cut(rest, ".")
	return id
}

// The attacker begins a login, cancels it, and so knows one proof. "Try again"
// gives a new link, which the victim opens and approves. The attacker holds the
// cookie, the victim's browser the proof: they never meet.
func TestForwardedRetryLink(t *testing.T) {
	s := New(t)
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
	attacker := s.Browser()
	first := attacker.Begin(nil)
	cancelled := attacker.Get(first)
	retried := attacker.Submit(cancelled, "/itsme/retry")
	if !strings.HasPrefix(retried.Leads(), s.Sandbox.URL) {
		t.Fatalf("the retry leads to %q", retried.Leads())
	}
	second := s.ReturnURL()
	_, proof, _ := strings.Cut(second, ".2.")
	s.Approve() // by the victim, who was sent retried.Leads()

	if page := s.Browser().Get(second).Page(); page != "other_browser" {
		t.Errorf("the victim's browser sees %q, want other_browser", page)
	}
	for name, answer := range map[string]*Answer{
		"the first proof again":          attacker.Get(first),
		"the first proof as the second":  attacker.Get(strings.Replace(first, ".1.", ".2.", 1)),
		"the page that knows no proof":   attacker.Get(s.Issuer + "/itsme/login/" + loginID(first)),
		"try again, from the first page": attacker.Submit(cancelled, "/itsme/retry"),
	} {
		if strings.Contains(answer.Leads(), Callback) || strings.Contains(answer.Body, proof) {
			t.Errorf("%s: the attacker gets in, or gets the proof: %q", name, answer.Leads())
		}
	}
	if strings.Contains(retried.Body, proof) || strings.Contains(cancelled.Body, proof) {
		t.Error("a page shows the second proof to the holder of the cookie")
	}
	if n := s.Sandbox.Fetches(last(s).Token); n != 0 {
		t.Errorf("CM was asked %d times", n)
	}
}

// The forms on our pages are for the browser and the attempt that they were made for.
func TestForeignForms(t *testing.T) {
	s := New(t)
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
	b := s.Browser()
	page := b.Get(b.Begin(nil))
	_, fields, _ := page.Form("/itsme/retry")
	for _, action := range []string{"/itsme/retry", "/itsme/leave"} {
		for name, row := range map[string]struct {
			b      *Browser
			change func(url.Values)
			page   string
		}{
			"another browser":     {s.Browser(), func(url.Values) {}, "other_browser"},
			"no token":            {b, func(v url.Values) { v.Del("token") }, "other_browser"},
			"another token":       {b, func(v url.Values) { v.Set("token", strings.Repeat("A", 43)) }, "other_browser"},
			"a token made for 1":  {b, func(v url.Values) { v.Set("attempt", "2") }, "other_browser"},
			"no attempt":          {b, func(v url.Values) { v.Del("attempt") }, "bad_request"},
			"an id of their own":  {b, func(v url.Values) { v.Set("login", "{x}") }, "bad_request"},
			"somebody else's id":  {b, func(v url.Values) { v.Set("login", strings.Repeat("A", 26)) }, "other_browser"},
			"in the query, a GET": {b, nil, ""},
		} {
			if row.change == nil {
				if answer := row.b.Get(s.Issuer + action + "?" + fields.Encode()); !strings.HasPrefix(answer.Location(), s.Issuer+"/itsme/login/") {
					t.Errorf("%s %s: %d, leads to %q; want where the login stands", action, name, answer.Status, answer.Location())
				}
				continue
			}
			form := url.Values{"login": fields["login"], "attempt": fields["attempt"], "token": fields["token"]}
			row.change(form)
			if answer := row.b.Post(s.Issuer+action, form); answer.Page() != row.page || answer.Leads() != "" {
				t.Errorf("%s %s: page %q, leads to %q, want %q", action, name, answer.Page(), answer.Leads(), row.page)
			}
		}
	}
	if n := s.Sandbox.Starts(); n != 1 {
		t.Errorf("%d transactions, want 1", n)
	}
}

// insecure_fixed_return_url: the cookie alone, the newest login, and nothing without it.
func TestFixedReturnURL(t *testing.T) {
	s := With(t, Options{Config: func(c *provider.Config) { c.ReturnShape = login.ReturnFixed }})
	b := s.Browser()
	if back := b.Begin(nil); back != s.Issuer+"/itsme/return" {
		t.Fatalf("return URL %q", back)
	}
	s.Approve()
	if page := s.Browser().Get(s.Issuer + "/itsme/return").Page(); page != "other_browser" {
		t.Errorf("without the cookie: page %q", page)
	}
	if s.Response(b.Get(s.Issuer+"/itsme/return")).Get("code") == "" {
		t.Error("with the cookie: no code")
	}
}

// A login has a cookie of its own, and the browser one trail of all. At most eight
// logins are under way in one browser.
func TestCookies(t *testing.T) {
	s := New(t)
	b := s.Browser()
	var all []string
	for i := range 8 {
		answer := b.Authorize(nil)
		all = append(all, s.ReturnURL())
		cookies := answer.Header["Set-Cookie"]
		if len(cookies) != 2 {
			t.Errorf("login %d sets %q", i, cookies)
		}
		for _, cookie := range cookies {
			for _, attribute := range []string{"Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=86400"} {
				if !strings.Contains(cookie, attribute) {
					t.Errorf("cookie %q lacks %s", cookie, attribute)
				}
			}
		}
		s.Advance(1e9)
	}
	waits := b.Authorize(nil)
	if waits.Page() != "continue" || s.Sandbox.Starts() != 8 {
		t.Fatalf("the ninth login: page %q, %d transactions; want that it waits", waits.Page(), s.Sandbox.Starts())
	}
	for range 9 { // navigations push out what waits, and nothing else
		b.Authorize(nil)
	}
	s.Approve()
	if s.Response(b.Get(all[7])).Get("code") == "" {
		t.Error("the newest of eight logins does not finish")
	}
	if page := b.Get(all[0]).Page(); page == "other_browser" {
		t.Error("the oldest of eight logins has given way to what nobody has asked for")
	}
	if answer := b.Authorize(nil); !strings.HasPrefix(answer.Leads(), s.Sandbox.URL) {
		t.Errorf("one is over, and the next does not begin: page %q", answer.Page())
	}
	s.Advance(1e9)
	if begun := b.Submit(b.Authorize(nil), "/itsme/continue"); !strings.HasPrefix(begun.Leads(), s.Sandbox.URL) {
		t.Errorf("a click begins nothing: page %q", begun.Page())
	}
	if page := b.Get(all[0]).Page(); page != "other_browser" {
		t.Errorf("the oldest login: page %q, want that it has given way to the click", page)
	}
}

// On https the cookie is bound to our host and to https.
func TestCookieOnHTTPS(t *testing.T) {
	s := With(t, Options{Config: func(c *provider.Config) { c.Issuer = "https://login.example" }})
	cookie := authorizeRaw(t, s, Request(nil).Encode()).Header.Get("Set-Cookie")
	if !strings.HasPrefix(cookie, "__Host-itsme-") || !strings.Contains(cookie, "; Secure") {
		t.Errorf("cookie %q", cookie)
	}
}
