package client

import (
	"crypto/rand"
	"net/http"
	"sync"
)

// A demo keeps what it knows in memory, and so much of it: the oldest goes.
const (
	maxSessions = 100
	maxLogins   = 20 // of one session
)

// sessions are the browsers that began a login here.
type sessions struct {
	cookie string // its name holds the port, since all ports of a host share their cookies

	mu    sync.Mutex
	byKey map[string]*session
	order []string
}

// session is one browser.
type session struct {
	mu     sync.Mutex
	logins []*login // the newest last
}

func newSessions(cookie string) *sessions {
	return &sessions{cookie: cookie, byKey: map[string]*session{}}
}

// of is the session of a request's browser, or an empty one that nobody else sees.
func (s *sessions) of(r *http.Request) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cookie, err := r.Cookie(s.cookie); err == nil {
		if found, ok := s.byKey[cookie.Value]; ok {
			return found
		}
	}
	return &session{}
}

// begin is the session of a request's browser; if it has none, it gets one.
func (s *sessions) begin(w http.ResponseWriter, r *http.Request) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cookie, err := r.Cookie(s.cookie); err == nil {
		if found, ok := s.byKey[cookie.Value]; ok {
			return found
		}
	}
	key, fresh := rand.Text(), &session{}
	s.byKey[key] = fresh
	s.order = append(s.order, key)
	if len(s.order) > maxSessions {
		delete(s.byKey, s.order[0])
		s.order = s.order[1:]
	}
	// Lax: the demo's parties are ports of one host, which is one site, so that a
	// form_post brings the cookie too. An application on a host of its own needs
	// SameSite=None for form_post.
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure would keep it from the plain http of loopback
		Name: s.cookie, Value: key, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	return fresh
}

// end forgets a browser.
func (s *sessions) end(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cookie, err := r.Cookie(s.cookie); err == nil {
		delete(s.byKey, cookie.Value)
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // as above
		Name: s.cookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (s *session) add(l *login) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logins = append(s.logins, l)
	if len(s.logins) > maxLogins {
		s.logins = s.logins[1:]
	}
}

// find is the newest login that fits.
func (s *session) find(fits func(*login) bool) (*login, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.logins) - 1; i >= 0; i-- {
		if fits(s.logins[i]) {
			return s.logins[i], true
		}
	}
	return nil, false
}
