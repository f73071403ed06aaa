package provider_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/provider"
	"itsme-bridge/provider/ceilings"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

// flood is who sends requests of one kind, as many as anybody likes, and what they need for that.
type flood struct {
	*Server

	b        *testing.B
	app, eve party // the client's key, and a stranger's under the same name
	rsa      *rsa.PrivateKey
	dpop     *holder // a stranger with a key of its own
}

// BenchmarkFlood is what one request of each kind costs that a stranger, or a client that has gone mad, can send
// without end: our time, round trips to a real Redis, the bytes that stay there, and those in the log and in the audit
// stream. Run it with -benchtime 2000x: a few requests disappear among what Redis allocates for itself.
func BenchmarkFlood(b *testing.B) {
	form := func(path string, fields url.Values, change func(*http.Request)) *http.Request {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, path, strings.NewReader(fields.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if change != nil {
			change(r)
		}
		return r
	}
	code := url.Values{"grant_type": {"authorization_code"}, "code": {strings.Repeat("A", 26) + "." + strings.Repeat("B", 26)}, "redirect_uri": {Callback}, "code_verifier": {Verifier}}
	with := func(more ...url.Values) url.Values {
		all := url.Values{}
		for _, m := range append(more, code) {
			for name, values := range m {
				all[name] = values
			}
		}
		return all
	}
	for _, kind := range []struct {
		name string
		make func(f *flood) *http.Request
	}{
		{"wrong-secret", func(*flood) *http.Request {
			return form("/token", code, func(r *http.Request) { r.SetBasicAuth(App, "guess") })
		}},
		{"forged-assertion-ES256", func(f *flood) *http.Request {
			return form("/token", with(asserting(f.eve.sign(b, "JWT", assertionOf(f.Server, "keyed")))), nil)
		}},
		{"forged-assertion-RS256", func(f *flood) *http.Request {
			forged := signedBy(b, jose.RS256, jose.JSONWebKey{Key: f.rsa, KeyID: "rsa"}, nil, assertionOf(f.Server, "keyed"))
			return form("/token", with(asserting(forged[:len(forged)-8]+"AAAAAAAA")), nil)
		}},
		{"right-assertion-wrong-code", func(f *flood) *http.Request {
			return form("/token", with(asserting(f.app.sign(b, "JWT", assertionOf(f.Server, "keyed")))), nil)
		}},
		{"forged-proof", func(f *flood) *http.Request {
			proof := f.dpop.proof(http.MethodPost, "/token", "")
			return form("/token", with(url.Values{"client_id": {SPA}}), func(r *http.Request) { r.Header.Set("DPoP", proof[:len(proof)-8]+"AAAAAAAA") })
		}},
		{"right-proof-wrong-code", func(f *flood) *http.Request {
			return form("/token", with(url.Values{"client_id": {SPA}}), func(r *http.Request) { r.Header.Set("DPoP", f.dpop.proof(http.MethodPost, "/token", "")) })
		}},
		{"right-proof-wrong-token", func(f *flood) *http.Request {
			r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/userinfo", nil)
			r.Header = f.dpop.userinfo(code.Get("code")).header
			return r
		}},
		{"bearer-wrong-token", func(*flood) *http.Request {
			r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/userinfo", nil)
			r.Header.Set("Authorization", "Bearer "+code.Get("code"))
			return r
		}},
		{"right-proof-par-of-public", func(f *flood) *http.Request {
			return form("/par", Request(set("client_id", SPA)), func(r *http.Request) { r.Header.Set("DPoP", f.dpop.proof(http.MethodPost, "/par", "")) })
		}},
		{"public-wrong-code", func(*flood) *http.Request { return form("/token", with(url.Values{"client_id": {SPA}}), nil) }},
		{"par-of-confidential", func(*flood) *http.Request { return form("/par", Request(nil), asApp) }},
		{"par-of-confidential-heaviest", func(*flood) *http.Request { return form("/par", Request(heaviest), asApp) }},
		{"forged-request-object", func(f *flood) *http.Request {
			object := f.eve.sign(b, "JWT", objectOf(f.Server, func(c map[string]any) { c["iss"], c["client_id"] = "keyed", "keyed" }))
			r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/authorize?"+url.Values{"client_id": {"keyed"}, "request": {object}}.Encode(), nil)
			r.Header = f.Browser().Header
			return r
		}},
		{"request_uri", func(f *flood) *http.Request {
			r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/authorize?"+url.Values{"client_id": {"keyed"}, "request_uri": {"https://app.example/1"}}.Encode(), nil)
			r.Header = f.Browser().Header
			return r
		}},
		{"unknown-client", func(f *flood) *http.Request {
			r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/authorize?client_id=x", nil)
			r.Header = f.Browser().Header
			return r
		}},
	} {
		b.Run(kind.name, func(b *testing.B) { newFlood(b).run(b, kind.make) })
	}
}

func newFlood(b *testing.B) *flood {
	b.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	f := &flood{b: b, app: newParty(b, "app-1"), eve: newParty(b, "app-1"), rsa: key}
	keyed := Clients(nil)[0]
	keyed.ID, keyed.AuthMethod, keyed.SecretHashes, keyed.RequestURIs = "keyed", client.PrivateKeyJWT, nil, []string{"https://app.example/"}
	keyed.Keys = client.Keys{Set: []jose.JSONWebKey{f.app.public(), {Key: key.Public(), KeyID: "rsa"}}}
	f.Server = With(b, Options{
		World: storagetest.Real(b), Clients: []client.Client{keyed},
		Config: func(c *provider.Config) {
			c.Limits = ceilings.Limits{Window: time.Minute, PerAddress: 1e9, PerClient: 1e9, Total: 1e9}
		},
		Parts: func(p *provider.Parts) { p.Outbound = bareShelf{&shelf{}} },
	})
	f.dpop = newHolder(b, f.Issuer, f.Now)
	first := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/userinfo", nil)
	r.Header.Set("Authorization", "DPoP x")
	f.Provider.ServeHTTP(first, r)
	f.dpop.nonce = first.Header().Get("DPoP-Nonce")
	return f
}

// bareShelf has nothing, and does not remember who asked.
type bareShelf struct{ *shelf }

func (bareShelf) Fetch(context.Context, string, string, int64) ([]byte, http.Header, error) {
	return nil, nil, context.DeadlineExceeded
}

func (f *flood) run(b *testing.B, prepare func(*flood) *http.Request) {
	b.Helper()
	requests := make([]*http.Request, b.N)
	for i := range requests {
		requests[i] = prepare(f)
	}
	f.Provider.ServeHTTP(httptest.NewRecorder(), prepare(f)) // scripts, connections
	memory := func() float64 { return infoOf(b, f.World, "memory", "used_memory") }
	before, logged := memory(), len(f.Log.String())
	statuses := map[int]int{}
	f.ResetRoundtrips()
	b.ResetTimer()
	for _, r := range requests {
		out := httptest.NewRecorder()
		f.Provider.ServeHTTP(out, r)
		statuses[out.Code]++
	}
	b.StopTimer()
	n := float64(b.N)
	b.ReportMetric(float64(b.Elapsed().Microseconds())/n, "µs")
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(f.Roundtrips())/n, "trips")
	b.ReportMetric((memory()-before)/n, "redis-B")
	b.ReportMetric(float64(len(f.Log.String())-logged)/n, "log-B")
	b.ReportMetric(float64(len(f.Audited()))/n, "audit-B")
	for status, times := range statuses {
		b.ReportMetric(float64(times)/n, http.StatusText(status)[:3])
	}
}
