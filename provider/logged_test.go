package provider_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// lastLine is the last line of the log that is about this route.
func lastLine(t *testing.T, s *Server, route string) map[string]any {
	t.Helper()
	var found map[string]any
	for line := range strings.Lines(s.Log.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatal(err)
		}
		if fields["route"] == route {
			found = fields
		}
	}
	if found == nil {
		t.Fatalf("nothing is logged about %s\n%s", route, s.Log)
	}
	return found
}

// callAs brings a code to the token endpoint, with this id and this secret.
func callAs(s *Server, id, secret string) {
	form := exchanging("x")
	form.Del("client_id")
	_, _ = s.Call("/token", form, func(r *http.Request) { r.SetBasicAuth(id, secret) })
}

// outcome is one way that a request can end, and what its line in the log is to say.
type outcome struct {
	name  string
	ask   func(*testing.T, *Server)
	route string
	level string
	field string
	want  string
}

// mistakes are those that developers make. The line names what was asked for.
func mistakes() []outcome {
	authorize := func(change func(url.Values)) func(*testing.T, *Server) {
		return func(_ *testing.T, s *Server) { s.Browser().Authorize(change) }
	}
	push := func(change func(url.Values)) func(*testing.T, *Server) {
		return func(t *testing.T, s *Server) { t.Helper(); pushing(t, s, change) }
	}
	get := func(path string) func(*testing.T, *Server) {
		return func(_ *testing.T, s *Server) { s.Browser().Get(s.Issuer + path) }
	}
	elsewhere := set("redirect_uri", "https://lucas:secret@app.example/callback/?state=x#y")
	return []outcome{
		{"a redirect URI that is not registered", authorize(elsewhere), "/authorize", "WARN", "cause", "redirect_uri is https://app.example/callback/"},
		{"one that is pushed", push(elsewhere), "/par", "WARN", "cause", "redirect_uri is https://app.example/callback/"},
		{"another one at /token", func(_ *testing.T, s *Server) {
			s.Exchange(s.Login(nil).Get("code"), set("redirect_uri", Callback+"/"))
		}, "/token", "WARN", "cause", "redirect_uri is " + Callback + "/"},
		{"scopes that the client may not have", authorize(set("scope", "openid offline_access profile groups a@b")), "/authorize", "INFO", "scopes_not_granted", "[offline_access groups …]"},
		{"a client_id", authorize(set("client_id", "the-other-app")), "/authorize", "WARN", "cause", "client_id is the-other-app"},
		{"a client_id at /token", func(_ *testing.T, s *Server) {
			callAs(s, "the-other-app", AppSecret)
		}, "/token", "WARN", "cause", "no such client: client_id is the-other-app"},
		{"a secret in the place of the client_id", func(_ *testing.T, s *Server) {
			callAs(s, AppSecret, App)
		}, "/token", "WARN", "cause", "no such client: client_id is …"},
		{"a response type", authorize(set("response_type", "token id_token")), "/authorize", "WARN", "cause", "response_type is id_token token"},
		{"a response type of other clients", authorize(set("response_type", "id_token")), "/authorize", "WARN", "cause", "response_type is id_token"},
		{"a response mode", authorize(set("response_mode", "web_message")), "/authorize", "WARN", "cause", "response_mode is web_message"},
		{"a request_uri", authorize(set("request_uri", "https://app.example/requests/1?key=x")), "/authorize", "WARN", "cause", "request_uri is https://app.example/requests/1"},
		{"where a logout may lead", get("/logout?post_logout_redirect_uri=https://app.example/bye?x&client_id=" + App), "/logout", "INFO", "post_logout_redirect_uri_refused", "https://app.example/bye"},
		{"an address", get("/oauth2/authorize?client_id=x"), "none", "INFO", "path", "/oauth2/authorize"},
		{"a method", func(_ *testing.T, s *Server) {
			_, _ = s.Call("/token", nil, nil)
		}, "none", "INFO", "path", "/token"},
	}
}

// faults are those of CM and of the network, and what is none.
func faults() []outcome {
	return []outcome{
		{"CM does not answer at the beginning", func(_ *testing.T, s *Server) {
			s.Sandbox.Next(sandbox.Script{StartFault: sandbox.HTML500})
			s.Browser().Authorize(nil)
		}, "/authorize", "WARN", "upstream_error", "itsme: .*"},
		{"nor at the return", func(_ *testing.T, s *Server) {
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, Fault: sandbox.Cut})
			b := s.Browser()
			b.Get(b.Begin(nil))
		}, "/itsme/return", "WARN", "upstream_error", "itsme: .*"},
		{"a login that works", func(_ *testing.T, s *Server) { s.Login(nil) }, "/itsme/return", "INFO", "outcome", "code"},
		{"prompt=none", func(_ *testing.T, s *Server) { s.Browser().Authorize(set("prompt", "none")) }, "/authorize", "INFO", "error", "login_required"},
		{"a prefetch", func(_ *testing.T, s *Server) {
			b := s.Browser()
			b.Header.Set("Sec-Purpose", "prefetch")
			b.Authorize(nil)
		}, "/authorize", "INFO", "error", "temporarily_unavailable"},
		{"a prefetched logout", func(_ *testing.T, s *Server) {
			b := s.Browser()
			b.Header.Set("Sec-Purpose", "prefetch")
			b.Get(s.Issuer + "/logout")
		}, "/logout", "INFO", "error", "temporarily_unavailable"},
		{"the first nonce of a DPoP proof", func(t *testing.T, s *Server) {
			t.Helper()
			proof := newHolder(t, s.Issuer, s.Now).proof("POST", "/token", "")
			proving(t, s, "/token", proof, exchanging("x"), url.Values{"client_id": {SPA}})
		}, "/token", "INFO", "error", "use_dpop_nonce"},
		{"Redis does not answer", func(_ *testing.T, s *Server) {
			b := s.Browser()
			back := b.Begin(nil)
			s.Faults().Down()
			defer s.Faults().Up()
			b.Get(back)
		}, "/itsme/return", "ERROR", "error", "temporarily_unavailable"},
	}
}

// The log of a request says what was asked for, and is as loud as there is something to mend.
func TestTheLogNamesTheMistake(t *testing.T) {
	for _, row := range slices.Concat(mistakes(), faults()) {
		t.Run(row.name, func(t *testing.T) {
			s := With(t, Options{
				Config: func(c *provider.Config) { c.WriteBudget = time.Second },
				App:    func(c *client.Client) { c.RequestURIs = []string{"https://app.example/other/"} },
			})
			row.ask(t, s)
			line := lastLine(t, s, row.route)
			text, _ := line[row.field].(string)
			if list, ok := line[row.field].([]any); ok {
				words := make([]string, len(list))
				for i, word := range list {
					words[i], _ = word.(string)
				}
				text = "[" + strings.Join(words, " ") + "]"
			}
			if line["level"] != row.level || text != row.want && !(strings.HasSuffix(row.want, ".*") && regexp.MustCompile("^"+row.want).MatchString(text)) {
				t.Errorf("%s %q, want %s %q\n%v", line["level"], text, row.level, row.want, line)
			}
		})
	}
}

// A duration has its unit.
func TestDurationsHaveAUnit(t *testing.T) {
	s := New(t)
	s.Login(nil)
	took, _ := lastLine(t, s, "/authorize")["took"].(string)
	if !regexp.MustCompile(`^[0-9]+\.[0-9]ms$`).MatchString(took) {
		t.Errorf("took %q", took)
	}
}
