package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// native are applications on a person's own machine: one that can keep no secret, and one that has one all the same.
func native() []client.Client {
	app, page := Clients(nil)[0], Clients(nil)[1]
	page.ID, page.RedirectURIs = "native", []string{
		"http://127.0.0.1/callback", "http://[::1]/callback?a=b", "http://127.0.0.1", "http://127.0.0.1:5000/fixed",
		"http://localhost/callback", "http://127.0.0.2/callback", "http://127.1/callback", "http://[0:0:0:0:0:0:0:1]/callback",
		"https://127.0.0.1/callback", "HTTP://127.0.0.1/capitals", "https://app.example/callback", "http://127.0.0.1:/colon",
	}
	app.ID, app.RedirectURIs = "secretive", page.RedirectURIs
	return []client.Client{page, app}
}

// RFC 8252 §7.3, RFC 9700 §2.1: an application on loopback takes whichever port
// is free; all else is compared character by character.
func TestRedirectURIsOnLoopback(t *testing.T) {
	s := With(t, Options{Clients: native()})
	for _, row := range []struct {
		name string
		uri  string
		ok   bool
	}{
		{"a port of the moment", "http://127.0.0.1:54321/callback", true},
		{"the least port", "http://127.0.0.1:1/callback", true},
		{"the greatest port", "http://127.0.0.1:65535/callback", true},
		{"no port", "http://127.0.0.1/callback", true},
		{"the usual port, said", "http://127.0.0.1:80/callback", true},
		{"IPv6, with its query", "http://[::1]:54321/callback?a=b", true},
		{"no path", "http://127.0.0.1:54321", true},
		{"the port that is registered", "http://127.0.0.1:5000/fixed", true},

		{"another port than the one that is registered", "http://127.0.0.1:5001/fixed", false},
		{"port 0", "http://127.0.0.1:0/callback", false},
		{"a port beyond all", "http://127.0.0.1:65536/callback", false},
		{"a port that runs over", "http://127.0.0.1:18446744073709551697/callback", false},
		{"a port with a zero before", "http://127.0.0.1:080/callback", false},
		{"a port with a sign", "http://127.0.0.1:+80/callback", false},
		{"a port with a space", "http://127.0.0.1: 80/callback", false},
		{"a port in hex", "http://127.0.0.1:0x50/callback", false},
		{"a port in other digits", "http://127.0.0.1:８０/callback", false},
		{"an empty port", "http://127.0.0.1:/callback", false},
		{"two ports", "http://127.0.0.1:80:80/callback", false},
		{"a user in place of the port", "http://127.0.0.1:80@evil.example/callback", false},
		{"a user before", "http://me@127.0.0.1:80/callback", false},
		{"a host that begins so", "http://127.0.0.1.evil.example:80/callback", false},
		{"a trailing dot", "http://127.0.0.1.:80/callback", false},
		{"another path", "http://127.0.0.1:80/callback2", false},
		{"a longer path", "http://127.0.0.1:80/callback/", false},
		{"a path before", "http://127.0.0.1:80/evil/callback", false},
		{"another case", "http://127.0.0.1:80/Callback", false},
		{"a path that is encoded", "http://127.0.0.1:80/%63allback", false},
		{"an added query", "http://127.0.0.1:80/callback?a=b", false},
		{"an added fragment", "http://127.0.0.1:80/callback#a", false},
		{"a fragment, no path", "http://127.0.0.1:80#a", false},
		{"a path where none is registered", "http://127.0.0.1:80/", false},
		{"a query that is left out", "http://[::1]:80/callback", false},
		{"another scheme", "https://127.0.0.1:80/callback", false},
		{"a scheme in capitals", "HTTP://127.0.0.1:80/callback", false},
		{"a scheme in capitals, registered so", "HTTP://127.0.0.1:80/capitals", false},
		{"a line break", "http://127.0.0.1:80\n/callback", false},
		{"a backslash", `http://127.0.0.1:80\callback`, false},
		{"localhost (RFC 8252 §8.3)", "http://localhost:80/callback", false},
		{"localhost for the number", "http://localhost:80/fixed", false},
		{"another loopback address", "http://127.0.0.2:80/callback", false},
		{"a short form", "http://127.1:80/callback", false},
		{"a long form", "http://[0:0:0:0:0:0:0:1]:80/callback", false},
		{"IPv4 in IPv6", "http://[::ffff:127.0.0.1]:80/callback", false},
		{"IPv6 with a zone", "http://[::1%25lo]:80/callback?a=b", false},
		{"IPv6 without brackets", "http://::1:80/callback?a=b", false},
		{"the one address for the other", "http://[::1]:80/fixed", false},
		{"https on loopback", "https://127.0.0.1:8443/callback", false},
		{"a host that is not loopback", "https://app.example:8443/callback", false},
		{"a colon without a port, registered so", "http://127.0.0.1::80/colon", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, id := range []string{"native", "secretive"} {
				as := all(set("client_id", id), set("redirect_uri", row.uri))
				ok := row.ok && (id == "native" || row.uri == "http://127.0.0.1/callback" || row.uri == "http://127.0.0.1:5000/fixed")
				answer := s.Browser().Authorize(as)
				if begun := strings.HasPrefix(answer.Leads(), s.Sandbox.URL); begun != ok || !ok && (answer.Status != http.StatusBadRequest || answer.Leads() != "") {
					t.Errorf("%s at /authorize: %d leads to %q", id, answer.Status, answer.Leads())
				}
				pushed, err := s.Call("/par", Request(as), asClient(id))
				if err != nil || (pushed.Status == http.StatusCreated) != ok {
					t.Errorf("%s at /par: %d %s %v", id, pushed.Status, pushed.Body, err)
				}
				uri, _ := pushed.JSON()["request_uri"].(string)
				if answer := s.Browser().Get(s.Issuer + "/authorize?" + url.Values{"client_id": {id}, "request_uri": {uri}}.Encode()); ok && answer.Leads() == "" {
					t.Errorf("%s after /par: %d", id, answer.Status)
				}
			}
		})
	}
}

// asClient is how the native applications call.
func asClient(id string) func(*http.Request) {
	return func(r *http.Request) {
		if id == "secretive" {
			r.SetBasicAuth(id, AppSecret)
		}
	}
}

// RFC 6749 §4.1.3: the token endpoint is told what was asked for, and errors go there, too.
func TestCodesOfLoopback(t *testing.T) {
	s := With(t, Options{Clients: native()})
	const asked = "http://127.0.0.1:54321/callback"
	as := all(set("client_id", "native"), set("redirect_uri", asked))
	for uri, code := range map[string]string{
		asked: "", "http://127.0.0.1/callback": "invalid_grant", "http://127.0.0.1:54322/callback": "invalid_grant", "": "invalid_request",
	} {
		b := s.Browser()
		back := b.Begin(as)
		s.Approve()
		answer := b.Get(back)
		if !strings.HasPrefix(answer.Leads(), asked+"?") {
			t.Fatalf("the answer goes to %q", answer.Leads())
		}
		form := url.Values{
			"grant_type": {"authorization_code"}, "code": {s.Response(answer).Get("code")}, "redirect_uri": {uri},
			"code_verifier": {Verifier}, "client_id": {"native"},
		}
		got, err := s.Call("/token", form, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := http.StatusOK
		if code != "" {
			want = http.StatusBadRequest
		}
		got.Wants(t, want, code)
	}
	if got := s.Browser().Authorize(all(as, set("scope", "email"))); !strings.HasPrefix(got.Leads(), asked+"?error=invalid_scope") {
		t.Errorf("an error goes to %q", got.Leads())
	}
	if page := s.Browser().Authorize(all(as, set("response_mode", "form_post"), set("scope", "email"))); page.Page() != "form_post" || formTarget(t, page) != asked {
		t.Errorf("form_post: %d %s", page.Status, page.Body)
	}
}

// Whoever registered no loopback address is not told of one.
func TestWhatIsSaidOfARedirectURI(t *testing.T) {
	s := With(t, Options{Clients: native()})
	for id, said := range map[string]bool{"native": true, "secretive": false, SPA: false, App: false} {
		answer := s.Browser().Authorize(all(set("client_id", id), set("redirect_uri", "http://localhost:80/x")))
		if got := strings.Contains(answer.Body, "only the port of a loopback address may differ"); got != said {
			t.Errorf("%s: %s", id, answer.Body)
		}
	}
}

// RP-Initiated Logout §3: where a logout leads is compared character by character, ports too.
func TestLogoutToLoopbackIsExact(t *testing.T) {
	c := native()[0]
	c.PostLogoutRedirectURIs = []string{"http://127.0.0.1/bye"}
	if !c.MayLeadTo("http://127.0.0.1/bye") || c.MayLeadTo("http://127.0.0.1:54321/bye") {
		t.Error("a logout leads to another port")
	}
}
