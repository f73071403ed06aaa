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
	step, ok := s.trails.step(r, id)
	if !ok {
		return
	}
	if chosen := edge.Chosen(r); chosen != "" && chosen != step.Locale {
		s.trails.speak(w, r, id, chosen)
		step.Locale = chosen
	}
	edge.EventOf(r.Context()).Speak(step.Locale)
}

// at is speak for a request that does not show a login where it stands: a form, or
// an authorization request. In another language its pages are found there.
func (s *screens) at(w http.ResponseWriter, r *http.Request, h storage.Handle) {
	edge.EventOf(r.Context()).FoundAt(s.current(h))
	s.speak(w, r, h.ID())
}
