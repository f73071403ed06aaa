package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/provider"
	"itsme-bridge/provider/ceilings"
	. "itsme-bridge/provider/providertest"
)

// Promise 8: a transaction is money.

func TestOnlyNavigationsStart(t *testing.T) {
	s := New(t)
	for _, row := range []struct {
		name   string
		header http.Header
		status int
	}{
		{"an image", http.Header{"Sec-Fetch-Mode": {"no-cors"}, "Sec-Fetch-Dest": {"image"}}, http.StatusForbidden},
		{"a frame", http.Header{"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"iframe"}}, http.StatusForbidden},
		{"fetched ahead", http.Header{"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}, "Sec-Purpose": {"prefetch"}}, http.StatusServiceUnavailable},
		{"nobody knows", http.Header{}, http.StatusOK},
	} {
		b := s.Browser()
		b.Header = row.header
		if answer := b.Authorize(nil); answer.Status != row.status || answer.Leads() != "" && row.status != http.StatusServiceUnavailable {
			t.Errorf("%s: %d, leads to %q, want %d", row.name, answer.Status, answer.Leads(), row.status)
		}
	}
	answer, err := s.Call("/authorize?"+Request(nil).Encode(), nil, func(r *http.Request) {
		r.Method = http.MethodHead
		r.Header = s.Browser().Header
	})
	if err != nil || answer.Status != http.StatusMethodNotAllowed {
		t.Errorf("HEAD: %v, want 405", answer)
	}
	if n := s.Sandbox.Starts(); n != 0 {
		t.Errorf("%d transactions, want none", n)
	}
}

// plain is a browser that says nothing of its navigations.
func plain(s *Server) *Browser {
	b := s.Browser()
	b.Header = http.Header{}
	return b
}

func TestContinue(t *testing.T) {
	s := New(t)
	b := plain(s)
	s.ResetRoundtrips()
	page := b.Authorize(nil)
	if page.Page() != "continue" || s.Roundtrips() != 0 {
		t.Fatalf("page %q after %d round trips; want continue, for nothing", page.Page(), s.Roundtrips())
	}
	first := b.Submit(page, "/itsme/continue")
	if !strings.HasPrefix(first.Leads(), s.Sandbox.URL) || first.Location() != "" {
		t.Fatalf("the click leads to %q; want a page, not a redirect, to itsme", first.Leads())
	}
	if again := b.Submit(page, "/itsme/continue"); again.Leads() != first.Leads() || s.Sandbox.Starts() != 1 {
		t.Errorf("a second click leads to %q with %d transactions; want the same, and one", again.Leads(), s.Sandbox.Starts())
	}
	s.Approve()
	if fields := s.Response(b.Get(s.ReturnURL())); fields.Get("code") == "" || fields.Get("state") != "a state" {
		t.Errorf("%v", fields)
	}
	if b.Submit(page, "/itsme/continue").Leads() == "" || s.Sandbox.Starts() != 1 {
		t.Errorf("a click after the end: %d transactions", s.Sandbox.Starts())
	}
}

// A double click is two requests at the same instant.
func TestContinueAtOnce(t *testing.T) {
	s := New(t)
	b := plain(s)
	to, fields, _ := b.Authorize(nil).Form("/itsme/continue")
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			if answer := b.Post(to, fields); answer.Page() != "waiting" && answer.Page() != "navigate" {
				t.Errorf("page %q", answer.Page())
			}
		})
	}
	group.Wait()
	if n := s.Sandbox.Starts(); n != 1 {
		t.Errorf("%d transactions, want 1", n)
	}
	if lead := b.Get(s.Issuer + "/itsme/login/" + loginID(s.ReturnURL())).Leads(); !strings.HasPrefix(lead, s.Sandbox.URL) {
		t.Errorf("the waiting page leads to %q", lead)
	}
}

func TestContinueGoesWrong(t *testing.T) {
	s := New(t)
	b := plain(s)
	page := b.Authorize(nil)
	_, fields, _ := page.Form("/itsme/continue")

	without := plain(s)
	answer := without.Post(s.Issuer+"/itsme/continue", fields)
	if answer.Page() != "no_cookies" || s.Sandbox.Starts() != 0 {
		t.Errorf("without a cookie: page %q, %d transactions", answer.Page(), s.Sandbox.Starts())
	}
	if answer = without.Submit(answer, "/itsme/continue"); !strings.HasPrefix(answer.Leads(), s.Sandbox.URL) {
		t.Errorf("once there is one, the same click leads to %q", answer.Leads())
	}
	if answer := b.Post(s.Issuer+"/itsme/continue", url.Values{"request": {"forged"}}); answer.Page() != "bad_request" {
		t.Errorf("a form of somebody else's making: page %q", answer.Page())
	}
	s.Advance(11 * time.Minute)
	if answer := b.Submit(page, "/itsme/continue"); answer.Page() != "continue" {
		t.Errorf("after eleven minutes: page %q, want a fresh one", answer.Page())
	}
	s.Provider.Register(nil)
	if answer := b.Submit(page, "/itsme/continue"); answer.Page() != "bad_request" {
		t.Errorf("of a client that is gone: page %q", answer.Page())
	}
}

// The ceilings: a client's soft one asks, an address' and the total one wait.
func TestCeilings(t *testing.T) {
	limits := func(change func(*ceilings.Limits)) Options {
		return Options{Config: func(c *provider.Config) { change(&c.Limits) }}
	}
	t.Run("client", func(t *testing.T) {
		s := With(t, limits(func(l *ceilings.Limits) { l.PerClient = 2 }))
		b := s.Browser()
		b.Begin(nil)
		b.Begin(nil)
		page := b.Authorize(nil)
		if page.Page() != "continue" {
			t.Fatalf("above the soft ceiling: page %q, want continue", page.Page())
		}
		if b.Begin(set("client_id", SPA)); s.Sandbox.Starts() != 3 {
			t.Error("another client suffers")
		}
		if lead := b.Submit(page, "/itsme/continue").Leads(); !strings.HasPrefix(lead, s.Sandbox.URL) {
			t.Errorf("after the click: %q", lead)
		}
	})
	for name, change := range map[string]func(*ceilings.Limits){
		"address": func(l *ceilings.Limits) { l.PerAddress = 2 },
		"total":   func(l *ceilings.Limits) { l.Total = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			s := With(t, limits(change))
			b := s.Browser()
			b.Begin(nil)
			retry := cancelled(s, b)
			page := b.Authorize(nil)
			if page.Status != http.StatusTooManyRequests || page.Page() != "too_many" {
				t.Fatalf("above the ceiling: %d, page %q", page.Status, page.Page())
			}
			if again := b.Submit(page, "/itsme/continue"); again.Status != http.StatusTooManyRequests {
				t.Errorf("a click above the ceiling: %d", again.Status)
			}
			if again := b.Submit(retry, "/itsme/retry"); again.Status != http.StatusTooManyRequests {
				t.Errorf("another attempt above the ceiling: %d, page %q", again.Status, again.Page())
			}
			if n := s.Sandbox.Starts(); n != 2 {
				t.Errorf("%d transactions, want 2", n)
			}
			s.Advance(2 * time.Minute)
			if lead := b.Submit(page, "/itsme/continue").Leads(); !strings.HasPrefix(lead, s.Sandbox.URL) {
				t.Errorf("when the window is over, the click leads to %q", lead)
			}
		})
	}
}

// Addresses count by /32 and /64, and a forwarded one only where the proxy is trusted.
func TestAddresses(t *testing.T) {
	for _, row := range []struct {
		name    string
		proxies []string
		first   string
		second  string
		full    bool
	}{
		{"two people behind a trusted proxy", []string{"127.0.0.1"}, "192.0.2.1", "192.0.2.2", false},
		{"one person behind a trusted proxy", []string{"127.0.0.1"}, "192.0.2.1", "192.0.2.1", true},
		{"two addresses of one IPv6 subscriber", []string{"127.0.0.1"}, "2001:db8::1", "2001:db8::2", true},
		{"two IPv6 subscribers", []string{"127.0.0.1"}, "2001:db8::1", "2001:db8:0:1::1", false},
		{"whoever is not trusted says what they like", nil, "192.0.2.1", "192.0.2.2", true},
	} {
		s := With(t, Options{Config: func(c *provider.Config) { c.TrustedProxies, c.Limits.PerAddress = row.proxies, 1 }})
		b := s.Browser()
		b.Header.Set("X-Forwarded-For", row.first)
		b.Begin(nil)
		b.Header.Set("X-Forwarded-For", row.second)
		if full := b.Authorize(nil).Status == http.StatusTooManyRequests; full != row.full {
			t.Errorf("%s: too many: %v, want %v", row.name, full, row.full)
		}
	}
}
