package login

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"itsme-bridge/provider/ceilings"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/ledger"
	"itsme-bridge/provider/pages"
	"itsme-bridge/provider/request"
	"itsme-bridge/provider/session"
	"itsme-bridge/storage"
)

// Config is what the operator decides about logins.
type Config struct {
	Salt        []byte        // of pairwise subjects
	ReturnShape ReturnShape   // of the URL that CM sends the browser back to
	MaxAttempts int           // CM transactions of one login
	Code        time.Duration // life of an authorization code
	Lease       time.Duration // how long one request may hold a login: more than Upstream + WriteBudget
	Upstream    time.Duration // of one call to CM; that of itsme.Client is the same
	Status      time.Duration // of one status call: the answer is waited for as long as it may come
	WriteBudget time.Duration // how long a write is repeated. An identity from CM has at least that long, and until its lease ends
}

// Parts are what logins stand on.
type Parts struct {
	Issuer     edge.Issuer
	Clients    *client.Registry
	Ceilings   *ceilings.Ceilings
	Ledger     *ledger.Ledger
	Pushes     *request.Pushes
	Sessions   *session.Sessions
	IDTokens   *grant.IDTokens
	Upstream   Upstream
	Store      *storage.Store
	Log        *slog.Logger
	Registerer prometheus.Registerer // may be nil
	Now        func() time.Time

	// Ended hears how each login ends, on one replica; may be nil. It must not wait for anybody.
	Ended func(ctx context.Context, e ledger.End)
}

// Logins are what people do with a browser, from the first transaction to the
// authorization response.
type Logins struct {
	teller

	trails   trails
	proofs   *proofs
	desk     *desk
	ceilings *ceilings.Ceilings
	ledger   *ledger.Ledger
	ended    func(context.Context, ledger.End)
	pushes   *request.Pushes
	metrics  *metrics
	upstream time.Duration // of one call to CM that should not take longer
	salt     []byte
	holds    *holds
	fetching sync.WaitGroup // identities on their way from CM to Redis: the drain waits for them
}

// New makes them.
func New(c Config, parts Parts) (*Logins, error) {
	gates := newGates(c, parts.Store.Keyring().MAC, parts.Log, parts.Now)
	counted, err := newMetrics(parts.Registerer, parts.Ledger, gates.collectors(), parts.Now)
	if err != nil {
		return nil, err
	}
	parts.Ledger.OnLoss(counted.uncounted.Inc)
	store, labels := parts.Store, storage.NewBucket[Label](parts.Store, "label")
	trails := trails{issuer: parts.Issuer, clients: parts.Clients, keyring: store.Keyring(), now: parts.Now}
	cookies := cookies{issuer: parts.Issuer, now: parts.Now}
	proofs := &proofs{issuer: parts.Issuer, keyring: store.Keyring(), shape: c.ReturnShape}
	told := teller{
		visits: &visits{
			store:        store,
			ledger:       parts.Ledger,
			labels:       labels,
			logins:       storage.NewBucket[Login](store, "login"),
			transactions: storage.NewBucket[Transaction](store, "transaction"),
			grants:       grant.Bucket(store),
			lease:        c.Lease,
			writeBudget:  c.WriteBudget,
			code:         c.Code,
			now:          parts.Now,
		},
		screens: &screens{
			issuer: parts.Issuer, clients: parts.Clients, proofs: proofs, labels: labels, trails: trails, cookies: cookies,
			maxAttempts: c.MaxAttempts, metrics: counted, now: parts.Now,
		},
		cookies:  cookies,
		sessions: parts.Sessions,
		idTokens: parts.IDTokens,
		now:      parts.Now,
	}
	return &Logins{
		teller: told,
		trails: trails,
		proofs: proofs,
		desk: &desk{
			upstream: parts.Upstream, timeout: c.Status, clients: parts.Clients, proofs: proofs,
			gates: gates, metrics: counted, log: parts.Log, now: parts.Now,
		},
		ceilings: parts.Ceilings,
		ledger:   parts.Ledger,
		ended:    parts.Ended,
		pushes:   parts.Pushes,
		metrics:  counted,
		upstream: c.Upstream,
		salt:     c.Salt,
		holds:    newHolds(maxHeld, c.Lease),
	}, nil
}

// Drain returns when no identity is on its way from CM to Redis any more, no lease
// is being given back, and nothing is left to be said to the ledger, or with the error
// of ctx.
func (l *Logins) Drain(ctx context.Context) error {
	done := make(chan struct{})
	go func() { l.fetching.Wait(); l.visits.releasing.Wait(); l.ledger.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("provider: drain: %w", ctx.Err())
	}
}

// Await gives the browser the cookie of a login that a click will begin.
func (l *Logins) Await(w http.ResponseWriter, r *http.Request, a *request.Asking) storage.Handle {
	h := storage.NewKin(a.Kin)
	l.AwaitStill(w, r, a, h)
	return h
}

// AwaitStill does so for a login whose cookie the browser may have already.
func (l *Logins) AwaitStill(w http.ResponseWriter, r *http.Request, a *request.Asking, h storage.Handle) {
	edge.EventOf(r.Context()).OfLogin(h.ID())
	l.trails.add(w, r, h, a, true)
	l.cookies.giveUnborn(w, r, h)
}

// Clicked leads on where the login of a "Continue" page does not wait for its click any
// more, in the language that the person asks for now. It is false where it still waits.
func (l *Logins) Clicked(w http.ResponseWriter, r *http.Request, a *request.Asking, h storage.Handle) bool {
	if !l.cookies.hasBegun(r, h) {
		return false
	}
	edge.Navigate(w, r, a.Client.App(), a.Locale, l.screens.current(h)+"?"+pages.LanguageParameter+"="+a.Locale)
	return true
}

// Awaited is the login of this id, where the browser has its cookie.
func (l *Logins) Awaited(r *http.Request, id string) (storage.Handle, bool) {
	return l.cookies.of(r, id)
}

// Crowded reports whether this browser has so many logins under way that one more
// would push one out. The person is asked first then.
func (l *Logins) Crowded(r *http.Request) bool { return l.cookies.crowded(r) }
