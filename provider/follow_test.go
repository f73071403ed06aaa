package provider_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// quoted is the reference that a page asks a person to quote.
func quoted(a *Answer) string {
	if found := regexp.MustCompile(`<code>([A-Z2-7]+)</code></p>\s*</footer>`).FindStringSubmatch(a.Body); found != nil {
		return found[1]
	}
	return ""
}

// entry is one line of the log.
type entry struct {
	Message   string `json:"msg"`
	Level     string
	Route     string
	Reference string
	Login     string
}

// entries are the lines of the log so far.
func entries(t *testing.T, s *Server) (found []entry) {
	t.Helper()
	for line := range strings.Lines(s.Log.String()) {
		var e entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		found = append(found, e)
	}
	return found
}

// spend uses a code up, in every way that a client can.
func spend(s *Server, code string) {
	call := func(path string, form url.Values) *Answer {
		answer, _ := s.Call(path, form, func(r *http.Request) { r.SetBasicAuth(App, AppSecret) })
		return answer
	}
	_, _ = s.Call("/token", exchanging(code), func(r *http.Request) { r.SetBasicAuth(App, "wrong") })
	tokens := s.Exchange(code, nil).JSON()
	refresh, _ := tokens["refresh_token"].(string)
	again := call("/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}).JSON()
	for _, some := range []map[string]any{tokens, again} {
		access, _ := some["access_token"].(string)
		s.UserInfo(access)
		call("/introspect", url.Values{"token": {access}})
		call("/revoke", url.Values{"token": {access}})
		s.UserInfo(access)
	}
	call("/revoke", url.Values{"token": {refresh}})
	s.Exchange(code, nil)
}

// way is one that a login can go. It returns the last page that asks the person to quote it.
type way struct {
	name   string
	config func(*provider.Config)
	goes   func(*testing.T, *Server) *Answer
}

func successes() []way {
	offline := set("scope", "openid offline_access")
	return []way{
		{"from the first request to the last token", nil, func(_ *testing.T, s *Server) *Answer {
			b := s.Browser()
			back := b.Begin(offline)
			b.Get(back)
			s.Approve()
			s.Advance(time.Second)
			spend(s, s.Response(b.Get(back)).Get("code"))
			return b.Get(back)
		}},
		{"pushed", nil, func(t *testing.T, s *Server) *Answer {
			t.Helper()
			uri, _ := pushing(t, s, offline).JSON()["request_uri"].(string)
			b := s.Browser()
			b.Get(s.Issuer + "/authorize?" + url.Values{"client_id": {App}, "request_uri": {uri}}.Encode())
			s.Approve()
			spend(s, s.Response(b.Get(s.ReturnURL())).Get("code"))
			return b.Get(s.ReturnURL())
		}},
		{"by a click, after another that came too late", nil, func(_ *testing.T, s *Server) *Answer {
			b := plain(s)
			page := b.Authorize(offline)
			s.Advance(11 * time.Minute)
			b.Submit(b.Submit(page, "/itsme/continue"), "/itsme/continue")
			s.Approve()
			spend(s, s.Response(b.Get(s.ReturnURL())).Get("code"))
			return b.Get(s.ReturnURL())
		}},
		{"back by the cookie alone", fixed, func(_ *testing.T, s *Server) *Answer {
			b := s.Browser()
			b.Begin(offline)
			b.Get("/itsme/return")
			s.Approve()
			s.Advance(time.Second)
			spend(s, s.Response(b.Get("/itsme/return")).Get("code"))
			return b.Get("/itsme/return")
		}},
	}
}

func failures() []way {
	return []way{
		{"cancelled, and tried again", nil, func(_ *testing.T, s *Server) *Answer {
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
			b := s.Browser()
			b.Submit(b.Get(b.Begin(nil)), "/itsme/retry")
			b.Get("/itsme/retry")
			page := b.Get(s.ReturnURL())
			b.Submit(page, "/itsme/leave")
			return page
		}},
		{"refused by CM", nil, func(_ *testing.T, s *Server) *Answer {
			s.Sandbox.Next(sandbox.Script{StartFault: sandbox.BadRequest})
			return s.Browser().Authorize(nil)
		}},
		{"in another browser", nil, func(_ *testing.T, s *Server) *Answer {
			back := s.Browser().Begin(nil)
			s.Browser().Get(back[:strings.LastIndexByte(back, '.')]) // cut
			return s.Browser().Get(back)
		}},
		{"while Redis is away", nil, func(_ *testing.T, s *Server) *Answer {
			b := s.Browser()
			back := b.Begin(nil)
			s.Faults().Down()
			defer s.Faults().Up()
			return b.Get(back)
		}},
		{"too late", nil, func(_ *testing.T, s *Server) *Answer {
			b := s.Browser()
			back := b.Begin(nil)
			s.Advance(3 * time.Hour)
			return b.Get(back)
		}},
	}
}

// One login can be followed: every line of it carries one name, beside the reference of its own, and what the page asks to quote finds them all.
func TestOneLoginCanBeFollowed(t *testing.T) {
	for _, way := range append(successes(), failures()...) {
		t.Run(way.name, func(t *testing.T) {
			s := With(t, Options{
				App: func(c *client.Client) { c.Scopes = append(c.Scopes, "offline_access") },
				Config: func(c *provider.Config) {
					c.WriteBudget = time.Second
					if way.config != nil {
						way.config(c)
					}
				},
			})
			page := way.goes(t, s)
			logged := entries(t, s)
			said := quoted(page)
			if said == "" {
				t.Fatalf("the page asks to quote nothing\n%s", page.Body)
			}
			own := map[string]bool{}
			for _, line := range logged {
				if line.Login != said {
					t.Errorf("%s %s: the login is %q, the page says %q", line.Message, line.Route, line.Login, said)
				}
				if line.Reference == line.Login || line.Message == "request" && own[line.Reference] {
					t.Errorf("%s: the reference is not its own", line.Route)
				}
				own[line.Reference] = own[line.Reference] || line.Message == "request"
			}
		})
	}
}

// What names a login in the log is no part of what opens anything, and another login has another.
func TestTheNameOfALoginOpensNothing(t *testing.T) {
	s := New(t)
	names := map[string]bool{}
	for range 3 {
		before := len(entries(t, s))
		code := s.Login(nil).Get("code")
		for _, line := range entries(t, s)[before:] {
			names[line.Login] = true
			if line.Login == "" || strings.Contains(code, line.Login) {
				t.Errorf("the login is %q, its code %q", line.Login, code)
			}
		}
		if strings.Contains(s.Log.String(), code[:13]) {
			t.Error("the log holds a part of the code")
		}
	}
	if len(names) != 3 {
		t.Errorf("3 logins have the names %v", names)
	}
}

// Two browsers that begin with one pushed request have two logins, which are found together.
func TestOnePushedRequestHasOneName(t *testing.T) {
	s := New(t)
	uri, _ := pushing(t, s, nil).JSON()["request_uri"].(string)
	ids := map[string]bool{}
	for range 2 {
		s.Browser().Get(s.Issuer + "/authorize?" + url.Values{"client_id": {App}, "request_uri": {uri}}.Encode())
		ids[loginID(s.ReturnURL())] = true
	}
	if len(ids) != 2 {
		t.Errorf("the logins are %v", ids)
	}
	logged := entries(t, s)
	for _, line := range logged {
		if line.Login == "" || line.Login != logged[0].Login {
			t.Errorf("%s: %q, not %q", line.Route, line.Login, logged[0].Login)
		}
	}
}

// Outside of a login a line has a reference alone, and the page says that one.
func TestTheReferenceOutsideOfALogin(t *testing.T) {
	s := New(t)
	page := s.Browser().Authorize(set("redirect_uri", "https://elsewhere.example/"))
	line := entries(t, s)[0]
	if line.Login != "" || line.Reference == "" || line.Reference != quoted(page) {
		t.Errorf("%+v, the page says %q", line, quoted(page))
	}
}
