package logout

import (
	"context"
	"log/slog"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/session"
	"itsme-bridge/storage"
)

// Poster reaches clients. *remote.Client is one.
type Poster interface {
	Post(ctx context.Context, address string, form url.Values) (status int, err error)
}

// Parts are what logouts stand on.
type Parts struct {
	Issuer     edge.Issuer
	Clients    *client.Registry
	Sessions   *session.Sessions
	IDTokens   *grant.IDTokens
	Signer     grant.Signer
	Poster     Poster // may be nil where no client has a backchannel_logout_uri
	Store      *storage.Store
	Log        *slog.Logger
	Registerer prometheus.Registerer // may be nil
	Tracer     trace.Tracer          // nil: nobody traces
	Now        func() time.Time
}

// Logouts end sessions, and let clients hear of it.
type Logouts struct {
	issuer   edge.Issuer
	clients  *client.Registry
	sessions *session.Sessions
	idTokens *grant.IDTokens
	signer   grant.Signer
	poster   Poster
	outbox   *storage.Queue[Notice]
	keyring  storage.Keyring
	mute     mute
	leaving  chan struct{} // somebody has logged out here, and clients are to hear of it
	log      *slog.Logger
	notices  *prometheus.CounterVec // what became of telling a client; who was a registered one when the notice was written
	tracer   trace.Tracer           // nil: nobody traces
	now      func() time.Time
}

// New makes them.
func New(parts Parts) (*Logouts, error) {
	l := &Logouts{
		issuer:   parts.Issuer,
		clients:  parts.Clients,
		sessions: parts.Sessions,
		idTokens: parts.IDTokens,
		signer:   parts.Signer,
		poster:   parts.Poster,
		outbox:   storage.NewQueue[Notice](parts.Store, "notices", outboxLife),
		keyring:  parts.Store.Keyring(),
		mute:     mute{until: map[string]time.Time{}},
		leaving:  make(chan struct{}, 1),
		log:      parts.Log,
		notices: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "itsme_bridge_logout_notices_total", Help: "What became of telling a client of a logout.",
		}, []string{"client", "result"}),
		tracer: parts.Tracer, now: parts.Now,
	}
	return l, edge.Register(parts.Registerer, l.notices)
}

// The ends of an attempt to tell a client.
const (
	delivered = "delivered"
	failed    = "failed"
	givenUp   = "given_up"
)

// Expect makes the series of the clients that want to hear of logouts, so that they
// are there before the first is told.
func (l *Logouts) Expect(clients []client.Client) {
	for _, c := range clients {
		if c.BackChannelLogoutURI == "" {
			continue
		}
		for _, result := range []string{delivered, failed, givenUp} {
			l.notices.WithLabelValues(c.ID, result)
		}
	}
}
