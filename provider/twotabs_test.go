package provider_test

import (
	"testing"
	"time"

	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// Promise 1 holds with sessions too: a login whose answer was lost still
// completes after another tab has brought the browser another session.
func TestAnotherSessionCostsNoLogin(t *testing.T) {
	s := withSessions(t, Options{})
	b := s.Browser()
	first := b.Begin(set("prompt", "login"))
	s.Approve()
	second := b.Begin(set("prompt", "login"))
	s.Approve()
	_, lost := responseOf(t, b.Get(first))
	redeemed(t, s, b.Get(second))
	_, again := responseOf(t, b.Get(first))
	if again.Get("code") != lost.Get("code") {
		t.Fatalf("%v", again)
	}
	redeemed(t, s, b.Get(first))
}

// What is sent once more does not take the browser's newer session away.
func TestAnOldLoginBringsNoOldSession(t *testing.T) {
	s := withSessions(t, Options{})
	b := s.Browser()
	first := b.Begin(set("prompt", "login"))
	s.Approve()
	second := b.Begin(set("prompt", "login"))
	s.Approve()
	b.Get(first)
	redeemed(t, s, b.Get(second))
	b.Get(first)
	if _, got := responseOf(t, b.Authorize(set("prompt", "none"))); !got.Has("code") {
		t.Errorf("%v", got)
	}
}

// A logout is remembered for as long as somebody could go back, also where its
// audience could not be read.
func TestGoingBackAfterAnUnheardLogout(t *testing.T) {
	app, other := newReceiver(t), newReceiver(t)
	s := withReceivers(t, app, other, func(o *Options) {
		change := o.App
		o.App = func(c *client.Client) { change(c); front(c) }
	})
	b := s.Browser()
	back := b.Begin(frontRequest("code id_token", "form_post"))
	s.Approve()
	_, got := responseOf(t, b.Get(back))
	id := sessionIn(s, payloadOf(t, got.Get("id_token")))
	if err := s.Redis().Set(t.Context(), "test:logout:{"+id+"}", "\x01rubbish", time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	byServer(t, s, got.Get("id_token"))
	s.Advance(s.Config.Code - time.Second)
	if answer := b.Get(back); answer.Page() != "late" || !leadsOn(answer) {
		t.Errorf("%d %q", answer.Status, answer.Page())
	}
}
