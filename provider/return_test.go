package provider_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/login"
	. "itsme-bridge/provider/providertest"
)

// What the person sees and what the client is told, for each thing that CM can say.
func TestWhatCMSays(t *testing.T) {
	for _, row := range []struct {
		name   string
		script sandbox.Script
		app    func(*client.Client)
		page   string // "": a code at once
		retry  bool   // the page offers another attempt
		code   string // what the client is told once the person leaves; "": the page has no such way
	}{
		{name: "success", script: sandbox.Script{Outcome: itsme.Success}},
		{name: "cancelled", script: sandbox.Script{Outcome: itsme.Cancelled}, page: "cancelled", retry: true, code: "access_denied"},
		{name: "failure", script: sandbox.Script{Outcome: itsme.Failure}, page: "failed", retry: true, code: "access_denied"},
		{name: "failed", script: sandbox.Script{Outcome: "failed"}, page: "failed", retry: true, code: "access_denied"},
		{name: "a word that nobody knows", script: sandbox.Script{Outcome: "perhaps"}, page: "failed", retry: true, code: "access_denied"},
		{name: "expired", script: sandbox.Script{Outcome: itsme.Expired}, page: "expired", retry: true, code: "access_denied"},
		{
			name: "expired, for a Keycloak that begins again by itself", script: sandbox.Script{Outcome: itsme.Expired},
			app: func(c *client.Client) { c.RestartExpired = true }, page: "expired", retry: true, code: "access_denied",
		},
		{name: "success without userId", script: sandbox.Script{Outcome: itsme.Success, NoData: true}, page: "no_data", retry: true, code: "server_error"},
		{name: "500", script: sandbox.Script{Outcome: itsme.Success, Fault: sandbox.HTML500}, page: "unavailable", code: "temporarily_unavailable"},
		{name: "a cut connection", script: sandbox.Script{Outcome: itsme.Success, Fault: sandbox.Cut}, page: "unavailable", code: "temporarily_unavailable"},
		{name: "broken JSON", script: sandbox.Script{Outcome: itsme.Success, Fault: sandbox.BadJSON}, page: "unavailable", code: "temporarily_unavailable"},
		{name: "open", script: sandbox.Script{Outcome: itsme.Success, OpenFor: 99}, page: "waiting", code: "access_denied"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := With(t, Options{App: row.app})
			s.Sandbox.Next(row.script)
			b := s.Browser()
			answer := b.Get(b.Begin(nil))
			if row.page == "" {
				if code := s.Response(answer).Get("code"); code == "" {
					t.Errorf("no code: %q", answer.Leads())
				}
				return
			}
			_, _, retry := answer.Form("/itsme/retry")
			if answer.Page() != row.page || retry != row.retry {
				t.Fatalf("page %q, try again: %v; want %q, %v\n%s", answer.Page(), retry, row.page, row.retry, answer.Body)
			}
			fields := s.Response(b.Submit(answer, "/itsme/leave"))
			if fields.Get("error") != row.code || fields.Get("state") != "a state" || fields.Get("iss") != s.Issuer {
				t.Errorf("the client is told %v, want %s", fields, row.code)
			}
		})
	}
}

// on_failure: redirect sends errors to the client at once.
func TestFailuresAtOnce(t *testing.T) {
	for status, code := range map[itsme.Status]string{
		itsme.Cancelled: "access_denied", itsme.Failure: "access_denied", itsme.Expired: "access_denied",
	} {
		s := With(t, Options{App: func(c *client.Client) { c.RedirectFailures = true }})
		s.Sandbox.Next(sandbox.Script{Outcome: status})
		b := s.Browser()
		if got := s.Response(b.Get(b.Begin(nil))).Get("error"); got != code {
			t.Errorf("%s: %q, want %q", status, got, code)
		}
	}
	s := With(t, Options{App: func(c *client.Client) { c.RedirectFailures = true }})
	s.Sandbox.Next(sandbox.Script{StartFault: sandbox.HTML500})
	if got := s.Response(s.Browser().Authorize(nil)).Get("error"); got != "temporarily_unavailable" {
		t.Errorf("no transaction to be had: %q, want temporarily_unavailable", got)
	}
}

// What happens when CM makes no transaction.
func TestWhenCMDoesNotStart(t *testing.T) {
	for _, row := range []struct {
		name   string
		script sandbox.Script
		page   string
		retry  bool
		code   string
	}{
		{"500", sandbox.Script{StartFault: sandbox.HTML500}, "unavailable", true, "temporarily_unavailable"},
		{"a cut connection", sandbox.Script{StartFault: sandbox.Cut}, "unavailable", true, "temporarily_unavailable"},
		{"400", sandbox.Script{StartFault: sandbox.BadRequest}, "refused", false, "server_error"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := New(t)
			s.Sandbox.Next(row.script)
			b := s.Browser()
			answer := b.Authorize(nil)
			_, _, retry := answer.Form("/itsme/retry")
			if answer.Page() != row.page || retry != row.retry {
				t.Fatalf("page %q, try again: %v; want %q, %v", answer.Page(), retry, row.page, row.retry)
			}
			if row.retry {
				b.Submit(answer, "/itsme/retry")
				s.Approve()
				if again := b.Get(s.ReturnURL()); s.Response(again).Get("code") == "" {
					t.Errorf("the second attempt gives no code: %q", again.Leads())
				}
				return
			}
			if got := s.Response(b.Submit(answer, "/itsme/leave")).Get("error"); got != row.code {
				t.Errorf("the client is told %q, want %q", got, row.code)
			}
			if !strings.Contains(s.Log.String(), "CM refuses our parameters") {
				t.Error("nobody is alerted")
			}
		})
	}
}

// A login_hint that CM does not like is no hint: one second POST, without it.
func TestRefusedPhoneNumber(t *testing.T) {
	s := New(t)
	s.Sandbox.Next(sandbox.Script{StartFault: sandbox.BadRequest})
	s.Browser().Begin(set("login_hint", "+32471234567"))
	if last, _ := s.Sandbox.Last(); s.Sandbox.Starts() != 2 || last.PhoneNumber != "" {
		t.Errorf("%d POSTs, the last with phone number %q; want 2, and none", s.Sandbox.Starts(), last.PhoneNumber)
	}
}

// A person who approves late is waited for, on a page that comes back by itself.
func TestLateSuccess(t *testing.T) {
	s := New(t)
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 5})
	b := s.Browser()
	back := b.Begin(nil)
	for i, pause := range []int{1, 2, 3, 5, 5} {
		answer := b.Get(back)
		if answer.Page() != "waiting" || !strings.Contains(answer.Body, `content="`+strconv.Itoa(pause)+`;`) {
			t.Fatalf("poll %d: page %q, want one that comes back after %d s\n%s", i, answer.Page(), pause, answer.Body)
		}
		if to, _ := url.Parse(back); answer.Leads() != to.RequestURI() {
			t.Fatalf("poll %d comes back to %q, want %q", i, answer.Leads(), to.RequestURI())
		}
		fetches := s.Sandbox.Fetches(last(s).Token)
		if b.Get(back); s.Sandbox.Fetches(last(s).Token) != fetches {
			t.Errorf("poll %d: an impatient reload asked CM again", i)
		}
		s.Advance(time.Duration(pause) * time.Second)
	}
	if code := s.Response(b.Get(back)).Get("code"); code == "" {
		t.Error("no code after the late approval")
	}
}

func last(s *Server) sandbox.Transaction { l, _ := s.Sandbox.Last(); return l }

// After the browser has come back, an attempt may still succeed for a minute.
func TestOpenForTooLong(t *testing.T) {
	s := New(t)
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 99})
	b := s.Browser()
	back := b.Begin(nil)
	b.Get(back)
	s.Advance(59 * time.Second)
	if page := b.Get(back).Page(); page != "waiting" {
		t.Errorf("after 59 s: page %q, want waiting", page)
	}
	s.Advance(10 * time.Second)
	answer := b.Get(back)
	if _, _, retry := answer.Form("/itsme/retry"); answer.Page() != "expired" || !retry {
		t.Errorf("after 69 s: page %q, want expired, with another try", answer.Page())
	}
}

// Our own deadline counts as expired, but what CM still has is taken.
func TestAfterTheDeadline(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back := b.Begin(nil)
	s.Advance(5 * time.Minute)
	answer := b.Get(back)
	if _, _, retry := answer.Form("/itsme/retry"); answer.Page() != "expired" || retry {
		t.Errorf("page %q, try again: %v; want expired without another try", answer.Page(), retry)
	}
	if got := s.Response(b.Submit(answer, "/itsme/leave")).Get("error"); got != "access_denied" {
		t.Errorf("the client is told %q", got)
	}

	back = b.Begin(nil)
	s.Approve()
	s.Advance(5 * time.Minute)
	if code := s.Response(b.Get(back)).Get("code"); code == "" {
		t.Error("a success that CM still has was not taken")
	}
}

// A person who comes an hour late is told by name where to go; later still, in a friendly way.
func TestVeryLate(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back := b.Begin(nil)
	s.Advance(time.Hour)
	if answer := b.Get(back); answer.Status >= 500 || !strings.Contains(answer.Body, "The App") {
		t.Errorf("after an hour: %d\n%s", answer.Status, answer.Body)
	}
	s.Advance(10 * time.Minute)
	if answer := b.Get(back); answer.Page() != "late" {
		t.Errorf("after that: page %q, want late", answer.Page())
	}
	if n := s.Sandbox.Fetches(last(s).Token); n > 1 {
		t.Errorf("CM was asked %d times", n)
	}
}

// A finished login answers the same browser the same way while the code can be
// used, and leads back to the application after that.
func TestReload(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back := b.Begin(nil)
	s.Approve()
	first := b.Get(back)
	if again := b.Get(back); again.Location() == "" || again.Location() != first.Location() {
		t.Errorf("a reload leads to %q, want %q again", again.Location(), first.Location())
	}
	if s.Exchange(s.Response(first).Get("code"), nil).Status != http.StatusOK {
		t.Error("the code does not work after a reload")
	}
	if answer := b.Get(back); answer.Page() != "finished" || !strings.Contains(answer.Body, Home) {
		t.Errorf("once the code is used: page %q, want finished, with a way home\n%s", answer.Page(), answer.Body)
	}
	if n := s.Sandbox.Fetches(last(s).Token); n != 1 {
		t.Errorf("CM was asked %d times, want once", n)
	}
}

// A code that nobody has redeemed dies, and the page does not pretend otherwise.
func TestReloadAfterTheCodeHasDied(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back := b.Begin(nil)
	s.Approve()
	b.Get(back)
	s.Advance(61 * time.Second)
	if answer := b.Get(back); answer.Page() != "late" || !strings.Contains(answer.Body, Home) {
		t.Errorf("page %q, want late, with a way home", answer.Page())
	}
}

// Whoever left has told the client; coming back says the same again.
func TestLeaveTwice(t *testing.T) {
	s := New(t)
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
	b := s.Browser()
	back := b.Begin(nil)
	page := b.Get(back)
	first := b.Submit(page, "/itsme/leave").Leads()
	if again := b.Submit(page, "/itsme/leave").Leads(); again != first || first == "" {
		t.Errorf("the second click leads to %q, want %q", again, first)
	}
	if reload := b.Get(back).Location(); reload != first {
		t.Errorf("the reload leads to %q, want %q", reload, first)
	}
	if retry := b.Submit(page, "/itsme/retry").Leads(); retry != first {
		t.Errorf("trying again after leaving leads to %q, want %q", retry, first)
	}
	s.Advance(2 * time.Minute) // the client has long begun anew: its old error would only confuse it
	if answer := b.Get(back); answer.Page() != "late" || answer.Leads() != "" {
		t.Errorf("two minutes later: page %q leads to %q", answer.Page(), answer.Leads())
	}
}

// Whatever CM appends to the return URL is tolerated.
func TestReturnTolerates(t *testing.T) {
	for _, shape := range []login.ReturnShape{login.ReturnPath, login.ReturnQuery} {
		s := With(t, Options{Config: func(c *provider.Config) { c.ReturnShape = shape }})
		b := s.Browser()
		back := b.Begin(nil)
		s.Approve()
		separator := "?"
		if strings.Contains(back, "?") {
			separator = "&"
		}
		if code := s.Response(b.Get(back + separator + "transaction=x&status=success&code=evil&state=evil")).Get("code"); code == "" || code == "evil" {
			t.Errorf("%s: code %q", shape, code)
		}
	}
}
