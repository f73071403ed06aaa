package pages_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"itsme-bridge/provider/pages"
)

// nowhere are addresses that no page may lead to.
var nowhere = []string{
	"javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "\x01javascript:alert(1)",
	"javascript://app.example/%0aalert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "blob:https://app.example/x",
	"file:///etc/passwd", "about:blank", "view-source:https://app.example/", "mailto:a@app.example", "myapp:/callback",
	"//evil.example/", "///evil.example/", `https://app.example/"x`, "com.example.app://\"<x>", `/\evil.example/`, `\\evil.example`, "https:", "https:///x", "http:evil", "app.example", "../x", "?x", "#x", "%zz",
}

// somewhere are addresses that a page may lead to.
var somewhere = []string{
	"/login/return?a=b", "https://app.example/", "https://app.example:8443/cb?a=b&c='d'#e", "http://127.0.0.1:9000/cb", "http://[::1]:9000/cb",
	"com.example.app:/cb", "com.example.app://cb?state=%22", "https://b\u00fccher.example/",
}

func TestHostileAddressesAreNotPrinted(t *testing.T) {
	addresses := slices.Clone(nowhere)
	for _, unfit := range "\x00\t\r\n \x7f\"<>\\^`{|}" {
		addresses = append(addresses, "https://app.example/"+string(unfit)+"x")
	}
	for _, raw := range addresses {
		hostile := &pages.Form{Action: raw}
		for _, kind := range kinds(t) {
			answer, body := show(t, 200, pages.Page{Kind: kind, Home: raw, URL: raw, Primary: hostile, Leave: hostile})
			body = strings.ReplaceAll(body, `<a href="https://www.itsme-id.com/"`, "") // our own
			if strings.Contains(body, raw) || strings.Contains(body, "alert(1)") || strings.Contains(body, "Zgotmpl") {
				t.Errorf("%s shows %q:\n%s", kind, raw, body)
			}
			if slices.Contains(byItself, kind) && kind != pages.Waiting {
				wantFault(t, answer, body)
			}
			if kind != pages.Waiting && (strings.Contains(body, "<form") || strings.Contains(body, "<a ")) {
				t.Errorf("%s leads to %q:\n%s", kind, raw, body)
			}
		}
	}
}

func TestAddressesArePrintedAsTheyAre(t *testing.T) {
	attribute := regexp.MustCompile(`(?:href|action)="([^"]*)"`)
	for _, raw := range somewhere {
		for _, page := range []pages.Page{
			{Kind: pages.Navigate, URL: raw},
			{Kind: pages.FormPost, URL: raw},
			{Kind: pages.Late, Home: raw},
			{Kind: pages.Cancelled, Primary: &pages.Form{Action: raw}},
			{Kind: pages.Waiting, URL: raw},
		} {
			answer, body := show(t, 200, page)
			m := attribute.FindStringSubmatch(body)
			if answer.StatusCode != http.StatusOK || m == nil {
				t.Errorf("%s to %q: status %d,\n%s", page.Kind, raw, answer.StatusCode, body)
				continue
			}
			if got := html.UnescapeString(m[1]); got != strings.NewReplacer("'", "%27", "\u00fc", "%c3%bc").Replace(raw) {
				t.Errorf("%s to %q leads to %q", page.Kind, raw, m[1])
			}
		}
	}
}

func TestResubmitGoesToUsOnly(t *testing.T) {
	for _, raw := range somewhere {
		answer, body := show(t, 200, pages.Page{Kind: pages.Resubmit, URL: raw, Fields: []pages.Field{{Name: "id_token_hint", Value: "e.y.J"}}})
		if strings.HasPrefix(raw, "/") {
			if !strings.Contains(body, `<form method="post" action="`+raw+`"`) {
				t.Errorf("not to %q:\n%s", raw, body)
			}
			continue
		}
		wantFault(t, answer, body)
		if strings.Contains(body, "<form") || strings.Contains(body, "e.y.J") {
			t.Errorf("to %q:\n%s", raw, body)
		}
	}
}

func TestHostileTextIsText(t *testing.T) {
	const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}</title></style>`
	field := []pages.Field{{Name: hostile, Value: hostile}}
	form := &pages.Form{Action: "/x?" + url.QueryEscape(hostile), Fields: field}
	for _, kind := range kinds(t) {
		_, body := show(t, 200, pages.Page{
			Kind: kind, Locale: hostile, App: hostile, Home: home, Primary: form, Leave: form, More: form, URL: form.Action,
			Fields: field, Code: hostile, Description: hostile, Reference: hostile, Trace: hostile,
		})
		tags := regexp.MustCompile(`<(\w+)`).FindAllString(body, -1)
		scripts := 0
		if kind == pages.FormPost || kind == pages.Resubmit || kind == pages.Waiting {
			scripts = 1
		}
		if n := len(slices.DeleteFunc(tags, func(tag string) bool { return tag != "<script" && tag != "<img" })); n != scripts {
			t.Errorf("%s has %d scripts and images:\n%s", kind, n, body)
		}
	}
}

// led is how an address begins where a page may lead.
var led = regexp.MustCompile(`^(?i:https?://[^/?#\\]|/([^/\\]|$)|[a-z][a-z0-9+-]*\.[a-z0-9+.-]*:)`)

func FuzzTarget(f *testing.F) {
	for _, raw := range slices.Concat(nowhere, somewhere) {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		_, body := show(t, 200, pages.Page{Kind: pages.Late, Home: raw})
		m := regexp.MustCompile(`href="([^"]*)"`).FindStringSubmatch(body)
		if m == nil {
			return
		}
		if !led.MatchString(html.UnescapeString(m[1])) {
			t.Errorf("%q became %q", raw, m[1])
		}
	})
}
