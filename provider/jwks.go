package provider

import (
	"errors"
	"net/http"
)

// jwks is GET /keys: what our signatures are checked with (RFC 7517 §5). For
// how long a copy may be used is the ring's to say, since a key must be known
// everywhere before it signs.
func (p *Provider) jwks(w http.ResponseWriter, r *http.Request) error {
	d := p.signer.JWKS()
	if len(d.Body) == 0 {
		return unavailable(errors.New("there are no keys yet"))
	}
	p.publish(w, r, document{d.Body, d.ETag}, d.MaxAge)
	return nil
}
