package sandbox

import (
	_ "embed"
	"html/template"
	"net/http"
	"strings"

	"itsme-bridge/itsme"
)

//go:embed page.html
var pageSource string

// page is what page.html shows.
type page struct {
	Step        string // phone, approve, over or unknown
	Words       words
	Service     string
	Scopes      []string
	PhoneNumber string
	Wrong       bool // the phone number is none
	Persona     string
	Personas    []Persona
	Faults      []Fault
	Numbers     []Number
	RedirectURL string // only where the options show it
}

// Title is what the page is about.
func (p page) Title() string {
	switch {
	case p.Step == "phone" && p.Service == "register":
		return p.Words.Register
	case p.Step == "phone":
		return p.Words.Identify
	case p.Step == "approve":
		return p.Words.Open
	case p.Step == "over":
		return p.Words.Over
	default:
		return p.Words.Unknown
	}
}

// showPage answers the authentication URL.
func (s *Server) showPage(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	t, ok := s.byTicket[r.PathValue("ticket")]
	if !ok {
		s.mu.Unlock()
		s.render(w, http.StatusNotFound, page{Step: "unknown", Words: wordsFor("")})
		return
	}
	s.settle(t)
	over := t.view.Status != itsme.Open
	back := t.sendBack || over && s.options.RedirectEveryBrowser
	t.sendBack = false
	p := s.pageOf(t)
	target := s.wayBack(t)
	s.mu.Unlock()

	if back {
		leave(w, r, target)
		return
	}
	s.render(w, http.StatusOK, p)
}

// pageOf shows a transaction at the step it has come to.
func (s *Server) pageOf(t *transaction) page {
	p := page{
		Step: "phone", Words: wordsFor(t.view.Locale), Service: t.view.Service, Scopes: t.view.Scopes,
		PhoneNumber: t.view.PhoneNumber, Persona: t.view.Persona, Personas: Personas(), Numbers: Numbers(),
		Faults: []Fault{ServerError, HTML500, BadJSON, Empty, TooLarge, Redirect, Hang, Cut, CutBody},
	}
	switch {
	case t.view.Status != itsme.Open:
		p.Step = "over"
	case t.known:
		p.Step = "approve"
	}
	if s.options.ShowRedirectURL {
		p.RedirectURL = t.view.RedirectURL
	}
	return p
}

// wayBack is redirectUrl as the browser is sent to it.
func (s *Server) wayBack(t *transaction) string {
	if s.options.ReturnQuery == "" {
		return t.view.RedirectURL
	}
	separator := "?"
	if strings.Contains(t.view.RedirectURL, "?") {
		separator = "&"
	}
	return t.view.RedirectURL + separator + s.options.ReturnQuery
}

// leave sends a browser on, by GET.
func leave(w http.ResponseWriter, r *http.Request, target string) {
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// render writes a page. Its policy has no form-action: browsers apply that to
// the redirect back as well.
func (s *Server) render(w http.ResponseWriter, status int, p page) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "strict-origin")
	w.WriteHeader(status)
	_ = s.template.Execute(w, p)
}

func parsePage() *template.Template { return template.Must(template.New("page").Parse(pageSource)) }
