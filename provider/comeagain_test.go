package provider_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"itsme-bridge/provider"
	. "itsme-bridge/provider/providertest"
)

// Whoever is told that there are too many is told until when: the window's end.
func TestTooManySaysUntilWhen(t *testing.T) {
	for name, ask := range map[string]func(*Server, *Browser) *Answer{
		"authorize": func(_ *Server, b *Browser) *Answer { return b.Authorize(nil) },
		"continue": func(_ *Server, b *Browser) *Answer {
			b.Header = http.Header{}
			return b.Submit(b.Authorize(nil), "/itsme/continue")
		},
		"try again": func(s *Server, b *Browser) *Answer {
			s.Advance(7 * time.Second) // the next window
			page := cancelled(s, b)
			s.Advance(3 * time.Second)
			return b.Submit(page, "/itsme/retry")
		},
		"push": func(s *Server, _ *Browser) *Answer {
			push := func() *Answer {
				answer, err := s.Call("/par", Request(func(v url.Values) { v.Set("client_id", SPA) }), nil)
				if err != nil {
					t.Fatal(err)
				}
				return answer
			}
			push()
			return push()
		},
	} {
		s := withoutRSA(t, Options{Config: func(c *provider.Config) { c.Limits.Window, c.Limits.PerAddress = 10*time.Second, 1 }})
		s.Browser().Begin(nil)
		s.Advance(3 * time.Second)
		if answer := ask(s, s.Browser()); answer.Status != http.StatusTooManyRequests || answer.Header.Get("Retry-After") != "7" {
			t.Errorf("%s: %d, Retry-After %q, want 7", name, answer.Status, answer.Header.Get("Retry-After"))
		}
	}
}

// While Redis is away everybody is told to come again, people and clients.
func TestUnavailableSaysComeAgain(t *testing.T) {
	s := withSessions(t, Options{})
	b := s.Browser()
	back := b.Begin(nil)
	stranger := s.Browser()
	s.Faults().Down()
	defer s.Faults().Up()
	asClient := func(r *http.Request) { r.SetBasicAuth(App, AppSecret) }
	call := func(path string, form url.Values, change func(*http.Request)) *Answer {
		answer, err := s.Call(path, form, change)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	token := url.Values{"token": {"ABCDEFGHIJKLMNOPQRSTUVWXYZ.ABCDEFGHIJKLMNOPQRSTUVWXYZ"}}
	const uri = "urn:ietf:params:oauth:request_uri:ABCDEFGHIJKLMNOPQRSTUVWXYZ.ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for name, answer := range map[string]*Answer{
		"authorize":       stranger.Get(s.Issuer + "/authorize?client_id=app&request_uri=" + url.QueryEscape(uri)),
		"return":          b.Get(back),
		"where it stands": b.Get(standsAt(s, idIn(back))),
		"push":            call("/par", Request(nil), asClient),
		"token": call("/token", url.Values{
			"grant_type": {"authorization_code"}, "code": token["token"], "redirect_uri": {Callback}, "code_verifier": {Verifier},
		}, asClient),
		"userinfo":   s.UserInfo(token.Get("token")),
		"introspect": call("/introspect", token, asClient),
		"revoke":     call("/revoke", token, asClient),
	} {
		if answer.Status != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") != "1" {
			t.Errorf("%s: %d, Retry-After %q\n%s", name, answer.Status, answer.Header.Get("Retry-After"), answer.Body)
		}
	}
}
