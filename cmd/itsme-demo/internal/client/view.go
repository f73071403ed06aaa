package client

import (
	"bytes"
	"crypto/rand"
	"embed"
	"html/template"
	"net/http"
)

//go:embed pages
var files embed.FS

// page parses one page of the site.
func page(name string) *template.Template {
	return template.Must(template.ParseFS(files, "pages/layout.html", "pages/"+name))
}

// Parsed once; executing a template does not change it.
var (
	startPage    = page("start.html")
	personPage   = page("person.html")
	failurePage  = page("failure.html")
	waitingPage  = page("waiting.html")
	messagePage  = page("message.html")
	fragmentPage = page("fragment.html")
)

// write renders the whole page before it writes any of it.
func write(w http.ResponseWriter, status int, t *template.Template, view any) {
	var body bytes.Buffer
	if err := t.ExecuteTemplate(&body, "layout.html", view); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the browser has gone; nobody is left to tell
}

// start is the first page.
func (c *Client) start(w http.ResponseWriter, r *http.Request) {
	view := struct {
		Config
		Choices                choices
		Scopes, Modes, Locales []string
		Page                   string // of the person who is logged in already
		Name                   string
	}{Config: c.config, Choices: usual(), Scopes: allScopes(), Modes: allModes(), Locales: allLocales()}
	if l, ok := c.sessions.of(r).find(func(l *login) bool { p, _ := l.outcome(); return p != nil }); ok {
		p, _ := l.outcome()
		view.Page, view.Name = l.page(), p.name()
		view.Choices = l.choices
	}
	write(w, http.StatusOK, startPage, view)
}

// show is the page of one login: what it came to, and how.
func (c *Client) show(w http.ResponseWriter, r *http.Request) {
	l, ok := c.sessions.of(r).find(func(l *login) bool { return l.id == r.PathValue("id") })
	if !ok {
		c.refuse(w, http.StatusNotFound, "This browser has no such login here. The demo forgets everything when it stops.")
		return
	}
	p, failed := l.outcome()
	view := struct {
		Name      string
		Claims    []claimGroup
		Token     decoded
		Checks    []check
		Failure   *Failure
		Exchanges []exchange
		Again     []field
	}{Failure: failed, Exchanges: l.trace.all(), Again: l.choices.form()}
	switch {
	case p != nil:
		view.Name, view.Claims, view.Token, view.Checks = p.name(), claimGroups(p.claims, l.choices), p.token, p.checks
		write(w, http.StatusOK, personPage, view)
	case failed != nil:
		write(w, http.StatusOK, failurePage, view)
	default:
		write(w, http.StatusOK, waitingPage, view)
	}
}

// forget ends the session.
func (c *Client) forget(w http.ResponseWriter, r *http.Request) {
	c.sessions.end(w, r)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// refuse tells a visitor what cannot be done, and leads back to the start.
func (c *Client) refuse(w http.ResponseWriter, status int, text string) {
	write(w, status, messagePage, struct{ Text string }{text})
}

func (c *Client) notFound(w http.ResponseWriter, _ *http.Request) {
	c.refuse(w, http.StatusNotFound, "There is no such page.")
}

// fragment is the one page with a script: nothing else can read what stands
// behind a #. It posts it here.
func (c *Client) fragment(w http.ResponseWriter) {
	nonce := rand.Text()
	w.Header().Set("Content-Security-Policy", policy+"; script-src 'nonce-"+nonce+"'")
	write(w, http.StatusOK, fragmentPage, struct{ Nonce string }{nonce})
}

func asset(name, kind string) http.HandlerFunc {
	content, err := files.ReadFile("pages/" + name)
	return func(w http.ResponseWriter, _ *http.Request) {
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(content) // as above
	}
}
