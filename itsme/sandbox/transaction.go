package sandbox

import (
	"errors"
	"time"

	"itsme-bridge/itsme"
)

// Transaction is what the simulator received, and what has become of it.
type Transaction struct {
	Token             string       `json:"transactionToken"`
	AuthenticationURL string       `json:"authenticationUrl"`
	MerchantToken     string       `json:"token"`
	Service           string       `json:"service"`
	Scopes            []string     `json:"scopes"`
	Locale            string       `json:"locale,omitempty"`
	RedirectURL       string       `json:"redirectUrl"`
	PhoneNumber       string       `json:"phoneNumber,omitempty"` // as asked for, or typed on the page
	Status            itsme.Status `json:"status"`                // what it has come to; GET /status may say open for a while longer
	Persona           string       `json:"persona"`
	Fetches           int          `json:"fetches"` // how often GET /status asked for it
	Given             bool         `json:"given"`   // its information has been given out
	At                time.Time    `json:"at"`
}

// transaction is a Transaction with what only the simulator knows.
type transaction struct {
	view     Transaction
	ticket   string // of its page
	script   Script
	explicit bool // chosen by a test for this transaction: a phone number changes nothing
	openFor  int  // how often GET /status still says open
	faults   int  // how often the fault still happens; 0 where it always does
	decided  time.Time
	known    bool // the phone number page has been passed
	sendBack bool // the next browser at the page is sent back
}

func (r request) view() Transaction {
	return Transaction{
		MerchantToken: r.Token, Service: r.Service, Scopes: r.Scopes, Locale: r.Locale,
		RedirectURL: r.RedirectURL, PhoneNumber: r.PhoneNumber, Status: itsme.Open,
	}
}

// decide ends an open transaction.
func (t *transaction) decide(outcome itsme.Status, now time.Time) {
	t.view.Status, t.decided = outcome, now
}

// settle lets an open transaction expire when its time has come.
func (s *Server) settle(t *transaction) {
	now := s.options.Now()
	if t.view.Status == itsme.Open && s.options.OpenTTL > 0 && !now.Before(t.view.At.Add(s.options.OpenTTL)) {
		t.decide(itsme.Expired, now)
		t.sendBack = true
	}
}

// Starts counts the POST /transactions that were seen, refused ones included.
func (s *Server) Starts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.starts
}

// Fetches counts the GET /status that were seen for a transaction token.
func (s *Server) Fetches(token string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.byToken[token]; ok {
		return t.view.Fetches
	}
	return 0
}

// Transactions shows all transactions, oldest first.
func (s *Server) Transactions() []Transaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	views := make([]Transaction, 0, len(s.order))
	for _, t := range s.order {
		s.settle(t)
		views = append(views, t.view)
	}
	return views
}

// Last shows the latest transaction.
func (s *Server) Last() (Transaction, bool) {
	all := s.Transactions()
	if len(all) == 0 {
		return Transaction{}, false
	}
	return all[len(all)-1], true
}

// Approve is Decide with itsme.Success.
func (s *Server) Approve(token, persona string) error {
	return s.Decide(token, itsme.Success, persona)
}

// Decide does what a person does in the app: a transaction comes to an outcome.
// The empty token means the latest one, the empty persona the one it has. The
// browser is not sent back by it until it comes to the page.
func (s *Server) Decide(token string, outcome itsme.Status, persona string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.byToken[token]
	if token == "" && len(s.order) > 0 {
		t, ok = s.order[len(s.order)-1], true
	}
	if !ok {
		return errors.New("sandbox: no such transaction")
	}
	if s.settle(t); t.view.Status != itsme.Open {
		return errors.New("sandbox: the transaction is over")
	}
	if persona != "" {
		if _, ok := personaNamed(persona); !ok {
			return errors.New("sandbox: no such persona")
		}
		t.view.Persona = persona
	}
	t.decide(outcome, s.options.Now())
	t.sendBack = true
	return nil
}
