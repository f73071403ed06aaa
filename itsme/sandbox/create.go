package sandbox

import (
	"encoding/json"
	"log/slog"
	"net/http"

	"itsme-bridge/itsme"
)

// create answers POST /transactions.
func (s *Server) create(w http.ResponseWriter, r *http.Request) {
	asked, problem := s.readRequest(r)
	s.mu.Lock()
	s.starts++
	script, explicit := s.scriptFor(asked.PhoneNumber)
	s.mu.Unlock()

	if script.StartFault != "" {
		s.log(r, "start", string(script.StartFault))
		pause(r, script.StartDelay)
		s.fail(w, r, script.StartFault)
		return
	}
	if problem != "" {
		s.log(r, "start", "refused")
		refuse(w, http.StatusBadRequest, problem)
		return
	}
	t := &transaction{view: asked.view(), explicit: explicit}
	s.mu.Lock()
	t.view.At = s.options.Now()
	s.remember(t)
	t.view.AuthenticationURL = s.origin(r) + "/app/" + t.ticket
	s.apply(t, script)
	answer := map[string]string{"transactionToken": t.view.Token, "authenticationUrl": t.view.AuthenticationURL}
	s.mu.Unlock()

	s.log(r, "start", "created")
	pause(r, script.StartDelay)
	reply(w, http.StatusOK, answer)
}

// apply gives a transaction its script. An outcome is come to at once.
func (s *Server) apply(t *transaction, script Script) {
	t.script = script
	t.view.Persona = script.Persona
	t.openFor, t.faults = script.OpenFor, script.FaultTimes
	if script.Outcome != "" {
		t.sendBack = true
	}
	if script.Outcome != "" && script.Outcome != itsme.Open {
		t.decide(script.Outcome, s.options.Now())
	}
}

// origin is where browsers find the pages.
func (s *Server) origin(r *http.Request) string {
	if s.options.URL != "" {
		return s.options.URL
	}
	return "http://" + r.Host
}

// refuse answers in the form of CM's errors.
func refuse(w http.ResponseWriter, status int, message string) {
	reply(w, status, map[string]any{"status": status, "message": message})
}

func reply(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

// log writes what was asked and what was answered, and nothing of a person.
func (s *Server) log(r *http.Request, operation, answer string) {
	s.options.Log.InfoContext(r.Context(), "itsme api", slog.String("operation", operation), slog.String("answer", answer))
}
