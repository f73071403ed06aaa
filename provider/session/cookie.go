package session

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"itsme-bridge/storage"
)

// cookieName is that of one cookie for all clients, unlike those of logins.
func (s *Sessions) cookieName() string { return s.issuer.CookieName("session") }

// Of is the session that the browser's cookie names. Without sessions, no cookie
// is one.
func (s *Sessions) Of(r *http.Request) (storage.Handle, bool) {
	if !s.There() {
		return storage.Handle{}, false
	}
	c, err := r.Cookie(s.cookieName())
	if err != nil {
		return storage.Handle{}, false
	}
	return storage.ParseHandle(c.Value)
}

// Known reports whether a request brings any cookie of ours, also one of a login:
// a browser that has been here.
func (s *Sessions) Known(r *http.Request) bool {
	return slices.ContainsFunc(r.Cookies(), func(c *http.Cookie) bool { return strings.HasPrefix(c.Name, s.issuer.CookiePrefix()) })
}

// Give gives the browser the session that a login made at a moment, for as long
// as it lasts. The handle is empty where there is none.
func (s *Sessions) Give(w http.ResponseWriter, handle string, at time.Time) {
	if handle == "" {
		return
	}
	if left := s.policy.TTL - s.now().Sub(at); left >= time.Second {
		http.SetCookie(w, s.issuer.Cookie(s.cookieName(), handle, int(left/time.Second)))
	}
}

// Take takes the cookie of a session that is over from the browser.
func (s *Sessions) Take(w http.ResponseWriter, r *http.Request) {
	if _, err := r.Cookie(s.cookieName()); err == nil {
		http.SetCookie(w, s.issuer.Cookie(s.cookieName(), "", -1))
	}
}
