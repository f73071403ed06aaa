package providertest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/keys"
	"itsme-bridge/provider"
	"itsme-bridge/provider/audit"
	"itsme-bridge/provider/authorize"
	"itsme-bridge/provider/ceilings"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/login"
	"itsme-bridge/storage/storagetest"
)

// What the clients of every test are called, and how they authenticate.
const (
	App       = "app" // confidential, client_secret_basic
	AppSecret = "app-secret-that-nobody-could-ever-guess-0123456789"
	SPA       = "spa" // public, PKCE alone
	Callback  = "https://app.example/callback"
	Home      = "https://app.example/"
)

// Server is a provider on a listener of its own.
type Server struct {
	*storagetest.World

	T        testing.TB
	Provider *provider.Provider
	Config   provider.Config
	Sandbox  *sandbox.TestServer
	Ring     *keys.Ring
	Metrics  *prometheus.Registry
	Issuer   string
	Log      *Log
	Audit    *Log // what the audit stream holds: see [Server.Audited]

	options Options
	auditor *audit.Log
}

// Options change what a test runs on. The zero value is what [New] takes.
type Options struct {
	World    *storagetest.World              // nil: one in process
	Sandbox  sandbox.Options                 //
	Config   func(*provider.Config)          // changes the configuration
	App      func(*client.Client)            // changes the client App
	Clients  []client.Client                 // more of them
	Parts    func(*provider.Parts)           // changes what the provider stands on
	Signing  []keys.Algorithm                // of the ring; none: RS256 and ES256
	Wrap     func(http.Handler) http.Handler // around the provider
	Path     string                          // of the issuer
	Upstream func(itsme.Config) itsme.Config // changes the client of CM's API
	Tracer   trace.Tracer                    // of all that can be traced; nil: nobody traces
}

// New starts a provider in process.
func New(t testing.TB) *Server { t.Helper(); return With(t, Options{}) }

// With starts a provider with something changed.
func With(t testing.TB, o Options) *Server {
	t.Helper()
	if o.World == nil {
		o.World = storagetest.New(t)
	}
	s := &Server{World: o.World, T: t, Log: new(Log), Audit: new(Log), Metrics: prometheus.NewRegistry(), options: o}
	s.auditor = audit.New(s.Audit, s.Now, func(err error) {
		if err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { s.Audited() })
	o.Sandbox.Now = s.Now
	s.Sandbox = sandbox.NewServer(t, o.Sandbox)
	s.Ring = ring(t, s.World, o.Signing)

	var listening net.ListenConfig
	listener, err := listening.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Issuer = "http://" + listener.Addr().String() + o.Path
	s.Config = config(s.Issuer)
	if o.Config != nil {
		o.Config(&s.Config)
	}
	s.Provider = s.another(o)
	handler := http.Handler(s.Provider)
	if o.Wrap != nil {
		handler = o.Wrap(handler)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}}
	server.Start()
	t.Cleanup(server.Close)
	return s
}

// another makes a provider on what the server stands on.
func (s *Server) another(o Options) *provider.Provider {
	s.T.Helper()
	upstreamConfig := itsme.Config{BaseURL: s.Sandbox.URL, Token: sandbox.MerchantToken, Timeout: s.Config.Upstream, StatusTimeout: s.Config.Status, AllowLoopback: true, Tracer: o.Tracer}
	if o.Upstream != nil {
		upstreamConfig = o.Upstream(upstreamConfig)
	}
	upstream, err := itsme.New(upstreamConfig)
	if err != nil {
		s.T.Fatal(err)
	}
	parts := provider.Parts{
		Store: s.Store, Upstream: upstream, Signer: s.Ring, Now: s.Now, Metrics: s.Metrics, Audit: s.auditor, Tracer: o.Tracer,
		Log: slog.New(slog.NewJSONHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if o.Parts != nil {
		o.Parts(&parts)
	}
	if o.Tracer != nil {
		parts.Store.Trace(o.Tracer)
	}
	p, err := provider.New(s.Config, parts)
	if err != nil {
		s.T.Fatal(err)
	}
	p.Register(Clients(o.App, o.Clients...))
	return p
}

// Audited ends the audit stream, and is all of it.
func (s *Server) Audited() string {
	_ = s.auditor.Close(context.Background()) // nothing keeps it waiting
	return s.Audit.String()
}

// Replica is another provider on the same Redis, CM, keys and configuration, on
// a listener of its own, with the same clients.
func (s *Server) Replica() *httptest.Server {
	s.T.Helper()
	replica := *s
	replica.Metrics = prometheus.NewRegistry()
	store, o, parts := s.Another(s.T), s.options, s.options.Parts
	o.Parts = func(p *provider.Parts) {
		if p.Store = store; parts != nil {
			parts(p)
		}
	}
	p := replica.another(o)
	server := httptest.NewServer(p)
	s.T.Cleanup(server.Close)
	return server
}

// Restarted is another provider on the same Redis, CM, keys, configuration and
// clients, as after a restart, or in another process.
func (s *Server) Restarted() *provider.Provider {
	s.T.Helper()
	again, store := *s, s.Another(s.T)
	again.Metrics = prometheus.NewRegistry()
	o := s.options
	o.Parts = func(parts *provider.Parts) {
		if s.options.Parts != nil {
			s.options.Parts(parts)
		}
		parts.Store = store
	}
	return again.another(o)
}

func config(issuer string) provider.Config {
	return provider.Config{
		Issuer:      issuer,
		Salt:        bytes.Repeat([]byte("salt"), 8),
		Start:       authorize.StartAuto,
		ReturnShape: login.ReturnPath,
		MaxAttempts: 3,
		Limits:      ceilings.Limits{Window: time.Minute, PerAddress: 1000, PerClient: 1000, Total: 10000},

		AccessToken:   5 * time.Minute,
		IDToken:       5 * time.Minute,
		Code:          time.Minute,
		PushedRequest: time.Minute,
		RefreshToken:  24 * time.Hour,
		RefreshGrace:  time.Minute,
		Lease:         15 * time.Second,
		Upstream:      5 * time.Second,
		Status:        30 * time.Second,
		WriteBudget:   5 * time.Second,
	}
}

// Clients are the usual ones, and more.
func Clients(change func(*client.Client), more ...client.Client) []client.Client {
	app := client.Client{
		Terms: client.Terms{
			ID: App, Name: "The App", Home: Home, Service: itsme.Login, Deadline: 4 * time.Minute,
			Subject: client.Pairwise, Sector: "app.example", SigningAlg: keys.RS256,
		},
		AuthMethod:   client.ClientSecretBasic,
		SecretHashes: [][32]byte{sha256.Sum256([]byte(AppSecret))},
		RedirectURIs: []string{Callback},
		Scopes:       []string{"openid", "profile", "email", "phone", "address"},
	}
	spa := app
	spa.ID, spa.Name, spa.AuthMethod, spa.SecretHashes = SPA, "The Page", client.None, nil
	if change != nil {
		change(&app)
	}
	return append([]client.Client{app, spa}, more...)
}

// ring has keys on a cell of the world's store.
func ring(t testing.TB, w *storagetest.World, algorithms []keys.Algorithm) *keys.Ring {
	t.Helper()
	if len(algorithms) == 0 {
		algorithms = []keys.Algorithm{keys.RS256, keys.ES256}
	}
	return Ring(t, w.Store.Cell("keys", 400*24*time.Hour), algorithms,
		keys.Policy{Every: 30 * 24 * time.Hour, Ahead: 48 * time.Hour, Keep: 25 * time.Hour}, w.Now)
}

// Log is everything that the provider has written.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *Log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
