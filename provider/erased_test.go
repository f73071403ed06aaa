package provider_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

// light starts a provider that signs nothing by RSA, so that no such key has to be
// made, which takes long.
func light(t *testing.T, o Options) *Server {
	t.Helper()
	o.Signing = []keys.Algorithm{keys.ES256}
	return With(t, o)
}

// keysOf are the keys of a bucket that Redis holds.
func keysOf(s *Server, bucket string) []string {
	var found []string
	for key := range s.Dump() {
		if strings.HasPrefix(key, storagetest.Prefix+bucket+":") {
			found = append(found, key)
		}
	}
	return found
}

// Whoever has CM's transaction can fetch the identity. So Redis forgets it with
// the end of the login, whichever way the login ends.
func TestTransactionIsErasedAtEveryEnd(t *testing.T) {
	returns := func(_ *Server, b *Browser, back string) { b.Get(back) }
	leaves := func(_ *Server, b *Browser, back string) { b.Submit(b.Get(back), "/itsme/leave") }
	atOnce := func(c *client.Client) { c.RedirectFailures = true }
	for _, row := range []struct {
		name   string
		script sandbox.Script
		app    func(*client.Client)
		asks   func(url.Values)
		end    func(s *Server, b *Browser, back string)
	}{
		{name: "success", script: sandbox.Script{Outcome: itsme.Success}, end: returns},
		{name: "cancelled", script: sandbox.Script{Outcome: itsme.Cancelled}, end: returns},
		{name: "expired", script: sandbox.Script{Outcome: itsme.Expired}, end: returns},
		{name: "failed", script: sandbox.Script{Outcome: itsme.Failure}, end: returns},
		{name: "a word that nobody knows", script: sandbox.Script{Outcome: "perhaps"}, end: returns},
		{name: "success without data", script: sandbox.Script{Outcome: itsme.Success, NoData: true}, end: returns},
		{name: "CM refuses to say", script: sandbox.Script{Fault: sandbox.BadRequest}, end: returns},
		{
			name: "another person than the requested one approves", script: sandbox.Script{Outcome: itsme.Success},
			asks: subjectClaim("id_token", "somebody else"), end: returns,
		},
		{name: "cancelled, and the client is told at once", script: sandbox.Script{Outcome: itsme.Cancelled}, app: atOnce, end: returns},
		{name: "expired, and the client is told at once", script: sandbox.Script{Outcome: itsme.Expired}, app: atOnce, end: returns},
		{name: "open after the deadline", end: func(s *Server, b *Browser, back string) {
			s.Advance(5 * time.Minute)
			b.Get(back)
		}},
		{name: "open for more than a minute after the return", end: func(s *Server, b *Browser, back string) {
			b.Get(back)
			s.Advance(2 * time.Minute)
			b.Get(back)
		}},
		{name: "the person leaves before approving", end: leaves},
		{name: "the person leaves while CM gives no answer", script: sandbox.Script{Fault: sandbox.HTML500}, end: leaves},
		{name: "the person leaves while CM is asked", script: sandbox.Script{Outcome: itsme.Success}, end: func(s *Server, b *Browser, back string) {
			hold := s.Sandbox.Hold()
			asking := later(func() *Answer { return b.Get(back) })
			<-hold.Reached()
			leaves(s, b, back)
			hold.Release()
			<-asking
		}},
		{name: "nobody comes back", end: func(s *Server, _ *Browser, _ string) { s.Advance(14 * time.Minute) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := light(t, Options{App: row.app})
			s.Sandbox.Next(row.script)
			b := s.Browser()
			back := b.Begin(row.asks)
			if n := len(keysOf(s, "transaction")); n != 1 {
				t.Fatalf("%d transactions under way", n)
			}
			row.end(s, b, back)
			if left := keysOf(s, "transaction"); len(left) != 0 {
				t.Errorf("%q is still there", left)
			}
		})
	}
}
