package provider

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"itsme-bridge/provider/audit"
	"itsme-bridge/provider/authorize"
	"itsme-bridge/provider/ceilings"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/clientauth"
	"itsme-bridge/provider/discovery"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/ledger"
	"itsme-bridge/provider/login"
	"itsme-bridge/provider/logout"
	"itsme-bridge/provider/notbefore"
	"itsme-bridge/provider/pages"
	"itsme-bridge/provider/request"
	"itsme-bridge/provider/session"
	"itsme-bridge/provider/token"
	"itsme-bridge/storage"
)

// Config is what the operator decides, apart from the clients.
type Config struct {
	Issuer         string   // https, or http on loopback; no trailing slash, no query
	TrustedProxies []string // CIDRs or addresses whose X-Forwarded-For counts; empty: nobody's
	FollowTraces   bool     // whether the traceparent of these proxies counts

	Salt []byte // of pairwise subjects, at least 32 bytes; another salt is another person everywhere

	Start       authorize.StartMode // who may start a transaction
	ReturnShape login.ReturnShape   // of the URL that CM sends the browser back to
	MaxAttempts int                 // CM transactions of one login
	Limits      ceilings.Limits

	AccessToken   time.Duration // life of an access token
	IDToken       time.Duration // life of an ID token
	Code          time.Duration // life of an authorization code, at most 60 s
	PushedRequest time.Duration // how long a request_uri can begin a login (RFC 9126 §2.2)
	RefreshToken  time.Duration // how long after a login its refresh tokens work
	RefreshIdle   time.Duration // how long a refresh token works that nobody uses; zero: as RefreshToken
	RefreshGrace  time.Duration // how long the refresh token before the current one still works, for answers that were lost
	Session       session.Policy
	Lease         time.Duration // how long one request may hold a login: more than Upstream + WriteBudget
	Upstream      time.Duration // of one call to CM; that of itsme.Client is the same
	Status        time.Duration // of one status call, likewise, and not shorter: CM may give its answer once only
	WriteBudget   time.Duration // how long a write is repeated. An identity from CM has at least that long, and until its lease ends
}

// login is what package login is to know of it.
func (c *Config) login() login.Config {
	return login.Config{
		Salt: c.Salt, ReturnShape: c.ReturnShape, MaxAttempts: c.MaxAttempts,
		Code: c.Code, Lease: c.Lease, Upstream: c.Upstream, Status: max(c.Status, c.Upstream), WriteBudget: c.WriteBudget,
	}
}

// authorize is what package authorize is to know of it.
func (c *Config) authorize() authorize.Config {
	return authorize.Config{Start: c.Start, Salt: c.Salt, Code: c.Code, PushedRequest: c.PushedRequest, WriteBudget: c.WriteBudget}
}

// token is what package token is to know of it.
func (c *Config) token() token.Lifetimes {
	return token.Lifetimes{AccessToken: c.AccessToken, RefreshToken: c.RefreshToken, RefreshIdle: c.RefreshIdle, RefreshGrace: c.RefreshGrace, WriteBudget: c.WriteBudget}
}

// Parts are what the provider stands on.
type Parts struct {
	Store    *storage.Store
	Upstream login.Upstream
	Signer   grant.Signer
	KeySets  client.KeySets // may be nil where no client has a jwks_uri
	Outbound Outbound       // may be nil where no client has request_uris or a backchannel_logout_uri
	Log      *slog.Logger
	Metrics  prometheus.Registerer
	Audit    *audit.Log // may be nil
	Now      func() time.Time

	// Ended hears how each login ends, on one replica; may be nil. It must not wait for anybody.
	Ended func(ctx context.Context, e ledger.End)
	// Tracer makes the spans of requests and of what is done by itself; nil: nobody traces.
	// The store, the upstream and Outbound have theirs.
	Tracer trace.Tracer

	// Serving says why nobody is to be served yet: they are told to come again. Nil: everybody is.
	Serving func() error
}

// Outbound reaches what clients have. *remote.Client is one.
type Outbound interface {
	request.Fetcher
	logout.Poster
}

// Provider is the OpenID provider. It is an http.Handler.
type Provider struct {
	handler   http.Handler
	clients   *client.Registry
	documents *discovery.Documents
	notBefore *notbefore.Gate
	ledger    *ledger.Ledger
	logins    *login.Logins
	logouts   *logout.Logouts
	edge      *edge.Edge

	registering sync.Mutex // so that the clients and what discovery says of them are of one registration
}

// New makes a provider without clients: see [Provider.Register].
func New(c Config, parts Parts) (*Provider, error) {
	issuer, err := edge.NewIssuer(c.Issuer)
	if err != nil {
		return nil, err
	}
	if c.Lease <= c.Upstream+c.WriteBudget {
		return nil, errors.New("provider: the lease must be longer than a call to CM and the write budget together")
	}
	addresses, err := edge.NewAddresses(c.TrustedProxies, parts.Log)
	if err != nil {
		return nil, err
	}
	edge, err := newEdge(issuer, &c, &parts, addresses)
	if err != nil {
		return nil, err
	}
	var (
		store, now = parts.Store, parts.Now
		clients    = client.NewRegistry(parts.KeySets)
		notBefore  = notbefore.New(store)
		idTokens   = grant.NewIDTokens(c.Issuer, parts.Signer, store.Keyring(), c.IDToken)
		sessions   = session.New(issuer, c.Session, clients, store, c.WriteBudget, now)
		pushes     = request.NewPushes(store, c.MaxAttempts, c.WriteBudget, now)
		ledger     = ledger.New(store, now)
	)
	ceilings, err := ceilings.New(c.Limits, store, parts.Metrics, now)
	if err != nil {
		return nil, err
	}
	guard := clientauth.New(issuer, []string{c.Issuer, issuer.At(token.Path), issuer.At(authorize.PushPath)}, clients, store, ceilings, now)
	edge.LeadTo(clients.Home)
	logouts, err := logout.New(logout.Parts{
		Issuer: issuer, Clients: clients, Sessions: sessions, IDTokens: idTokens, Signer: parts.Signer,
		Poster: parts.Outbound, Store: store, Log: parts.Log, Registerer: parts.Metrics, Tracer: parts.Tracer, Now: now,
	})
	if err != nil {
		return nil, err
	}
	logins, err := login.New(c.login(), login.Parts{
		Issuer: issuer, Clients: clients, Ceilings: ceilings, Ledger: ledger, Pushes: pushes, Sessions: sessions, IDTokens: idTokens,
		Upstream: parts.Upstream, Store: store, Log: parts.Log, Registerer: parts.Metrics, Now: now, Ended: audited(parts.Audit, parts.Ended),
	})
	if err != nil {
		return nil, err
	}
	authorization := authorize.New(c.authorize(), authorize.Parts{
		Issuer: issuer, Clients: clients, Reader: request.NewReader(c.Issuer, clients, idTokens, parts.Outbound, pushes, now),
		Pushes: pushes, Logins: logins, Ceilings: ceilings, Sessions: sessions, Guard: guard, IDTokens: idTokens,
		NotBefore: notBefore, Store: store, Now: now,
	})
	tokens := token.New(c.token(), token.Parts{
		Issuer: issuer, Clients: clients, Guard: guard, IDTokens: idTokens, Signer: parts.Signer, NotBefore: notBefore,
		Store: store, Now: now, Redeemed: logins.Redeemed,
	})
	documents := discovery.New(issuer, paths(), sessions.There(), parts.Signer)

	p := &Provider{clients: clients, documents: documents, notBefore: notBefore, ledger: ledger, logins: logins, logouts: logouts, edge: edge}
	p.handler = routes(issuer, addresses, edge, &rooms{authorization, logins, tokens, logouts, documents})
	return p, nil
}

// follows says whose traces are gone on with: nobody's, or those of our proxies.
func follows(proxies bool, addresses *edge.Addresses) func(*http.Request) bool {
	if !proxies {
		return nil
	}
	return addresses.ByProxy
}

// audited has the audit stream told how each login ends, and whoever else wants to hear of it.
func audited(log *audit.Log, more func(context.Context, ledger.End)) func(context.Context, ledger.End) {
	if log == nil {
		return more
	}
	return func(ctx context.Context, e ledger.End) {
		ended := audit.Event{Name: audit.LoginEnded, Client: e.Client, Outcome: e.Outcome, Attempts: e.Attempts, Duration: e.Duration}
		if e.Login != "" {
			ended.Login = edge.LoginName(e.Login)
		}
		log.Write(ended)
		if more != nil {
			more(ctx, e)
		}
	}
}

// newEdge makes what every request passes through.
func newEdge(issuer edge.Issuer, c *Config, parts *Parts, addresses *edge.Addresses) (*edge.Edge, error) {
	x, err := edge.New(issuer, parts.Log, parts.Metrics, parts.Now)
	if err != nil {
		return nil, err
	}
	x.ServeWhen(parts.Serving)
	x.AuditTo(parts.Audit)
	if parts.Tracer != nil {
		x.TraceWith(parts.Tracer, follows(c.FollowTraces, addresses))
	}
	return x, nil
}

// ServeHTTP serves every endpoint under the issuer's path.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

// Register replaces the clients, without disturbing a request. A login that has
// begun keeps its terms; a client that is gone can no longer authenticate.
func (p *Provider) Register(clients []client.Client) {
	byID := make(map[string]*client.Client, len(clients))
	for _, c := range clients {
		byID[c.ID] = &c
	}
	described := p.documents.Describe(slices.Collect(maps.Values(byID))) // before anything changes
	p.registering.Lock()
	defer p.registering.Unlock()
	p.clients.Replace(byID)
	p.ledger.Register(byID)
	p.logins.Registered(slices.Collect(maps.Keys(byID)))
	p.logouts.Expect(clients)
	p.documents.Publish(described)
}

// Dress replaces the looks of our pages, without disturbing a request.
func (p *Provider) Dress(looks pages.Looks) { p.edge.Dress(looks) }

// Drain returns when no identity is on its way from CM to Redis any more, or
// with the error of ctx. Stop accepting requests before.
func (p *Provider) Drain(ctx context.Context) error {
	defer p.edge.TellRest(ctx)
	return p.logins.Drain(ctx)
}

// Hurry answers requests that wait for something to happen, and lets none do so from
// now on. Call it when the server is told to stop, before it waits for its requests.
func (p *Provider) Hurry() { p.logins.Hurry() }

// RefreshNotBefore learns up to when logins do not count any more. Call it before
// the first request, and then every few seconds: see [notbefore.Gate.Refresh].
func (p *Provider) RefreshNotBefore(ctx context.Context) error { return p.notBefore.Refresh(ctx) }

// CollectLogins counts the logins of which nothing can become any more. Call it every
// [ledger.CollectEvery]; all replicas may.
func (p *Provider) CollectLogins(ctx context.Context) error { return p.logins.Collect(ctx) }

// NotBefore is up to when logins do not count any more, as far as this replica knows.
func (p *Provider) NotBefore() notbefore.Times { return p.notBefore.Times() }

// RunLogouts tells clients of logouts until ctx ends: see [logout.Logouts.Run].
func (p *Provider) RunLogouts(ctx context.Context, every time.Duration, passed func(error)) {
	p.logouts.Run(ctx, every, passed)
}

// DeliverLogouts tells clients of the logouts that are due now: see [logout.Logouts.Deliver].
func (p *Provider) DeliverLogouts(ctx context.Context) error { return p.logouts.Deliver(ctx) }

// UntoldLogouts is how many logouts clients are still to be told of, by all replicas
// together. Where no client wants to hear of any, Redis is not asked.
func (p *Provider) UntoldLogouts(ctx context.Context) (int64, error) { return p.logouts.Untold(ctx) }
