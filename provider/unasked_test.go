package provider_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider"
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

// The log says for which clients CM does not answer: all that have the merchant token, and not whoever came last; it
// never says the token.
func TestTheLogNamesTheClientsOfAToken(t *testing.T) {
	const token = "5c1cfb8e-8f3e-4a55-8c0c-0d7a1d3f9b11"
	one, two := Clients(nil)[0], Clients(nil)[0]
	one.ID, one.MerchantToken, two.ID, two.MerchantToken = "town", token, "library", token
	upstream := &failing{token: token}
	s := withoutRSA(t, Options{Clients: []client.Client{one, two}, Parts: func(p *provider.Parts) { upstream.Upstream, p.Upstream = p.Upstream, upstream }})
	for range 6 {
		s.Browser().Authorize(set("client_id", "town"))
	}
	said := linesOf(s, "CM does not answer")
	if len(said) != 1 || said[0]["client"] != "library town" || said[0]["clients"] != 2.0 || said[0]["setting"] != "clients[].itsme_token" {
		t.Errorf("the log says %v", said)
	}
	many := Clients(nil)
	for n := range 12 {
		c := Clients(nil)[0]
		c.ID = fmt.Sprintf("x%02d", n)
		many = append(many, c)
	}
	s.Provider.Register(many)
	upstream.token = ""
	for range 6 {
		s.Browser().Authorize(nil)
	}
	said = linesOf(s, "CM does not answer")
	if len(said) != 2 || said[1]["client"] != "app spa x00 x01 x02 x03 x04 x05 x06 x07" || said[1]["clients"] != 14.0 || said[1]["setting"] != "itsme.token" {
		t.Errorf("the log says %v", said)
	}
	if strings.Contains(s.Log.String(), token) {
		t.Error("the log holds a merchant token")
	}
}

// linesOf are the lines of the log whose message begins so.
func linesOf(s *Server, message string) (found []map[string]any) {
	for line := range strings.Lines(s.Log.String()) {
		var said map[string]any
		if json.Unmarshal([]byte(line), &said) != nil {
			continue
		}
		if msg, _ := said["msg"].(string); strings.HasPrefix(msg, message) {
			found = append(found, said)
		}
	}
	return found
}
