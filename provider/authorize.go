package provider

import (
	"log/slog"
	"net/http"
	"time"

	"itsme-bridge/storage"
)

// AuthorizeConfig is what the operator decides about the beginning of logins.
type AuthorizeConfig struct {
	Start         StartMode     // who may start a transaction
	Salt          []byte        // of pairwise subjects
	Code          time.Duration // life of an authorization code
	PushedRequest time.Duration // how long a request_uri can begin a login (RFC 9126 §2.2)
	WriteBudget   time.Duration // how long a write is repeated
}

// AuthorizeParts are what the endpoints stand on.
type AuthorizeParts struct {
	Issuer    Issuer
	Clients   *Registry
	Reader    *Reader
	Pushes    *Pushes
	Logins    *Logins
	Ceilings  *Ceilings
	Sessions  *Sessions
	Guard     *Guard
	IDTokens  *IDTokens
	NotBefore *Gate
	Metrics   *Metrics
	Store     *storage.Store
	Now       func() time.Time
}

// AuthorizeEndpoints are where an authorization request comes to.
type AuthorizeEndpoints struct {
	config    AuthorizeConfig
	issuer    Issuer
	clients   *Registry
	reader    *Reader
	pushes    *Pushes
	logins    *Logins
	ceilings  *Ceilings
	sessions  *Sessions
	guard     *Guard
	idTokens  *IDTokens
	notBefore *Gate
	metrics   *Metrics
	grants    *storage.Bucket[Grant]
	keyring   storage.Keyring
	now       func() time.Time
}

// newAuthorizeEndpoints makes them.
func newAuthorizeEndpoints(c AuthorizeConfig, parts AuthorizeParts) *AuthorizeEndpoints {
	return &AuthorizeEndpoints{
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
		metrics:   parts.Metrics,
		grants:    Bucket(parts.Store),
		keyring:   parts.Store.Keyring(),
		now:       parts.Now,
	}
}

// Authorize is the authorization endpoint (RFC 6749 §3.1, OpenID Connect Core §3.1.2).
func (e *AuthorizeEndpoints) Authorize(w http.ResponseWriter, r *http.Request) error {
	parameters, err := parametersOf(r)
	if err != nil {
		return err
	}
	if e.sessions.resubmit(w, r, parameters, Parameters()) {
		return nil
	}
	if err := e.config.Start.mayFetch(r.Header, parameters.Get("request_uri")); err != nil {
		return err
	}
	a, err := e.reader.read(r.Context(), parameters, Source{}, r.Header.Get("Accept-Language"))
	if a.client != nil {
		event(r.Context()).Add(slog.String("client", a.client.ID))
	}
	if err != nil {
		return err
	}
	if done, err := e.logins.Resume(w, r, a); done {
		return err
	}
	if done, err := e.silently(w, r, a); done {
		return err
	}
	if a.prompted("none") {
		return a.toClient(fail(http.StatusBadRequest, LoginRequired, "The person must approve the login in the itsme app."))
	}
	return e.start(w, r, a)
}

// start starts a transaction, or asks the person first.
func (e *AuthorizeEndpoints) start(w http.ResponseWriter, r *http.Request, a *Asking) error {
	atOnce, err := e.config.Start.mayStart(r.Header)
	if err != nil {
		return a.toPerson(err)
	}
	if !atOnce {
		return e.askFirst(w, r, a)
	}
	busy, err := e.ceilings.count(r.Context(), a.client.ID)
	if err != nil {
		return a.toClient(err)
	}
	switch {
	case busy.full:
		e.ceilings.uncount(r.Context(), a.client.ID)
		return e.tooMany(w, r, a)
	case busy.soft:
		e.ceilings.uncount(r.Context(), a.client.ID)
		return e.askFirst(w, r, a)
	}
	return e.logins.Begin(w, r, a)
}
