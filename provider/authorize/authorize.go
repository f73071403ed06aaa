package authorize

import (
	"log/slog"
	"net/http"
	"time"

	"itsme-bridge/provider/ceilings"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/clientauth"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/login"
	"itsme-bridge/provider/notbefore"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/request"
	"itsme-bridge/provider/session"
	"itsme-bridge/storage"
)

// Config is what the operator decides about the beginning of logins.
type Config struct {
	Start         StartMode     // who may start a transaction
	Salt          []byte        // of pairwise subjects
	Code          time.Duration // life of an authorization code
	PushedRequest time.Duration // how long a request_uri can begin a login (RFC 9126 §2.2)
	WriteBudget   time.Duration // how long a write is repeated
}

// Parts are what the endpoints stand on.
type Parts struct {
	Issuer    edge.Issuer
	Clients   *client.Registry
	Reader    *request.Reader
	Pushes    *request.Pushes
	Logins    *login.Logins
	Ceilings  *ceilings.Ceilings
	Sessions  *session.Sessions
	Guard     *clientauth.Guard
	IDTokens  *grant.IDTokens
	NotBefore *notbefore.Gate
	Store     *storage.Store
	Now       func() time.Time
}

// Endpoints are where an authorization request comes to.
type Endpoints struct {
	config    Config
	issuer    edge.Issuer
	clients   *client.Registry
	reader    *request.Reader
	pushes    *request.Pushes
	logins    *login.Logins
	ceilings  *ceilings.Ceilings
	sessions  *session.Sessions
	guard     *clientauth.Guard
	idTokens  *grant.IDTokens
	notBefore *notbefore.Gate
	grants    *storage.Bucket[grant.Grant]
	keyring   storage.Keyring
	now       func() time.Time
	names     []string // of the parameters that are read; read only
}

// New makes them.
func New(c Config, parts Parts) *Endpoints {
	return &Endpoints{
		config:    c,
		issuer:    parts.Issuer,
		clients:   parts.Clients,
		reader:    parts.Reader,
		pushes:    parts.Pushes,
		logins:    parts.Logins,
		ceilings:  parts.Ceilings,
		sessions:  parts.Sessions,
		guard:     parts.Guard,
		idTokens:  parts.IDTokens,
		notBefore: parts.NotBefore,
		grants:    grant.Bucket(parts.Store),
		keyring:   parts.Store.Keyring(),
		now:       parts.Now,
		names:     append(request.Parameters(), session.Resubmitted),
	}
}

// Authorize is the authorization endpoint (RFC 6749 §3.1, OpenID Connect Core §3.1.2).
func (e *Endpoints) Authorize(w http.ResponseWriter, r *http.Request) error {
	parameters, err := edge.Parameters(r, e.names)
	if err != nil {
		return err
	}
	if e.sessions.Resubmit(w, r, parameters, request.Parameters()) {
		return nil
	}
	if err := e.mayFetch(r, parameters.Get("request_uri")); err != nil {
		return err
	}
	a, err := e.reader.Read(r.Context(), parameters, request.Source{}, r.Header.Get("Accept-Language"))
	if a.Client != nil {
		edge.EventOf(r.Context()).Add(slog.String("client", a.Client.ID))
	}
	edge.EventOf(r.Context()).OfLogin(a.Kin)
	a.SpeakIn(edge.Chosen(r))
	if err != nil {
		return err
	}
	if done, err := e.logins.Resume(w, r, a); done {
		return err
	}
	if done, err := e.silently(w, r, a); done {
		return err
	}
	if a.Prompted("none") {
		return a.ToClient(oauth.Fail(http.StatusBadRequest, oauth.LoginRequired, "The person must approve the login in the itsme app."))
	}
	return e.start(w, r, a)
}

// start starts a transaction, or asks the person first.
func (e *Endpoints) start(w http.ResponseWriter, r *http.Request, a *request.Asking) error {
	atOnce, err := e.config.Start.mayStart(r.Header)
	if err != nil {
		return a.ToPerson(err)
	}
	if !atOnce || e.mayKeepNothing(r) || e.logins.Crowded(r) {
		return e.askFirst(w, r, a)
	}
	h := storage.NewKin(a.Kin)
	busy, start, err := e.logins.Count(r.Context(), a, h)
	if err != nil {
		return a.ToClient(err)
	}
	switch {
	case busy.Full:
		e.logins.Uncount(r.Context(), start)
		return e.tooMany(w, r, a)
	case busy.Soft:
		e.logins.Uncount(r.Context(), start)
		return e.askFirst(w, r, a)
	}
	return e.begun(w, r, a, e.logins.Begin(w, r, a, h, start))
}
