package provider_test

import (
	"net/url"
	"testing"

	"itsme-bridge/provider"
	"itsme-bridge/provider/ceilings"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

// Nobody pays for a transaction that Redis would not keep, with ceilings and without.
func TestNoTransactionThatCannotBeKept(t *testing.T) {
	for name, stop := range map[string]func(*Server){
		"Redis is away": func(s *Server) { s.Faults().Down() },
		"Redis takes no writes": func(s *Server) {
			if err := s.Redis().ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
				t.Fatal(err)
			}
		},
	} {
		for ceiling, limits := range map[string]func(*ceilings.Limits){
			"no ceiling": func(l *ceilings.Limits) { *l = ceilings.Limits{Window: l.Window} },
			"ceilings":   func(*ceilings.Limits) {},
			"one":        func(l *ceilings.Limits) { *l = ceilings.Limits{Window: l.Window, Total: 5} },
		} {
			t.Run(name+"/"+ceiling, func(t *testing.T) {
				s := withoutRSA(t, Options{World: storagetest.Real(t), Config: func(c *provider.Config) { limits(&c.Limits) }})
				defer s.Faults().Up()
				stop(s)
				answer := s.Browser().Authorize(nil)
				to, err := url.Parse(answer.Location())
				if err != nil || to.Query().Get("error") != "temporarily_unavailable" {
					t.Errorf("%d, to %q", answer.Status, answer.Location())
				}
				if n := s.Sandbox.Starts(); n != 0 {
					t.Errorf("%d transactions", n)
				}
			})
		}
	}
}
