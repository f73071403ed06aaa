package provider_test

import (
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	"itsme-bridge/provider/authorize"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// A click on a page that was open before the request_uri was used up starts nothing.
func TestClickAfterCompletion(t *testing.T) {
	s := With(t, Options{Config: func(c *provider.Config) { c.Start = authorize.StartAsk }})
	address := pushed(t, s, nil)
	first, second := s.Browser(), s.Browser()
	open := first.Get(address)
	toItsme(t, s, second.Submit(second.Get(address), "/itsme/continue"))
	s.Approve()
	if _, got := responseOf(t, second.Get(s.ReturnURL())); !got.Has("code") {
		t.Fatalf("%v", got)
	}
	for range 2 { // the second finds no lease that the first has left
		answer := first.Submit(open, "/itsme/continue")
		if !spent(t, answer) || s.Sandbox.Starts() != 1 {
			t.Errorf("%d %q, %d transactions", answer.Status, answer.Page(), s.Sandbox.Starts())
		}
	}
}

// A login is over, too, when it has failed: then the client was told, and its
// request_uri begins nothing more.
func TestRequestURIIsConsumedByFailure(t *testing.T) {
	atOnce := func(c *client.Client) { c.RedirectFailures = true }
	refusing := func(s *Server) { s.Sandbox.Next(sandbox.Script{StartFault: sandbox.BadRequest}) }
	for _, row := range []struct {
		name string
		mode authorize.StartMode
		app  func(*client.Client)
		end  func(t *testing.T, s *Server, b *Browser, address string) *Answer
	}{
		{"CM refuses, and the client is told at once", authorize.StartAuto, atOnce, func(t *testing.T, s *Server, b *Browser, address string) *Answer {
			t.Helper()
			refusing(s)
			return b.Get(address)
		}},
		{"likewise after a click", authorize.StartAsk, atOnce, func(t *testing.T, s *Server, b *Browser, address string) *Answer {
			t.Helper()
			refusing(s)
			return b.Submit(b.Get(address), "/itsme/continue")
		}},
		{"the person cancels, and leaves", authorize.StartAuto, nil, func(t *testing.T, s *Server, b *Browser, address string) *Answer {
			t.Helper()
			toItsme(t, s, b.Get(address))
			if err := s.Sandbox.Decide("", itsme.Cancelled, ""); err != nil {
				t.Fatal(err)
			}
			return b.Submit(b.Get(s.ReturnURL()), "/itsme/leave")
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := With(t, Options{App: row.app, Config: func(c *provider.Config) { c.Start = row.mode }})
			address := pushed(t, s, nil)
			if _, got := responseOf(t, row.end(t, s, s.Browser(), address)); got.Get("error") == "" {
				t.Fatalf("%v", got)
			}
			if answer := s.Browser().Get(address); !spent(t, answer) {
				t.Errorf("another browser: %d %q", answer.Status, answer.Page())
			}
		})
	}
}

// What a request_uri was refused for is not counted against everybody.
func TestARefusedRequestURICountsForNobody(t *testing.T) {
	s := With(t, Options{Config: func(c *provider.Config) { c.Limits.Total = 4 }})
	address := pushed(t, s, nil)
	for range s.Config.MaxAttempts {
		toItsme(t, s, s.Browser().Get(address))
	}
	for range 3 {
		if answer := s.Browser().Get(address); !spent(t, answer) {
			t.Fatalf("%d %q", answer.Status, answer.Page())
		}
	}
	toItsme(t, s, s.Browser().Authorize(nil))
}
