package provider_test

import (
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

// Redis has failed over to a replica that knows the code as spent and has not heard of the
// login's end. The login is over all the same: whatever a page of before asks for, the
// client is told nothing else, and nobody pays again.
func TestALoginWhoseCodeIsSpentIsOver(t *testing.T) {
	s := With(t, Options{World: storagetest.Real(t), App: func(c *client.Client) { c.RestartExpired = true }})
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 1})
	b := s.Browser()
	back := b.Begin(nil)
	page := b.Get(back)
	_, form, ok := page.Form("/itsme/leave")
	if !ok {
		t.Fatalf("page %q", page.Page())
	}
	before := map[string]string{}
	for key := range s.Dump() {
		if strings.Contains(key, "login:") {
			before[key] = s.Redis().Dump(t.Context(), key).Val()
		}
	}
	s.Advance(time.Second)
	if answer := s.Exchange(s.Response(b.Get(back)).Get("code"), nil); answer.Status != 200 {
		t.Fatalf("%d %s", answer.Status, answer.Body)
	}
	for key, record := range before {
		if err := s.Redis().RestoreReplace(t.Context(), key, time.Hour, record).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if len(before) == 0 {
		t.Fatal("no login was in Redis")
	}
	for _, path := range []string{"/itsme/retry", "/itsme/leave"} {
		if answer := b.Post(path, form); answer.Page() != "finished" {
			t.Errorf("%s: %d, page %q, to %q", path, answer.Status, answer.Page(), answer.Location())
		}
	}
	if answer := b.Get(back); answer.Page() != "finished" {
		t.Errorf("the return: %d, page %q, to %q", answer.Status, answer.Page(), answer.Location())
	}
	if n := s.Sandbox.Starts(); n != 1 {
		t.Errorf("%d transactions", n)
	}
}
