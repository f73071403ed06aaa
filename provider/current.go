package provider

import (
	"net/http"

	"itsme-bridge/storage"
)

// current leads a person who holds a login's cookie to where that login is now.
// It knows nothing of the proof and never asks CM: what it shows is what the
// holder of the cookie may see anyway.
func (p *Provider) current(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if !validID(id) {
		return p.notFound(w, r)
	}
	h, ok := p.loginOf(r, id)
	if !ok {
		p.otherBrowser(w, r, id)
		return nil
	}
	v, err := p.visit(r.Context(), h)
	if err != nil {
		return err
	}
	p.present(w, r, v)
	return nil
}

func (p *Provider) currentURL(h storage.Handle) string { return p.at("/itsme/login/" + h.ID()) }
