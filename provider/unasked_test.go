package provider_test

import (
	"testing"
	"time"

	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// Whatever a client is told, a pushed request is good for one answer: nobody starts a transaction with it after that.
func TestAPushedRequestIsAnsweredOnce(t *testing.T) {
	for name, send := range map[string]func(b *Browser, address string) *Answer{
		"begin": func(b *Browser, address string) *Answer { return b.Get(address) },
		"click": func(b *Browser, address string) *Answer {
			b.Header.Del("Sec-Fetch-Mode")
			b.Header.Del("Sec-Fetch-Dest")
			return b.Submit(b.Get(address), "/itsme/continue")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, line := onLine(t, Options{App: func(c *client.Client) { c.RedirectFailures = true }})
			line.breaks("dead")
			for range 5 {
				s.Browser().Authorize(nil)
			}
			address := pushed(t, s, nil)
			b := s.Browser()
			if _, got := responseOf(t, send(b, address)); got.Get("error") != "temporarily_unavailable" {
				t.Fatalf("the client is told %v", got)
			}
			line.mend()
			s.Advance(5 * time.Second)
			before := line.asked.Load()
			for name, who := range map[string]*Browser{"the same browser": b, "another one": s.Browser()} {
				if _, got := responseOf(t, who.Get(address)); got.Get("error") != "invalid_request_uri" {
					t.Errorf("%s, again: %v", name, got)
				}
			}
			if n := line.asked.Load() - before; n != 0 {
				t.Errorf("%d transactions for a request that was answered", n)
			}
		})
	}
}
