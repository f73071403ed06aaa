package client

import (
	"context"
	"crypto/rand"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// login is one visit to the bridge, from the click to the claims.
type login struct {
	id      string // of its page
	began   time.Time
	choices choices
	trace   *trace

	// what ties the answer to this request, and the ID token to both
	state    string
	nonce    string
	verifier string

	provider *oidc.Provider
	oauth    oauth2.Config

	answering sync.Mutex // one answer is taken, others wait for what comes of it

	mu     sync.Mutex
	person *person
	failed *Failure
}

// login leads the browser to the bridge.
//
// The bridge's addresses are looked up for every login, so that the visitor can
// see it; a client with more to do keeps them.
func (c *Client) login(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		c.refuse(w, http.StatusBadRequest, "The form cannot be read.")
		return
	}
	l := &login{
		id: rand.Text(), began: c.config.Now(), choices: choicesOf(r.PostForm), trace: newTrace(c.config.Issuer),
		state: rand.Text(), nonce: rand.Text(), verifier: oauth2.GenerateVerifier(),
	}
	c.sessions.begin(w, r).add(l)
	if failed := l.discover(r.Context(), c); failed != nil {
		l.end(nil, failed)
		http.Redirect(w, r, l.page(), http.StatusSeeOther)
		return
	}
	options := append(l.choices.parameters(), oidc.Nonce(l.nonce), oauth2.S256ChallengeOption(l.verifier))
	to := l.oauth.AuthCodeURL(l.state, options...)
	l.trace.add(departure(r, to))
	http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // to the endpoint that the issuer's own document names
}

// discover reads the issuer's discovery document (OpenID Connect Discovery §4).
func (l *login) discover(ctx context.Context, c *Client) *Failure {
	provider, err := oidc.NewProvider(l.context(ctx, c), c.config.Issuer)
	if err != nil {
		return discoveryFailure(err)
	}
	endpoint := provider.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader // as registered: client_secret_basic
	l.provider = provider
	l.oauth = oauth2.Config{
		ClientID: c.config.ID, ClientSecret: c.config.Secret, Endpoint: endpoint,
		RedirectURL: c.redirectURI(), Scopes: append([]string{oidc.ScopeOpenID}, l.choices.Scopes...),
	}
	return nil
}

// context is for the libraries: it carries the HTTP client that writes down what they say.
func (l *login) context(ctx context.Context, c *Client) context.Context {
	return oidc.ClientContext(ctx, l.trace.client(c.config.HTTP))
}

func (l *login) page() string { return "/logins/" + l.id }

func (l *login) end(p *person, f *Failure) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.person, l.failed = p, f
}

// outcome is what the login came to; neither of the two while it is on its way.
func (l *login) outcome() (*person, *Failure) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.person, l.failed
}

func (l *login) over() bool {
	p, f := l.outcome()
	return p != nil || f != nil
}
