package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// spent reports whether an answer tells the client that the request_uri begins nothing: with its state, at its address.
func spent(t *testing.T, a *Answer) bool {
	t.Helper()
	if !strings.HasPrefix(a.Leads(), Callback+"?") {
		return false
	}
	_, got := responseOf(t, a)
	return got.Get("error") == "invalid_request_uri" && got.Get("state") == "a state" && got.Get("iss") != "" && !got.Has("code")
}

// RFC 9126 §2.2 and §4: whatever a request_uri is good for no more, the answer is the same error. It goes to the redirect
// URI where that is known, and the client's own; else to a page that leads home. Nobody is told "you are logged in".
func TestARequestURIThatBeginsNothing(t *testing.T) {
	const toClient, page = "the client", "a page"
	complete := func(t *testing.T, s *Server, b *Browser, address string) url.Values {
		t.Helper()
		toItsme(t, s, b.Get(address))
		s.Approve()
		return s.Response(b.Get(s.ReturnURL()))
	}
	as := func(address, name, value string) string {
		u, _ := url.Parse(address)
		q := u.Query()
		q.Set(name, value)
		u.RawQuery = q.Encode()
		return u.String()
	}
	for _, row := range []struct {
		name  string
		again func(t *testing.T, s *Server, b *Browser, address string) *Answer
		told  string
	}{
		{"used, and the code redeemed: the same browser", func(t *testing.T, s *Server, b *Browser, address string) *Answer {
			t.Helper()
			s.Exchange(complete(t, s, b, address).Get("code"), nil).Wants(t, http.StatusOK, "")
			return b.Get(address)
		}, toClient},
		{"used, and the code never redeemed", func(t *testing.T, s *Server, b *Browser, address string) *Answer {
			t.Helper()
			complete(t, s, b, address)
			s.Advance(3 * time.Minute)
			return b.Get(address)
		}, toClient},
		{"used by another browser", func(t *testing.T, s *Server, b *Browser, address string) *Answer {
			t.Helper()
			complete(t, s, s.Browser(), address)
			return b.Get(address)
		}, toClient},
		{"cancelled, left, and long over", func(t *testing.T, s *Server, b *Browser, address string) *Answer {
			t.Helper()
			toItsme(t, s, b.Get(address))
			if err := s.Sandbox.Decide("", itsme.Cancelled, ""); err != nil {
				t.Fatal(err)
			}
			b.Submit(b.Get(s.ReturnURL()), "/itsme/leave")
			s.Advance(3 * time.Minute)
			return b.Get(address)
		}, toClient},
		{"used too often", func(t *testing.T, s *Server, b *Browser, address string) *Answer {
			t.Helper()
			for range s.Config.MaxAttempts {
				toItsme(t, s, s.Browser().Get(address))
			}
			return b.Get(address)
		}, toClient},
		{"expired, and remembered", func(_ *testing.T, s *Server, b *Browser, address string) *Answer {
			s.Advance(2 * time.Minute)
			return b.Get(address)
		}, toClient},
		{"expired, and forgotten", func(_ *testing.T, s *Server, b *Browser, address string) *Answer {
			s.Advance(time.Hour)
			return b.Get(address)
		}, page},
		{"expired, and forgotten, with a redirect URI beside it", func(_ *testing.T, s *Server, b *Browser, address string) *Answer {
			s.Advance(time.Hour)
			return b.Get(as(as(address, "redirect_uri", Callback), "state", "a state"))
		}, toClient},
		{"another client's", func(_ *testing.T, _ *Server, b *Browser, address string) *Answer {
			return b.Get(as(address, "client_id", SPA))
		}, page},
		{"another client's, with a redirect URI beside it", func(_ *testing.T, _ *Server, b *Browser, address string) *Answer {
			return b.Get(as(as(as(address, "client_id", SPA), "redirect_uri", Callback), "state", "a state"))
		}, toClient},
		{"another client's, with a stranger's redirect URI beside it", func(_ *testing.T, _ *Server, b *Browser, address string) *Answer {
			return b.Get(as(as(address, "client_id", SPA), "redirect_uri", "https://evil.example/"))
		}, page},
		{"nobody's", func(_ *testing.T, _ *Server, b *Browser, address string) *Answer {
			return b.Get(as(address, "request_uri", "urn:ietf:params:oauth:request_uri:x"))
		}, page},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := New(t)
			b := s.Browser()
			answer := row.again(t, s, b, pushed(t, s, nil))
			const text = "The request_uri is unknown, has expired or been used, or is that of another client."
			switch {
			case row.told == toClient && (!spent(t, answer) || !strings.Contains(answer.Leads(), strings.ReplaceAll(url.QueryEscape(text), "%20", "+"))):
				t.Errorf("%d leads to %q\n%s", answer.Status, answer.Leads(), answer.Body)
			case row.told == page && (answer.Status != http.StatusBadRequest || answer.Leads() != "" || !strings.Contains(answer.Body, text) || !strings.Contains(answer.Body, `href="`+Home+`"`)):
				t.Errorf("%d leads to %q\n%s", answer.Status, answer.Leads(), answer.Body)
			}
		})
	}
}

// The browser whose login is under way is led back to it, at each of its stages, and pays for no other.
func TestAReloadWithARequestURIResumes(t *testing.T) {
	s := New(t)
	b := s.Browser()
	address := pushed(t, s, nil)
	toItsme(t, s, b.Get(address))
	s.Advance(2 * time.Minute) // the request_uri has expired by now
	toItsme(t, s, b.Get(address))
	if err := s.Sandbox.Decide("", itsme.Cancelled, ""); err != nil {
		t.Fatal(err)
	}
	b.Get(s.ReturnURL())
	if answer := b.Get(address); answer.Page() != "cancelled" {
		t.Errorf("after a cancelled attempt: %d %q", answer.Status, answer.Page())
	}
	toItsme(t, s, b.Submit(b.Get(address), "/itsme/retry"))
	toItsme(t, s, b.Get(address))
	s.Approve()
	code := s.Response(b.Get(s.ReturnURL())).Get("code")
	if again := s.Response(b.Get(address)).Get("code"); again != code || code == "" {
		t.Errorf("the answer that may have got lost: %q, and then %q", code, again)
	}
	if n := s.Sandbox.Starts(); n != 2 {
		t.Errorf("%d transactions, want 2", n)
	}
}

// After a logout the answer is not sent once more: somebody else may sit there now.
func TestARequestURIAfterALogout(t *testing.T) {
	s := withSessions(t, Options{App: parting})
	b := s.Browser()
	address := pushed(t, s, nil)
	toItsme(t, s, b.Get(address))
	s.Approve()
	if s.Response(b.Get(s.ReturnURL())).Get("code") == "" {
		t.Fatal("no code")
	}
	b.Submit(b.Get(s.Issuer+"/logout"), "/itsme/logout")
	if answer := b.Get(address); !spent(t, answer) {
		t.Errorf("%d %q\n%s", answer.Status, answer.Leads(), answer.Body)
	}
}

// OpenID Connect Core §6.2, Registration §2: a fragment names a version, and may stand on either side.
func TestRequestURIsWithAFragment(t *testing.T) {
	for _, row := range []struct {
		registered, asked string
		may               bool
	}{
		{"https://a.example/r#one", "https://a.example/r#one", true},
		{"https://a.example/r#one", "https://a.example/r#two", true},
		{"https://a.example/r#one", "https://a.example/r", true},
		{"https://a.example/r", "https://a.example/r#one", true},
		{"https://a.example/r/", "https://a.example/r/1#one", true},
		{"https://a.example/r/#one", "https://a.example/r/", true},
		{"https://a.example/r/#one", "https://a.example/r/1", false},
		{"https://a.example/r#one", "https://a.example/r2#one", false},
		{"https://a.example/r#/", "https://a.example/r#/x", true},
		{"https://a.example/r#/", "https://a.example/rx", false},
	} {
		c := client.Client{RequestURIs: []string{row.registered}}
		if may := c.MayFetch(row.asked); may != row.may {
			t.Errorf("registered %s, asked %s: %v", row.registered, row.asked, may)
		}
	}
}
