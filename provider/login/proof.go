package login

import (
	"net/http"
	"strconv"
	"strings"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/pages"
	"itsme-bridge/storage"
)

// returnParameter holds the proof, where the return URL carries it in its query.
const returnParameter = "login"

// proofs make and check the second half of a login. It completes only where two
// halves meet: the cookie of the browser that began it, and the proof in the
// return URL of the current attempt, which only the browser that comes from itsme
// has. So the proof never appears on a page of ours: whoever holds the cookie and
// not the proof must not get it from us.
type proofs struct {
	issuer  edge.Issuer
	keyring storage.Keyring
	shape   ReturnShape
}

// ReturnShape is where the return URL carries its proof.
type ReturnShape string

// The shapes of the return URL.
const (
	ReturnPath  ReturnShape = "path"  // /itsme/return/{proof}
	ReturnQuery ReturnShape = "query" // /itsme/return?login={proof}
	ReturnFixed ReturnShape = "fixed" // /itsme/return with the cookie alone: one of the two halves is missing
)

// proof is HMAC(server key, login ‖ attempt ‖ SHA-256(cookie's secret)).
func (p *proofs) proof(h storage.Handle, attempt int) string {
	return p.keyring.MAC("return", h.ID(), strconv.Itoa(attempt), h.Digest())
}

// proves checks one, in constant time.
func (p *proofs) proves(proof string, h storage.Handle, attempt int) bool {
	return p.keyring.VerifyMAC(proof, "return", h.ID(), strconv.Itoa(attempt), h.Digest())
}

// form is a POST to us about one attempt of a login. Its token ties it to the
// cookie and the attempt. It is another secret than the proof, since it stands on
// pages that are shown before the browser has come back.
func (p *proofs) form(path string, h storage.Handle, attempt int) *pages.Form {
	return p.formAt(p.issuer.Path()+path, h, attempt)
}

// formAt is such a form for an address that is whole.
func (p *proofs) formAt(action string, h storage.Handle, attempt int) *pages.Form {
	return &pages.Form{Action: action, Fields: []pages.Field{
		{Name: "login", Value: h.ID()},
		{Name: "attempt", Value: strconv.Itoa(attempt)},
		{Name: "token", Value: p.keyring.MAC("form", h.ID(), strconv.Itoa(attempt), h.Digest())},
	}}
}

// fits reports whether a form's token is that of the cookie and the attempt.
func (p *proofs) fits(token string, h storage.Handle, attempt int) bool {
	return p.keyring.VerifyMAC(token, "form", h.ID(), strconv.Itoa(attempt), h.Digest())
}

// returnURL is where CM sends the browser after an attempt.
func (p *proofs) returnURL(h storage.Handle, attempt int) string {
	value := h.ID() + "." + strconv.Itoa(attempt) + "." + p.proof(h, attempt)
	switch p.shape {
	case ReturnFixed:
		return p.issuer.At("/itsme/return")
	case ReturnQuery:
		return p.issuer.At("/itsme/return?" + returnParameter + "=" + value)
	default:
		return p.issuer.At("/itsme/return/" + value)
	}
}

// shown reports whether a request shows, by a proof or the token of a form, that its cookie is
// genuine: it could open the login, if that were there.
func (p *proofs) shown(r *http.Request, h storage.Handle) bool {
	if back, ok := p.homecomingOf(r); ok {
		return back.login == h.ID() && p.proves(back.proof, h, back.attempt)
	}
	attempt, err := strconv.Atoi(r.PostForm.Get("attempt"))
	return err == nil && p.fits(r.PostForm.Get("token"), h, attempt)
}

// broughtBy reports whether a request brings the proof of an attempt, or is at the
// address that must do without.
func (p *proofs) broughtBy(r *http.Request, h storage.Handle, attempt int) bool {
	back, ok := p.homecomingOf(r)
	if !ok {
		return p.shape == ReturnFixed && r.URL.Path == p.issuer.Path()+"/itsme/return"
	}
	return back.login == h.ID() && back.attempt == attempt && p.proves(back.proof, h, attempt)
}

// homecoming is what a browser brings back from itsme.
type homecoming struct {
	login   string // id
	attempt int    // 1 is the first
	proof   string
}

// homecomingOf reads the return URL. Whatever CM appends to it is tolerated, and relied on for nothing.
func (p *proofs) homecomingOf(r *http.Request) (homecoming, bool) {
	value, inPath := strings.CutPrefix(r.URL.Path, p.issuer.Path()+"/itsme/return/")
	if !inPath {
		value = r.URL.Query().Get(returnParameter)
	}
	login, rest, _ := strings.Cut(value, ".")
	edge.EventOf(r.Context()).OfLogin(login)
	number, proof, ok := strings.Cut(rest, ".")
	attempt, err := strconv.Atoi(number)
	if !ok || err != nil || attempt < 1 || !storage.IsID(login) {
		return homecoming{}, false
	}
	return homecoming{login: login, attempt: attempt, proof: proof}, true
}
