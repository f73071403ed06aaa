package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// A page that goes on by itself bears the application's name, wherever it leads:
// with scripts off, or a slow application, it is all that a person sees.
func TestPagesOnTheWayKeepTheApplicationsName(t *testing.T) {
	posting := func(b *Browser, s *Server, change func(url.Values)) *Answer {
		return b.Post(s.Issuer+"/authorize", Request(change))
	}
	formPost := set("response_mode", "form_post")
	for _, row := range []struct {
		name, page string
		answer     func(s *Server, b *Browser) *Answer
	}{
		{"a code by form_post", "form_post", func(s *Server, b *Browser) *Answer {
			back := b.Begin(formPost)
			s.Approve()
			return b.Get(back)
		}},
		{"the same again", "form_post", func(s *Server, b *Browser) *Answer {
			back := b.Begin(formPost)
			s.Approve()
			b.Get(back)
			return b.Get(back)
		}},
		{"an ID token by form_post", "form_post", func(s *Server, b *Browser) *Answer {
			back := b.Begin(frontRequest("id_token", "form_post"))
			s.Approve()
			return b.Get(back)
		}},
		{"a code by a session", "form_post", func(s *Server, b *Browser) *Answer {
			logIn(t, s, b, nil)
			return b.Authorize(formPost)
		}},
		{"a code by a session, for a POST", "navigate", func(s *Server, b *Browser) *Answer {
			logIn(t, s, b, nil)
			return posting(b, s, nil)
		}},
		{"an error by form_post", "form_post", func(_ *Server, b *Browser) *Answer { return b.Authorize(all(formPost, set("scope", "profile"))) }},
		{"an error for a POST", "navigate", func(s *Server, b *Browser) *Answer { return posting(b, s, set("scope", "profile")) }},
		{"login_required for a POST", "navigate", func(s *Server, b *Browser) *Answer { return posting(b, s, set("prompt", "none")) }},
		{"itsme, for a POST", "navigate", func(s *Server, b *Browser) *Answer { return posting(b, s, nil) }},
		{"itsme, once more", "navigate", func(s *Server, b *Browser) *Answer { return b.Submit(cancelled(s, b), "/itsme/retry") }},
		{"back to the application", "navigate", func(s *Server, b *Browser) *Answer { return b.Submit(cancelled(s, b), "/itsme/leave") }},
		{"logged out", "navigate", func(s *Server, b *Browser) *Answer {
			return leaveBy(b, http.MethodPost, loggingOut(logIn(t, s, b, nil), nil))
		}},
		{"logged out after a click", "navigate", func(s *Server, b *Browser) *Answer {
			logIn(t, s, b, nil)
			return b.Submit(b.Get("/logout?"+loggingOut("x", nil).Encode()), "/itsme/logout")
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := withSessions(t, Options{App: func(c *client.Client) { front(c); parting(c) }})
			answer := row.answer(s, s.Browser())
			if answer.Page() != row.page {
				t.Fatalf("%d page %q", answer.Status, answer.Page())
			}
			for _, name := range []string{"· The App</title>", "<header>The App</header>"} {
				if !strings.Contains(answer.Body, name) {
					t.Errorf("no %s in %s", name, answer.Body)
				}
			}
			if strings.Contains(answer.Body, "the application") {
				t.Errorf("it speaks of an application without a name: %s", answer.Body)
			}
		})
	}
}
