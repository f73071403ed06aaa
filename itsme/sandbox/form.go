package sandbox

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"itsme-bridge/itsme"
)

// wrongPhone is the one problem that the page itself explains.
const wrongPhone = "not a phone number"

// answerPage takes a phone number, or what the person does in the app.
func (s *Server) answerPage(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "bad form", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	t, ok := s.byTicket[r.PathValue("ticket")]
	if !ok {
		s.mu.Unlock()
		s.render(w, http.StatusNotFound, page{Step: "unknown", Words: wordsFor("")})
		return
	}
	back, problem := s.answer(t, r.PostForm)
	p, target := s.pageOf(t), s.wayBack(t)
	s.mu.Unlock()

	switch {
	case problem == wrongPhone:
		p.Wrong = true
		s.render(w, http.StatusBadRequest, p)
	case problem != "":
		http.Error(w, problem, http.StatusBadRequest)
	case back:
		leave(w, r, target)
	default:
		leave(w, r, "/app/"+t.ticket)
	}
}

// answer plays one form. With back the browser returns to redirectUrl by it.
func (s *Server) answer(t *transaction, form url.Values) (back bool, problem string) {
	s.settle(t)
	if t.view.Status != itsme.Open {
		return false, "" // the page says so
	}
	if form.Has("outcome") {
		problem = s.choose(t, form)
		return problem == "", problem
	}
	return false, s.identify(t, form.Get("phone"))
}

// identify takes the phone number that was typed; none is fine, as a person may
// scan a code instead. "change" goes back.
func (s *Server) identify(t *transaction, typed string) (problem string) {
	if typed == "change" {
		t.known = false
		return ""
	}
	phone := normalize(typed)
	if phone != "" && !e164.MatchString(phone) {
		return wrongPhone
	}
	t.view.PhoneNumber, t.known = phone, true
	if script, ok := scriptOf(phone); ok && !t.explicit {
		s.apply(t, script)
	}
	return ""
}

// normalize makes E.164 of a number as a Belgian types it.
func normalize(typed string) string {
	phone := strings.NewReplacer(" ", "", ".", "", "/", "", "-", "").Replace(typed)
	if rest, ok := strings.CutPrefix(phone, "00"); ok {
		return "+" + rest
	}
	if rest, ok := strings.CutPrefix(phone, "0"); ok {
		return "+32" + rest
	}
	return phone
}

// choose takes what the person does in the app.
func (s *Server) choose(t *transaction, form url.Values) (problem string) {
	script, problem := trouble(t.script, form)
	if problem != "" {
		return problem
	}
	if form.Has("persona") {
		script.Persona = form.Get("persona")
	}
	script.Outcome = itsme.Status(form.Get("outcome"))
	if err := script.check(); err != nil {
		return err.Error()
	}
	s.apply(t, script.must())
	t.sendBack = false // this very answer sends the browser back
	return ""
}

// trouble adds to a script what the page was asked to make go wrong.
func trouble(script Script, form url.Values) (_ Script, problem string) {
	if text := form.Get("openFor"); text != "" && text != "0" {
		times, err := strconv.Atoi(text)
		if err != nil || times < 0 {
			return script, "openFor is not a number"
		}
		script.OpenFor = times
	}
	delay, err := parseDelay(form.Get("delay"))
	if err != nil {
		return script, err.Error()
	}
	script.StatusDelay = max(script.StatusDelay, delay)
	if form.Get("fault") != "" {
		script.Fault, script.Spend, script.FaultTimes = Fault(form.Get("fault")), form.Has("spend"), 0
		if form.Has("once") {
			script.FaultTimes = 1
		}
	}
	script.NoData = script.NoData || form.Has("noData")
	return script, ""
}
