package provider

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"itsme-bridge/storage"
)

// One cookie per login, so that a second tab does not overwrite the first. Its
// name carries when the login began and which it is; its value is the secret
// that opens it.

// maxLogins is how many logins one browser may have open; the oldest gives way.
const maxLogins = 8

// memory is how long the cookie and the label live: longer than the login, so
// that a person who comes late is told by name where to go.
const memory = 24 * time.Hour

// unborn is the start of a login that waits for a click: the first to give way,
// since nobody has done anything in it yet.
const unborn = 0

// cookiePrefix is __Host- on https: no other host and no plain connection can
// set such a cookie (RFC 6265bis §4.1.3.2). On loopback by http neither it nor
// Secure can be had in every browser.
func (p *Provider) cookiePrefix() string {
	if p.secure() {
		return "__Host-itsme-"
	}
	return "itsme-"
}

// setCookie gives the browser the secret of a login that begins now.
func (p *Provider) setCookie(w http.ResponseWriter, r *http.Request, h storage.Handle) {
	p.addCookie(w, r, h, p.now().Unix())
}

// setUnbornCookie does so for a login that waits for a click.
func (p *Provider) setUnbornCookie(w http.ResponseWriter, r *http.Request, h storage.Handle) {
	p.addCookie(w, r, h, unborn)
}

// addCookie makes room, also for a cookie of the same login under another name.
func (p *Provider) addCookie(w http.ResponseWriter, r *http.Request, h storage.Handle, began int64) {
	open := p.loginCookies(r)
	for i, c := range open {
		if len(open)-i >= maxLogins || c.handle.ID() == h.ID() {
			http.SetCookie(w, p.cookie(c.name, "", -1))
		}
	}
	name := p.cookiePrefix() + strconv.FormatInt(began, 36) + "-" + h.ID()
	http.SetCookie(w, p.cookie(name, h.Secret(), int(memory/time.Second)))
}

func (p *Provider) cookie(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // G124: Secure wherever there is https
		Name: name, Value: value, Path: "/", MaxAge: maxAge,
		Secure: p.secure(), HttpOnly: true,
		SameSite: http.SameSiteLaxMode, // sent when itsme leads the browser back, and with nothing that another site embeds
	}
}

// loginCookie is one login that this browser began.
type loginCookie struct {
	name   string
	began  int64
	handle storage.Handle
}

// loginCookies are the logins that this browser began, the oldest first.
func (p *Provider) loginCookies(r *http.Request) []loginCookie {
	var found []loginCookie
	for _, c := range r.Cookies() {
		rest, ours := strings.CutPrefix(c.Name, p.cookiePrefix())
		if !ours {
			continue
		}
		start, id, _ := strings.Cut(rest, "-")
		began, err := strconv.ParseInt(start, 36, 64)
		handle, ok := storage.ParseHandle(id + "." + c.Value)
		if err == nil && ok {
			found = append(found, loginCookie{name: c.Name, began: began, handle: handle})
		}
	}
	slices.SortStableFunc(found, func(a, b loginCookie) int { return cmp.Compare(a.began, b.began) })
	return found
}

// loginOf finds the cookie of one login.
func (p *Provider) loginOf(r *http.Request, id string) (storage.Handle, bool) {
	for _, c := range p.loginCookies(r) {
		if c.handle.ID() == id {
			return c.handle, true
		}
	}
	return storage.Handle{}, false
}
