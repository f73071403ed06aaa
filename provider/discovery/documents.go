package discovery

import (
	"errors"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
)

// Paths are where the endpoints are, below the issuer.
type Paths struct {
	Authorize, Push, Token, Userinfo, Introspect, Revoke, Logout string
}

// MaxAge is how long a copy of discovery may be used.
const MaxAge = 5 * time.Minute

// JWKSPath is the key set's.
const JWKSPath = "/keys"

// Publisher publishes what our signatures are checked with. *keys.Ring and
// *keys.Static are some.
type Publisher interface{ JWKS() keys.Document }

// Documents are what everybody may read.
type Documents struct {
	issuer   edge.Issuer
	paths    Paths
	sessions bool // there are sessions
	keys     Publisher
	current  atomic.Pointer[Description]
}

// Description is the discovery document for some clients, and what else it was made of.
type Description struct {
	Document edge.Document

	clients   []*client.Client
	published []keys.Algorithm // there are keys of them
}

// New makes those of a provider without clients.
func New(issuer edge.Issuer, paths Paths, sessions bool, published Publisher) *Documents {
	d := &Documents{issuer: issuer, paths: paths, sessions: sessions, keys: published}
	d.Publish(d.Describe(nil))
	return d
}

// Publish takes another discovery document in the place of the one before.
func (d *Documents) Publish(described *Description) { d.current.Store(described) }

// present is the discovery document of this moment: another one as soon as there are keys of an
// algorithm that it does not list, or none any more of one that it lists.
func (d *Documents) present() edge.Document {
	for {
		described := d.current.Load()
		if slices.Equal(described.published, d.keys.JWKS().Algorithms) {
			return described.Document
		}
		d.current.CompareAndSwap(described, d.Describe(described.clients)) // or else there are other clients now
	}
}

// Discovery is GET /.well-known/openid-configuration and its sister of RFC 8414.
func (d *Documents) Discovery(w http.ResponseWriter, r *http.Request) error {
	d.issuer.Publish(w, r, d.present(), MaxAge)
	return nil
}

// JWKS is GET /keys: what our signatures are checked with (RFC 7517 §5). For
// how long a copy may be used is the ring's to say, since a key must be known
// everywhere before it signs.
func (d *Documents) JWKS(w http.ResponseWriter, r *http.Request) error {
	set := d.keys.JWKS()
	if len(set.Body) == 0 {
		return oauth.Unavailable(errors.New("there are no keys yet"))
	}
	d.issuer.Publish(w, r, edge.Document{Body: set.Body, ETag: set.ETag}, set.MaxAge)
	return nil
}
