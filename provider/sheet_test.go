package provider_test

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// sheetRow is a row of the table of records: | `kind` | of a person | opened by | at most |.
var sheetRow = regexp.MustCompile("(?m)^\\| `([a-z -]+)` \\|[^|]+\\|[^|]+\\| ([^|]+) \\|$")

// The data protection sheet names every kind of record that a flow writes, and how long
// it is kept at most: neither less nor, by far, more.
func TestTheDataProtectionSheetNamesEveryRecord(t *testing.T) {
	text, err := os.ReadFile("../deploy/DATA-PROTECTION.md")
	if err != nil {
		t.Fatal(err)
	}
	const session = 3 * time.Hour
	told := map[string]time.Duration{}
	for _, row := range sheetRow.FindAllStringSubmatch(string(text), -1) {
		switch row[2] {
		case "session.ttl":
			told[row[1]] = session
		case "limits.window":
			told[row[1]] = time.Minute
		default:
			if told[row[1]], err = time.ParseDuration(row[2]); err != nil {
				t.Errorf("the row of %s: %v", row[1], err)
			}
		}
	}
	written := everyRecord(t, session)
	written["probe"] = 10 * time.Second       // by Store.Probe, before anybody is served
	shorter := []string{"lease", "assertion"} // given back after the request; kept as long as it says that it counts
	for kind, kept := range written {
		limit, ok := told[kind]
		if !ok {
			t.Errorf("the sheet does not tell of the record %s", kind)
			continue
		}
		if kept > limit || kept >= 0 && kept < limit/2 && !slices.Contains(shorter, kind) {
			t.Errorf("%s is kept for %v, and the sheet says %v", kind, kept, limit)
		}
	}
	for kind := range told {
		if _, ok := written[kind]; !ok {
			t.Errorf("the sheet tells of the record %s, which nothing writes", kind)
		}
	}
}

// everyRecord is what all flows together write.
func everyRecord(t *testing.T, session time.Duration) map[string]time.Duration {
	t.Helper()
	written := map[string]time.Duration{}
	note := func(s *Server) {
		for kind, kept := range s.Records() {
			if was, ok := written[kind]; !ok || kept > was {
				written[kind] = kept
			}
		}
	}
	overIPv6 := func(c *provider.Config) { c.TrustedProxies = []string{"127.0.0.1"} }

	usual := With(t, Options{Config: overIPv6})
	b := usual.Browser()
	b.Header.Set("X-Forwarded-For", "2001:db8::1")
	b.Begin(nil)
	everyFlow(t, usual, fixtures(usual))
	note(usual)
	usual.Advance(time.Hour)
	if err := usual.Provider.CollectLogins(t.Context()); err != nil {
		t.Fatal(err)
	}
	note(usual)

	party := newParty(t, "app-1")
	s := unusual(t, party, nil)
	g := &gather{found: fixtures(s)}
	g.requests(t, s, party)
	g.responses(t, s)
	g.proofs(t, s, party)
	s.Exchange(s.Login(set("scope", "openid offline_access")).Get("code"), nil)
	note(s)

	open := With(t, Options{Config: overIPv6, App: func(c *client.Client) {
		c.AuthMethod, c.SecretHashes, c.RequestURIs = client.None, nil, []string{"https://app.example/requests/"}
	}, Parts: func(p *provider.Parts) { p.Outbound = &shelf{objects: map[string]string{}} }})
	if _, err := open.Call("/par", Request(nil), func(r *http.Request) { r.Header.Set("X-Forwarded-For", "2001:db8::1") }); err != nil {
		t.Fatal(err)
	}
	b = open.Browser()
	b.Header.Set("X-Forwarded-For", "2001:db8::1")
	b.Authorize(set("request_uri", "https://app.example/requests/1"))
	note(open)

	app, other := newReceiver(t), newReceiver(t)
	s = withReceivers(t, app, other, func(o *Options) {
		more := o.Config
		o.Config = func(c *provider.Config) { more(c); c.Session.TTL = session }
	})
	everySession(t, s, app, fixtures(s))
	signedIn(t, s, nil)
	note(s)
	return written
}
