package provider

import (
	"crypto/sha256"
	"net/http"
	"strconv"
	"strings"

	"itsme-bridge/storage"
)

// A login completes only where two halves meet: the cookie of the browser that
// began it, and the proof in the return URL of the current attempt, which only
// the browser that comes from itsme has. So the proof never appears on a page
// of ours: whoever holds the cookie and not the proof must not get it from us.

// proof is HMAC(server key, login ‖ attempt ‖ SHA-256(cookie's secret)).
func (p *Provider) proof(h storage.Handle, attempt int) string {
	return p.store.Keyring().MAC("return", h.ID(), strconv.Itoa(attempt), digest(h))
}

// proves checks one, in constant time.
func (p *Provider) proves(proof string, h storage.Handle, attempt int) bool {
	return p.store.Keyring().VerifyMAC(proof, "return", h.ID(), strconv.Itoa(attempt), digest(h))
}

// formToken ties a form of ours to the cookie and the attempt that it is about.
// It is another secret than the proof, since it stands on pages that are shown
// before the browser has come back.
func (p *Provider) formToken(h storage.Handle, attempt int) string {
	return p.store.Keyring().MAC("form", h.ID(), strconv.Itoa(attempt), digest(h))
}

func (p *Provider) formTokenFits(token string, h storage.Handle, attempt int) bool {
	return p.store.Keyring().VerifyMAC(token, "form", h.ID(), strconv.Itoa(attempt), digest(h))
}

func digest(h storage.Handle) string {
	sum := sha256.Sum256([]byte(h.Secret()))
	return string(sum[:])
}

// returnURL is where CM sends the browser after an attempt.
func (p *Provider) returnURL(h storage.Handle, attempt int) string {
	value := h.ID() + "." + strconv.Itoa(attempt) + "." + p.proof(h, attempt)
	switch p.config.ReturnShape {
	case ReturnFixed:
		return p.at("/itsme/return")
	case ReturnQuery:
		return p.at("/itsme/return?login=" + value)
	default:
		return p.at("/itsme/return/" + value)
	}
}

// homecoming is what a browser brings back from itsme.
type homecoming struct {
	login   string // id
	attempt int    // 0 under [ReturnFixed]: whichever is current
	proof   string
}

// homecomingOf reads the return URL. Whatever CM appends to it is tolerated, and relied on for nothing.
func (p *Provider) homecomingOf(r *http.Request) (homecoming, bool) {
	value, inPath := strings.CutPrefix(r.URL.Path, p.issuer.Path+"/itsme/return/")
	if !inPath {
		value = r.URL.Query().Get("login")
	}
	login, rest, _ := strings.Cut(value, ".")
	number, proof, ok := strings.Cut(rest, ".")
	attempt, err := strconv.Atoi(number)
	if !ok || err != nil || attempt < 1 || !validID(login) {
		return homecoming{}, false
	}
	return homecoming{login: login, attempt: attempt, proof: proof}, true
}

// validID reports whether s has the form of a login's id. It becomes part of a Redis key.
func validID(s string) bool {
	_, ok := storage.ParseHandle(s + "." + s)
	return ok
}
