package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"itsme-bridge/provider"
	. "itsme-bridge/provider/providertest"
)

// A click on a page that was open before the request_uri was used up starts nothing.
func TestClickAfterCompletion(t *testing.T) {
	s := With(t, Options{Config: func(c *provider.Config) { c.Start = provider.StartAsk }})
	address := pushed(t, s, nil)
	first, second := s.Browser(), s.Browser()
	open := first.Get(address)
	toItsme(t, s, second.Submit(second.Get(address), "/itsme/continue"))
	s.Approve()
	if _, got := responseOf(t, second.Get(s.ReturnURL())); !got.Has("code") {
		t.Fatalf("%v", got)
	}
	answer := first.Submit(open, "/itsme/continue")
	if answer.Status != http.StatusBadRequest || !strings.Contains(answer.Body, "invalid_request_uri") || s.Sandbox.Starts() != 1 {
		t.Errorf("%d %q, %d transactions", answer.Status, answer.Page(), s.Sandbox.Starts())
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
		if answer := s.Browser().Get(address); answer.Status != http.StatusBadRequest {
			t.Fatalf("%d %q", answer.Status, answer.Page())
		}
	}
	toItsme(t, s, s.Browser().Authorize(nil))
}
