package login

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"itsme-bridge/storage"
)

// Two tabs that begin at the same instant are given one trail each, and the browser keeps
// one: of the other login the trail knows nothing. Where the clients are at home at several
// addresses, nobody could lead that person on without Redis. So there each login has a small
// cookie beside its own, which no other tab overwrites: whose it is. It is sealed like the
// trail, and opens nothing.

// whoseName is that of the cookie of one login. What stands before the id is no number, so
// that it is never taken for the login's own (cookies.all).
func (t trails) whoseName(login string) string { return t.issuer.CookiePrefix() + "of." + login }

// giveWhose gives the browser that cookie, and takes those back whose login it holds no more:
// a browser has as many of them as logins, at most.
func (t trails) giveWhose(w http.ResponseWriter, r *http.Request, s step) {
	if t.clients.HasOneHome() {
		return
	}
	t.sweepWhose(w, r, s.Login)
	t.setWhose(w, s)
}

// setWhose gives the browser the cookie alone.
func (t trails) setWhose(w http.ResponseWriter, s step) {
	s.Began, s.Waits, s.Again = 0, false, ""
	plain, _ := json.Marshal(s) // it always encodes
	http.SetCookie(w, t.issuer.Cookie(t.whoseName(s.Login), t.keyring.Seal("whose", plain), int(memory/time.Second)))
}

// sweepWhose takes back what belongs to logins that the browser holds no more, but for the
// one that begins.
func (t trails) sweepWhose(w http.ResponseWriter, r *http.Request, begins string) {
	held := map[string]bool{begins: true} // read once: a stranger's header may hold thousands of cookies
	for _, c := range (cookies{issuer: t.issuer, now: t.now}).all(r) {
		held[c.handle.ID()] = true
	}
	for _, c := range r.Cookies() {
		rest, ours := strings.CutPrefix(c.Name, t.issuer.CookiePrefix())
		if login, whose := strings.CutPrefix(rest, "of."); ours && whose && !held[login] && storage.IsID(login) {
			http.SetCookie(w, t.issuer.Cookie(c.Name, "", -1))
		}
	}
}

// whose is what such a cookie of the browser says of a login: not when that began, or whether
// it still waits for a click.
func (t trails) whose(r *http.Request, login string) (s step, ok bool) {
	cookie, err := r.Cookie(t.whoseName(login))
	if err != nil {
		return step{}, false
	}
	plain, ok := t.keyring.Open("whose", cookie.Value)
	if !ok || json.Unmarshal(plain, &s) != nil || s.Login != login {
		return step{}, false
	}
	return s, true
}
