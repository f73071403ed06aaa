package pages

import (
	"bytes"
	"crypto/rand"
	"embed"
	"html/template"
	"net/http"
)

//go:embed page.html style.css
var files embed.FS

// layout is parsed once; executing a template does not change it.
var layout = template.Must(template.ParseFS(files, "page.html", "style.css")).Lookup("page.html")

// Write answers with a page and the policy that fits it. It sets Content-Type
// and Content-Security-Policy, and no other header.
//
// A Navigate or a FormPost without an address to go to is a fault of ours:
// it becomes the ServerError page, with status 500.
func Write(w http.ResponseWriter, status int, p Page) {
	write(w, status, p, layout)
}

// write renders the whole page before it writes any of it.
func write(w http.ResponseWriter, status int, p Page, layout *template.Template) {
	if to, ok := parseTarget(p.URL); (p.Kind == Navigate || p.Kind == FormPost) && (!ok || to.text == "") {
		p.Kind, status = ServerError, http.StatusInternalServerError
	}
	nonce := rand.Text()
	var body bytes.Buffer
	if err := layout.Execute(&body, viewOf(p, nonce)); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", policy(p, nonce))
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the browser has gone; nobody is left to tell
}

// policy allows the style of this page, and for FormPost the script that
// submits it and the address it goes to. default-src does not cover
// form-action, frame-ancestors and base-uri (CSP Level 3 §6).
func policy(p Page, nonce string) string {
	script, action := "", "'self'"
	if p.Kind == FormPost {
		to, _ := parseTarget(p.URL)
		script, action = "; script-src 'nonce-"+nonce+"'", to.source
	}
	return "default-src 'none'; style-src 'nonce-" + nonce + "'" + script +
		"; form-action " + action + "; frame-ancestors 'none'; base-uri 'none'"
}
