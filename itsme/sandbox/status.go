package sandbox

import (
	"net/http"
	"slices"

	"itsme-bridge/itsme"
)

// status answers GET /status/{token}. What is given out is gone before the
// answer is on its way, as it is at CM.
func (s *Server) status(w http.ResponseWriter, r *http.Request) {
	answer, ok := s.ask(r.PathValue("token"))
	if !ok {
		s.log(r, "status", "unknown")
		refuse(w, http.StatusNotFound, "unknown transaction")
		return
	}
	s.log(r, "status", answer.word())
	if answer.hold != nil {
		answer.hold.wait(r)
	}
	pause(r, answer.script.StatusDelay)
	switch {
	case answer.fault != "":
		s.fail(w, r, answer.fault)
	case answer.script.Answer != "":
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(answer.script.Answer))
	default:
		reply(w, http.StatusOK, answer.body)
	}
}

// statusAnswer is what one GET /status gets.
type statusAnswer struct {
	body   map[string]any
	script Script
	fault  Fault
	hold   *Hold
}

// word is the answer in a log.
func (a statusAnswer) word() string {
	if a.fault != "" {
		return string(a.fault)
	}
	status, _ := a.body["status"].(itsme.Status)
	return string(status)
}

// ask counts a call, decides its answer, and takes away the information that it carries.
func (s *Server) ask(token string) (statusAnswer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.byToken[token]
	if !ok {
		return statusAnswer{}, false
	}
	s.settle(t)
	t.view.Fetches++
	answer := statusAnswer{script: t.script, fault: t.fault()}
	if answer.fault != "" && !t.script.Spend {
		return answer, true
	}
	word := t.view.Status
	if t.openFor > 0 && word != itsme.Open {
		t.openFor--
		word = itsme.Open
	}
	answer.body = map[string]any{"status": word}
	if word == itsme.Success && s.hasData(t) {
		t.view.Given = true
		persona, _ := personaNamed(t.view.Persona)
		persona.disclose(answer.body, t.view.Scopes)
		answer.hold = s.takeHold()
	}
	return answer, true
}

// hasData reports whether a successful transaction can still give out its information.
func (s *Server) hasData(t *transaction) bool {
	late := s.options.DataTTL > 0 && !s.options.Now().Before(t.decided.Add(s.options.DataTTL))
	return !t.view.Given && !late && !t.script.NoData
}

// disclose puts into an answer what the scopes of a transaction allow.
func (p Persona) disclose(body map[string]any, scopes []string) {
	i := p.Identity
	body["userId"] = i.UserID
	put := func(into map[string]any, name, value string) {
		switch {
		case value != "":
			into[name] = value
		case p.absence == asNull:
			into[name] = nil
		case p.absence == asEmpty:
			into[name] = ""
		}
	}
	if slices.Contains(scopes, string(itsme.ScopeProfile)) {
		name := map[string]any{}
		put(name, "givenName", i.GivenName)
		put(name, "familyName", i.FamilyName)
		put(name, "fullName", i.FullName)
		body["name"] = name
		put(body, "gender", i.Gender)
		put(body, "birthdate", i.Birthdate)
		put(body, "locale", i.Locale)
	}
	if slices.Contains(scopes, string(itsme.ScopeEmail)) {
		put(body, "emailAddress", i.EmailAddress)
	}
	if slices.Contains(scopes, string(itsme.ScopePhone)) {
		put(body, "phoneNumber", i.PhoneNumber)
	}
	if slices.Contains(scopes, string(itsme.ScopeAddress)) && i.Address != (itsme.Address{}) {
		address := map[string]any{}
		put(address, "streetAddress", i.Address.StreetAddress)
		put(address, "postalCode", i.Address.PostalCode)
		put(address, "city", i.Address.City)
		put(address, "countryCode", i.Address.CountryCode)
		body["address"] = address
	}
}
