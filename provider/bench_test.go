package provider_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel/trace"

	"itsme-bridge/itsme"
	"itsme-bridge/keys"
	"itsme-bridge/provider"
	"itsme-bridge/provider/ceilings"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// BenchmarkLogin is a whole login over loopback HTTP with a real Redis:
// /authorize, the return, /token and /userinfo. In the same run, in turn with
// it, goes the floor: as many HTTP exchanges in and out, as many round trips to
// the same Redis with as many bytes, one bare signature, and nothing else. The
// ratio is what the bridge itself costs.
func BenchmarkLogin(b *testing.B) {
	for _, alg := range []keys.Algorithm{keys.RS256, keys.ES256} {
		b.Run(string(alg), func(b *testing.B) {
			world := storagetest.Real(b)
			login, floor := newLoginBench(b, world, alg, nil), newFloor(b, world, alg)
			for range 20 { // connections, caches
				login.run(b)
				floor.run(b)
			}
			var spent, least time.Duration
			b.ResetTimer()
			for b.Loop() {
				began := time.Now()
				login.run(b)
				between := time.Now()
				floor.run(b)
				spent += between.Sub(began)
				least += time.Since(between)
			}
			n := float64(b.N)
			b.ReportMetric(0, "ns/op") // of both together: nobody's figure
			b.ReportMetric(float64(spent.Microseconds())/n, "login-µs")
			b.ReportMetric(float64(least.Microseconds())/n, "floor-µs")
			b.ReportMetric(float64(spent)/float64(least), "login/floor")
		})
	}
}

// cm is as little of CM as a login needs: it costs the bridge and the floor the same.
func cm(b *testing.B) *httptest.Server {
	b.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /transactions", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		fmt.Fprintf(w, `{"transactionToken":%q,"authenticationUrl":"http://127.0.0.1/app"}`, strings.Repeat("t", 64))
	})
	mux.HandleFunc("GET /status/{token}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"status":"success","userId":"QC1JJ6AgPTnDWTP3p6p3S1kMzPkLCVN41vzfaTxw","name":{"givenName":"Lucas",`+
			`"familyName":"Maes","fullName":"Lucas Maes"},"gender":"male","birthdate":"1974-01-31","locale":"nl","phoneNumber":"+32471234567",`+
			`"emailAddress":"lucas.maes@example.com","address":{"streetAddress":"Rue Neuve 1","postalCode":"1000","city":"Bruxelles","countryCode":"BE"}}`)
	})
	server := httptest.NewServer(mux)
	b.Cleanup(server.Close)
	return server
}

// loginBench is a provider, and a browser and a client in one.
type loginBench struct {
	issuer string
	client http.Client
	query  string
	back   string // the return URL that the upstream was given
	token  string // the body of the token request, but for the code
}

// upstream remembers the return URL, as CM does.
type upstream struct {
	*itsme.Client
	bench *loginBench
}

func (u upstream) Start(ctx context.Context, s itsme.Start) (itsme.Transaction, error) {
	u.bench.back = s.RedirectURL
	return u.Client.Start(ctx, s)
}

func newLoginBench(b *testing.B, world *storagetest.World, alg keys.Algorithm, tracer trace.Tracer) *loginBench {
	b.Helper()
	bench := &loginBench{client: noRedirects(), query: Request(nil).Encode()}
	toCM, err := itsme.New(itsme.Config{BaseURL: cm(b).URL, Token: "3f1d6c0e-5f2b-4c8a-9a54-0d6f6b7d2c11", AllowLoopback: true, Tracer: tracer})
	if err != nil {
		b.Fatal(err)
	}
	s := With(b, Options{
		World: world, Tracer: tracer,
		App: func(c *client.Client) { c.SigningAlg = alg },
		Config: func(c *provider.Config) {
			c.Limits = ceilings.Limits{Window: time.Minute, PerAddress: 1e9, PerClient: 1e9, Total: 1e9}
		},
		Parts: func(p *provider.Parts) {
			p.Store = storage.New(world.Redis(), "bench:", world.Store.Keyring())
			p.Upstream = upstream{toCM, bench}
			p.Log = slog.New(slog.NewJSONHandler(io.Discard, &slog.HandlerOptions{})) //nolint:sloglint // a line is made, as in production, and thrown away
			p.Now = time.Now
		},
	})
	bench.issuer = s.Issuer
	bench.token = url.Values{"grant_type": {"authorization_code"}, "redirect_uri": {Callback}, "code_verifier": {Verifier}}.Encode() + "&code="
	return bench
}

func (l *loginBench) run(b *testing.B) {
	b.Helper()
	started := l.do(b, http.MethodGet, l.issuer+"/authorize?"+l.query, "", "")
	var pairs []string
	for _, line := range started.Header.Values("Set-Cookie") {
		pair, _, _ := strings.Cut(line, ";")
		pairs = append(pairs, pair)
	}
	cookie := strings.Join(pairs, "; ")
	returned := l.do(b, http.MethodGet, l.back, "", cookie)
	to, err := url.Parse(returned.Header.Get("Location"))
	if err != nil || to.Query().Get("code") == "" {
		b.Fatalf("no code: %d %v", returned.StatusCode, err)
	}
	var tokens struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(l.do(b, http.MethodPost, l.issuer+"/token", l.token+to.Query().Get("code"), "").body, &tokens); err != nil {
		b.Fatal(err)
	}
	if answer := l.do(b, http.MethodGet, l.issuer+"/userinfo", "", tokens.AccessToken); answer.StatusCode != http.StatusOK {
		b.Fatalf("userinfo: %d %s", answer.StatusCode, answer.body)
	}
}

// benchAnswer is a response whose body has been read.
type benchAnswer struct {
	*http.Response
	body []byte
}

// do sends one request; secret is the cookie of a return and the token of userinfo.
func (l *loginBench) do(b *testing.B, method, to, form, secret string) benchAnswer {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), method, to, strings.NewReader(form))
	if err != nil {
		b.Fatal(err)
	}
	switch {
	case form != "":
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(App, AppSecret)
	case strings.HasSuffix(to, "/userinfo"):
		r.Header.Set("Authorization", "Bearer "+secret)
	default:
		r.Header.Set("Sec-Fetch-Mode", "navigate")
		r.Header.Set("Sec-Fetch-Dest", "document")
		r.Header.Set("Sec-Fetch-User", "?1")
		r.Header.Set("Cookie", secret)
	}
	return send(b, &l.client, r)
}

func send(b *testing.B, client *http.Client, r *http.Request) benchAnswer {
	b.Helper()
	response, err := client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.Fatal(err)
	}
	return benchAnswer{response, body}
}

func noRedirects() http.Client {
	return http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 4},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// floor does what no bridge can do without.
type floor struct {
	redis  redis.UniversalClient
	cm     string
	client http.Client // to CM
	sign   func([]byte) ([]byte, error)

	url     string
	browser http.Client
}

func newFloor(b *testing.B, world *storagetest.World, alg keys.Algorithm) *floor {
	b.Helper()
	f := &floor{redis: world.Redis(), cm: cm(b).URL, client: noRedirects(), browser: noRedirects(), sign: bareSignature(b, alg)}
	record := bytes.Repeat([]byte("r"), 700) // about what a sealed login weighs
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		f.pipeline(b, r, "incr n1", "pexpire n1", "incr n2", "pexpire n2", "incr n3", "pexpire n3")
		f.call(b, r, http.MethodPost, "/transactions", strings.Repeat("b", 300))
		f.pipeline(b, r, "set login", "set label", "set transaction")
		w.WriteHeader(http.StatusSeeOther)
	})
	mux.HandleFunc("GET /return", func(w http.ResponseWriter, r *http.Request) {
		f.pipeline(b, r, "set lease", "get lease", "get login", "get transaction", "get grant")
		f.call(b, r, http.MethodGet, "/status/"+strings.Repeat("t", 64), "")
		f.pipeline(b, r, "del lease", "set login", "set grant", "del transaction")
		w.WriteHeader(http.StatusSeeOther)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		f.pipeline(b, r, "get grant", "set grant")
		if _, err := f.sign(record); err != nil {
			b.Error(err)
		}
		f.pipeline(b, r, "set session")
		_, _ = w.Write(record)
	})
	mux.HandleFunc("GET /userinfo", func(w http.ResponseWriter, r *http.Request) {
		f.pipeline(b, r, "get session")
		_, _ = w.Write(record)
	})
	server := httptest.NewServer(mux)
	b.Cleanup(server.Close)
	f.url = server.URL
	return f
}

func (f *floor) run(b *testing.B) {
	b.Helper()
	for _, step := range []struct{ method, path, body string }{
		{http.MethodGet, "/authorize", ""},
		{http.MethodGet, "/return", ""},
		{http.MethodPost, "/token", strings.Repeat("b", 300)},
		{http.MethodGet, "/userinfo", ""},
	} {
		r, err := http.NewRequestWithContext(b.Context(), step.method, f.url+step.path, strings.NewReader(step.body))
		if err != nil {
			b.Fatal(err)
		}
		send(b, &f.browser, r)
	}
}

func (f *floor) call(b *testing.B, r *http.Request, method, path, body string) {
	b.Helper()
	request, err := http.NewRequestWithContext(r.Context(), method, f.cm+path, strings.NewReader(body))
	if err != nil {
		b.Error(err)
		return
	}
	send(b, &f.client, request)
}

func (f *floor) pipeline(b *testing.B, r *http.Request, commands ...string) {
	b.Helper()
	_, err := f.redis.Pipelined(r.Context(), func(pipe redis.Pipeliner) error { //nolint:contextcheck // it is the request's
		for _, command := range commands {
			verb, key, _ := strings.Cut(command, " ")
			switch verb {
			case "incr":
				pipe.Incr(r.Context(), "floor:"+key)
			case "pexpire":
				pipe.PExpire(r.Context(), "floor:"+key, time.Minute)
			case "set":
				pipe.Set(r.Context(), "floor:"+key, strings.Repeat("v", 700), time.Minute)
			case "get":
				pipe.Get(r.Context(), "floor:"+key)
			case "del":
				pipe.Del(r.Context(), "floor:"+key)
			}
		}
		return nil
	})
	if err != nil && err != redis.Nil { //nolint:errorlint // go-redis returns it bare, for the first command that found nothing
		b.Error(err)
	}
}

func bareSignature(b *testing.B, alg keys.Algorithm) func([]byte) ([]byte, error) {
	b.Helper()
	if alg == keys.ES256 {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		return func(text []byte) ([]byte, error) {
			sum := sha256.Sum256(text)
			return ecdsa.SignASN1(rand.Reader, key, sum[:])
		}
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	return func(text []byte) ([]byte, error) {
		sum := sha256.Sum256(text)
		return rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	}
}
