package login

import (
	"net/http"

	"itsme-bridge/provider/edge"
	"itsme-bridge/storage"
)

// speak has all pages that answer this request speak the language that the person
// has chosen for a login, and keeps a choice that is made now. The browser's trail
// remembers it: it is there also where Redis is not.
func (s *screens) speak(w http.ResponseWriter, r *http.Request, id string) {
	chosen := edge.Chosen(r)
	if chosen == "" { // then the trail is not opened for an answer that is no page
		edge.EventOf(r.Context()).Speak(func() string { return s.spoken(r, id) })
		return
	}
	before, ok := s.trails.step(r, id)
	if !ok {
		return
	}
	if chosen != before.Locale {
		s.trails.speak(w, r, id, chosen)
	}
	edge.EventOf(r.Context()).Speak(func() string { return chosen })
}

// spoken is the language that was chosen for a login before now; empty where nobody knows.
func (s *screens) spoken(r *http.Request, id string) string {
	step, _ := s.trails.step(r, id)
	return step.Locale
}

// at is speak for a request that does not show a login where it stands: a form, or
// an authorization request. In another language its pages are found there.
func (s *screens) at(w http.ResponseWriter, r *http.Request, h storage.Handle) {
	edge.EventOf(r.Context()).FoundAt(s.current(h))
	s.speak(w, r, h.ID())
}
