package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"itsme-bridge/itsme"
)

// Script is what happens to a transaction. The zero Script is a person at the page.
type Script struct {
	Persona string       // who approves; "": Full
	Outcome itsme.Status // come to at once, and the page sends the browser straight back; "": the page asks. Any word will do ("failed")
	OpenFor int          // how often GET /status says open though the outcome is there: late success
	NoData  bool         // success gives out no information

	StartDelay  time.Duration // before the answer to POST /transactions, which has taken effect
	StatusDelay time.Duration // before the answer to GET /status, after the information is gone
	StartFault  Fault         // instead of creating a transaction
	Fault       Fault         // instead of the answer to GET /status
	FaultTimes  int           // how often Fault happens; 0: every time
	Spend       bool          // Fault comes after the information is gone
	Answer      string        // the body of every answer to GET /status, verbatim
}

// script is a Script in JSON: durations are texts like "250ms".
type script struct {
	Persona     string       `json:"persona"`
	Outcome     itsme.Status `json:"outcome"`
	OpenFor     int          `json:"openFor"`
	NoData      bool         `json:"noData"`
	StartDelay  string       `json:"startDelay"`
	StatusDelay string       `json:"statusDelay"`
	StartFault  Fault        `json:"startFault"`
	Fault       Fault        `json:"fault"`
	FaultTimes  int          `json:"faultTimes"`
	Spend       bool         `json:"spend"`
	Answer      string       `json:"answer"`
}

// UnmarshalJSON reads a script of the control endpoint and refuses what it does not know.
func (s *Script) UnmarshalJSON(data []byte) error {
	var raw script
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&raw); err != nil {
		return err
	}
	start, err := parseDelay(raw.StartDelay)
	if err != nil {
		return err
	}
	status, err := parseDelay(raw.StatusDelay)
	if err != nil {
		return err
	}
	*s = Script{
		Persona: raw.Persona, Outcome: raw.Outcome, OpenFor: raw.OpenFor, NoData: raw.NoData,
		StartDelay: start, StatusDelay: status, StartFault: raw.StartFault,
		Fault: raw.Fault, FaultTimes: raw.FaultTimes, Spend: raw.Spend, Answer: raw.Answer,
	}
	return s.check()
}

func parseDelay(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	delay, err := time.ParseDuration(text)
	if err != nil || delay < 0 {
		return 0, errors.New(`a delay is a text like "250ms" or "2s"`)
	}
	return delay, nil
}

// check says what a script has that does not exist.
func (s Script) check() error {
	if _, ok := personaNamed(s.Persona); !ok {
		return fmt.Errorf("no persona %q", s.Persona)
	}
	for _, fault := range []Fault{s.StartFault, s.Fault} {
		if !fault.exists() {
			return fmt.Errorf("no fault %q", fault)
		}
	}
	return nil
}

// must panics over a script that cannot be played: a mistake in a test.
func (s Script) must() Script {
	if err := s.check(); err != nil {
		panic("sandbox: " + err.Error())
	}
	if s.Persona == "" {
		s.Persona = Full
	}
	return s
}

// Next chooses what happens to the next transaction; called again, to the one
// after it, and so on. A POST that is refused uses a script up too.
func (s *Server) Next(script Script) {
	script = script.must()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = append(s.next, script)
}

// Always chooses what happens to every transaction that neither Next nor a phone number chooses for.
func (s *Server) Always(script Script) {
	script = script.must()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always = script
}

// scriptFor is the script of a new transaction; explicit if a test chose it for this one.
func (s *Server) scriptFor(phone string) (script Script, explicit bool) {
	if len(s.next) > 0 {
		script, s.next = s.next[0], s.next[1:]
		return script, true
	}
	if script, ok := scriptOf(phone); ok {
		return script, false
	}
	return s.always, false
}
