//go:build e2e

package main_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"itsme-bridge/provider/providertest/chromium"
)

func TestAutoNeedsNoClick(t *testing.T) {
	p, b := started(t, "--auto"), browser(t)
	b.GoTo(p.application)
	b.Press(logIn)
	b.See(claims)
	b.Reads("#hello", "Hello, Lucas.")
}

// authorizationURL is what the application would send a browser to.
func (p *process) authorizationURL() string {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	client := http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.PostForm(p.application+"/login", url.Values{"scope": {"profile"}})
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	return response.Header.Get("Location")
}

// A page of somebody's that holds a login as an image, a frame, a script, a
// style, and wants it fetched ahead; and, last, as a link. A browser asks for
// all of them but the link, and only the link may cost a transaction.
const trap = `<!doctype html><title>trap</title>
<link rel="prefetch" href="LOGIN&amp;n=prefetch">
<link rel="stylesheet" href="LOGIN&amp;n=style">
<script type="speculationrules">{"prefetch": [{"source": "list", "urls": ["LOGIN&n=speculation"], "eagerness": "immediate"}]}</script>
<script src="LOGIN&amp;n=script"></script>
<img src="LOGIN&amp;n=image" alt="">
<iframe src="LOGIN&amp;n=frame"></iframe>
<object data="LOGIN&amp;n=object"></object>
<a id="link" href="LOGIN&amp;n=link">log in</a>`

func TestOnlyANavigationStartsATransaction(t *testing.T) {
	p, b := started(t, "--verbose"), browser(t)
	to := p.authorizationURL()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.ReplaceAll(trap, "LOGIN", to))
	}))
	t.Cleanup(site.Close)

	b.GoTo(site.URL)
	answered := p.logs("route=/authorize", 7) // all but the link
	refused := 0
	for line := range strings.Lines(answered) {
		if strings.Contains(line, "route=/authorize ") && (strings.Contains(line, " status=403 ") || strings.Contains(line, " status=503 ")) {
			refused++
		}
	}
	if refused != 7 {
		t.Errorf("%d of 7 are refused:\n%s", refused, answered)
	}
	if all := p.transactions(); len(all) != 0 {
		t.Fatalf("nobody clicked, and CM saw %+v", all)
	}
	b.Press("#link")
	b.See(chromium.Number)
	p.only()
}
