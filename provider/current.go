package provider

import (
	"net/http"

	"itsme-bridge/storage"
)

// current leads a person who holds a login's cookie to where that login is now.
// It knows nothing of the proof, takes no lease and never asks CM: what it shows
// is what the holder of the cookie may see anyway.
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
	v, err := p.look(r.Context(), h)
	if err != nil {
		return p.withHome(r, id, err)
	}
	return p.present(w, r, v)
}

// astray is where a form of ours has led, asked for by its address: a reload
// from the address bar, a restored tab. The person's newest login is what they
// mean, or the logout.
func (p *Provider) astray(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Path == p.issuer.Path+confirmPath {
		http.Redirect(w, r, p.at("/logout"), http.StatusSeeOther)
		return nil
	}
	open := p.loginCookies(r)
	if len(open) == 0 {
		return p.notFound(w, r)
	}
	http.Redirect(w, r, p.currentURL(open[len(open)-1].handle), http.StatusSeeOther)
	return nil
}

func (p *Provider) currentURL(h storage.Handle) string { return p.at("/itsme/login/" + h.ID()) }
