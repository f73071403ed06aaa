package pages

import (
	"bytes"
	"crypto/rand"
	"embed"
	"html/template"
	"net/http"
	"strconv"
	"time"
)

//go:embed page.html glyphs.html style.css wait.js
var files embed.FS

// layout is parsed once; executing a template does not change it.
var layout = template.Must(template.ParseFS(files, "page.html", "glyphs.html", "style.css", "wait.js")).Lookup("page.html")

// Write answers with a page and the policy that fits it. It sets Content-Type
// and Content-Security-Policy, with 429 and 503 also Retry-After, and no other header.
//
// A Navigate, FormPost or Resubmit without an address that it may lead to, or an
// unknown Kind, is a fault of ours: it becomes the ServerError page, status 500.
func Write(w http.ResponseWriter, status int, p Page) {
	write(w, status, p, layout)
}

// write renders the whole page before it writes any of it.
func write(w http.ResponseWriter, status int, p Page, layout *template.Template) {
	if !p.sound() {
		p.Kind, status = ServerError, http.StatusInternalServerError
	}
	nonce := rand.Text()
	view := viewOf(p, nonce)
	var body bytes.Buffer
	if err := layout.Execute(&body, view); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", policy(p.Kind, nonce, view.Look.shows()))
	ComeAgain(header, status, p.Wait)
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the browser has gone; nobody is left to tell
}

// ComeAgain says after how long an answer of 429 or 503 may be another one, in whole
// seconds and at least one (RFC 9110 §10.2.3, RFC 6585 §4).
func ComeAgain(header http.Header, status int, wait time.Duration) {
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		seconds := max(1, (wait+time.Second-1)/time.Second)
		header.Set("Retry-After", strconv.Itoa(int(seconds)))
	}
}

// sound reports whether there is something to say and, where the page goes on
// by itself, somewhere to go.
func (p Page) sound() bool {
	switch p.Kind {
	case Navigate, FormPost:
		return target(p.URL) != ""
	case Resubmit:
		return ownPath(p.URL) != ""
	default:
		_, known := english.pages[p.Kind]
		return known
	}
}

// policy allows the style of this page, forms to ourselves, and, where it shows any,
// our own pictures; no more. What default-src does not cover is named (CSP Level 3
// §6.3, §6.4).
//
// A FormPost or a Resubmit may run the script that submits it, and Waiting the one
// that asks us how things stand. The policy of a
// FormPost has no form-action: browsers hold the redirects that follow a form
// against it as well, and nobody knows where the application sends the person
// next. To name its own address would break every application that answers with
// a redirect to another origin. (https://github.com/w3c/webappsec-csp/issues/8)
func policy(k Kind, nonce string, pictures bool) string {
	allowed := "default-src 'none'; style-src 'nonce-" + nonce + "'"
	if pictures {
		allowed += "; img-src 'self'"
	}
	if k.submits() || k == Waiting {
		allowed += "; script-src 'nonce-" + nonce + "'"
	}
	if k == Waiting {
		allowed += "; connect-src 'self'"
	}
	if k != FormPost {
		allowed += "; form-action 'self'"
	}
	return allowed + "; frame-ancestors 'none'; base-uri 'none'"
}
