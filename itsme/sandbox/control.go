package sandbox

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"

	"itsme-bridge/itsme"
)

// Help is how to use the control endpoint.
const Help = `This is a simulator of CM's itsme API (POST /itsme/v1/transactions, GET /itsme/v1/status/{transactionToken}).

GET    /control/personas       who can approve
GET    /control/transactions   what was received, oldest first
DELETE /control/transactions   forget it all
POST   /control/next           what happens to the next transaction (queues up)
POST   /control/always         what happens to all others
POST   /control/decide         {"transactionToken": "…", "outcome": "success", "persona": "full"}: as in the app; without a token: the latest

Bodies are application/json. next and always take, all optional:
  persona      full, no-address, no-email, foreign
  outcome      success, cancelled, failure, expired, open, or any other word; without it the page asks
  openFor      how often the status is open before it is the outcome
  noData       true: success without information
  startDelay, statusDelay   "250ms", "3s"
  startFault, fault         400, 500, html500, bad_json, empty, too_large, redirect, hang, cut, cut_body
  faultTimes   how often the fault happens (0: every time)
  spend        true: the information is gone with the fault
  answer       the body of the status, verbatim
`

func (s *Server) help(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, Help)
}

func (s *Server) listPersonas(w http.ResponseWriter, _ *http.Request) {
	type view struct {
		Name  string `json:"name"`
		Title string `json:"title"`
	}
	var views []view
	for _, p := range Personas() {
		views = append(views, view{p.Name, p.Title})
	}
	reply(w, http.StatusOK, views)
}

func (s *Server) listTransactions(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, s.Transactions())
}

func (s *Server) forget(w http.ResponseWriter, _ *http.Request) {
	s.Forget()
	w.WriteHeader(http.StatusNoContent)
}

// Forget drops all transactions, scripts and counts, but not what Always chose.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.byToken)
	clear(s.byTicket)
	s.order, s.next, s.starts = nil, nil, 0
}

func (s *Server) setNext(w http.ResponseWriter, r *http.Request) {
	var script Script
	if command(w, r, &script) {
		s.Next(script)
		w.WriteHeader(http.StatusNoContent)
	}
}

func (s *Server) setAlways(w http.ResponseWriter, r *http.Request) {
	var script Script
	if command(w, r, &script) {
		s.Always(script)
		w.WriteHeader(http.StatusNoContent)
	}
}

func (s *Server) setDecision(w http.ResponseWriter, r *http.Request) {
	var decision struct {
		Token   string       `json:"transactionToken"`
		Outcome itsme.Status `json:"outcome"`
		Persona string       `json:"persona"`
	}
	if !command(w, r, &decision) {
		return
	}
	if decision.Outcome == "" {
		refuse(w, http.StatusBadRequest, "outcome is required")
		return
	}
	if err := s.Decide(decision.Token, decision.Outcome, decision.Persona); err != nil {
		refuse(w, http.StatusConflict, err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// command reads a command, or refuses it. A page of another site cannot send
// JSON without asking first, and is not answered when it asks.
func command(w http.ResponseWriter, r *http.Request, target any) bool {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "Content-Type must be application/json")
		return false
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return false
	}
	return true
}
