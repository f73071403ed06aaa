package provider

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/prometheus/client_golang/prometheus"

	"itsme-bridge/itsme"
	"itsme-bridge/keys"
	"itsme-bridge/storage"
)

// Config is what the operator decides, apart from the clients.
type Config struct {
	Issuer         string   // https, or http on loopback; no trailing slash, no query
	TrustedProxies []string // CIDRs or addresses whose X-Forwarded-For counts; empty: nobody's

	Salt []byte // of pairwise subjects, at least 32 bytes; another salt is another person everywhere

	Start       StartMode   // who may start a transaction
	ReturnShape ReturnShape // of the URL that CM sends the browser back to
	MaxAttempts int         // CM transactions of one login
	Limits      Limits

	AccessToken   time.Duration // life of an access token
	IDToken       time.Duration // life of an ID token
	Code          time.Duration // life of an authorization code, at most 60 s
	PushedRequest time.Duration // how long a request_uri can begin a login (RFC 9126 §2.2)
	RefreshToken  time.Duration // how long after a login its refresh tokens work
	RefreshGrace  time.Duration // how long the refresh token before the current one still works, for answers that were lost
	Session       SessionPolicy
	Lease         time.Duration // how long one request may hold a login: more than Upstream + WriteBudget
	Upstream      time.Duration // of one call to CM; the client's own timeout is the same
	WriteBudget   time.Duration // how long a write is repeated. An identity from CM has at least that long, and until its lease ends
}

// SessionPolicy is how long a browser stays logged in, and whom for.
type SessionPolicy struct {
	TTL   time.Duration // since the approval in the app; zero: there are no sessions, every login is a fresh approval
	Share bool          // a session serves every client, not only the one that made it
}

// Limits are the ceilings of promise 8: a transaction is money. Each counts
// starts within one window. Zero means no limit.
type Limits struct {
	Window     time.Duration
	PerAddress int64 // of one IPv4 /32 or IPv6 /64; above it the person must wait
	PerClient  int64 // soft: above it the person is asked to click before a transaction starts
	Total      int64 // above it nobody starts one until the window is over
}

// StartMode says who may start a transaction at CM.
type StartMode string

// The start modes.
const (
	StartAuto   StartMode = "auto"   // a top-level navigation at once, anything doubtful after a click
	StartAsk    StartMode = "ask"    // everybody after a click
	StartDirect StartMode = "direct" // everybody at once: tests and closed networks
)

// ReturnShape is where the return URL carries its proof.
type ReturnShape string

// The shapes of the return URL.
const (
	ReturnPath  ReturnShape = "path"  // /itsme/return/{proof}
	ReturnQuery ReturnShape = "query" // /itsme/return?login={proof}
	ReturnFixed ReturnShape = "fixed" // /itsme/return with the cookie alone: one of the two halves is missing
)

// Parts are what the provider stands on.
type Parts struct {
	Store    *storage.Store
	Upstream Upstream
	Signer   Signer
	KeySets  KeySets  // may be nil where no client has a jwks_uri
	Outbound Outbound // may be nil where no client has request_uris or a backchannel_logout_uri
	Log      *slog.Logger
	Metrics  prometheus.Registerer
	Now      func() time.Time
}

// Upstream is where people prove who they are. *itsme.Client is one.
type Upstream interface {
	Start(ctx context.Context, s itsme.Start) (itsme.Transaction, error)
	Status(ctx context.Context, transactionToken string) (itsme.Result, error)
}

// Signer signs, publishes what others need to check it, and knows its own.
// *keys.Ring and *keys.Static are some.
type Signer interface {
	Sign(ctx context.Context, alg keys.Algorithm, claims []byte) (string, error)
	SignTyped(ctx context.Context, alg keys.Algorithm, typ string, claims []byte) (string, error)
	Verify(compact string) (payload []byte, typ string, err error)
	JWKS() keys.Document
}

// KeySets are those that clients keep themselves. *remote.KeySets is one.
type KeySets interface {
	Keys(ctx context.Context, jwksURI, kid string) ([]jose.JSONWebKey, error)
}

// Outbound reaches what clients have. *remote.Client is one.
type Outbound interface {
	Fetch(ctx context.Context, address, accept string, limit int64) (body []byte, header http.Header, err error)
	Post(ctx context.Context, address string, form url.Values) (status int, err error)
}

// Provider is the OpenID provider. It is an http.Handler.
type Provider struct {
	config   Config
	issuer   *url.URL
	upstream Upstream
	signer   Signer
	keySets  KeySets
	outbound Outbound
	log      *slog.Logger
	now      func() time.Time
	metrics  *metrics
	store    *storage.Store
	handler  http.Handler

	labels       *storage.Bucket[Label]
	logins       *storage.Bucket[Login]
	transactions *storage.Bucket[Transaction]
	pushed       *storage.Bucket[Pushed]
	grants       *storage.Bucket[Grant]
	sessions     *storage.Bucket[Session]
	families     *storage.Bucket[Family]

	notBefore atomic.Pointer[NotBefore] // nil: not loaded yet

	browserSessions *storage.Bucket[BrowserSession]
	audiences       *storage.Bucket[Audience]
	outbox          *storage.Queue[Notice]
	mute            mute
	leaving         chan struct{} // somebody has logged out here, and clients are to hear of it

	registry atomic.Pointer[registry]
	fetching sync.WaitGroup // identities on their way from CM to Redis: the drain waits for them
}

// New makes a provider without clients: see [Provider.Register].
func New(c Config, parts Parts) (*Provider, error) {
	issuer, err := url.Parse(c.Issuer)
	if err != nil || issuer.Host == "" || strings.HasSuffix(c.Issuer, "/") || issuer.RawQuery != "" || issuer.Fragment != "" {
		return nil, fmt.Errorf("provider: issuer %q is not an absolute URL without trailing slash, query and fragment", c.Issuer)
	}
	if c.Lease <= c.Upstream+c.WriteBudget {
		return nil, errors.New("provider: the lease must be longer than a call to CM and the write budget together")
	}
	p := &Provider{
		config:   c,
		issuer:   issuer,
		upstream: parts.Upstream,
		signer:   parts.Signer,
		keySets:  parts.KeySets,
		outbound: parts.Outbound,
		log:      parts.Log,
		now:      parts.Now,
		store:    parts.Store,

		labels:       storage.NewBucket[Label](parts.Store, "label"),
		logins:       storage.NewBucket[Login](parts.Store, "login"),
		transactions: storage.NewBucket[Transaction](parts.Store, "transaction"),
		pushed:       storage.NewBucket[Pushed](parts.Store, "pushed"),
		grants:       storage.NewBucket[Grant](parts.Store, "grant"),
		sessions:     storage.NewBucket[Session](parts.Store, "session"),
		families:     storage.NewBucket[Family](parts.Store, "family"),

		browserSessions: storage.NewBucket[BrowserSession](parts.Store, "browser"),
		audiences:       storage.NewBucket[Audience](parts.Store, "logout"),
		outbox:          storage.NewQueue[Notice](parts.Store, "notices", outboxLife),
		mute:            mute{until: map[string]time.Time{}},
		leaving:         make(chan struct{}, 1),
	}
	if p.metrics, err = newMetrics(parts.Metrics); err != nil {
		return nil, err
	}
	p.Register(nil)
	p.handler, err = p.routes()
	return p, err
}

// ServeHTTP serves every endpoint under the issuer's path.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

// Drain returns when no identity is on its way from CM to Redis any more, or
// with the error of ctx. Stop accepting requests before.
func (p *Provider) Drain(ctx context.Context) error {
	done := make(chan struct{})
	go func() { p.fetching.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("provider: drain: %w", ctx.Err())
	}
}

// secure reports whether browsers reach us by https.
func (p *Provider) secure() bool { return p.issuer.Scheme == "https" }

// at is the absolute URL of one of our paths.
func (p *Provider) at(path string) string { return p.config.Issuer + path }
