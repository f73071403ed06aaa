//go:build products

package oauth2proxy_test

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/providertest/chromium"
)

// What stands on oauth2-proxy's pages and on the application's.
const (
	signIn  = `form[action$="/oauth2/start"] button`   // of the page that asks
	again   = `form[action$="/oauth2/sign_in"] button` // of the page of an error
	status  = ".status-code"
	details = "#more-info"
	user    = "#user"
	email   = "#email"
)

// setup is a bridge, and the address of an oauth2-proxy that is not running yet.
type setup struct {
	*e2e.World
	*e2e.Client
	t    *testing.T
	port string
	url  string
}

func prepare(t *testing.T, flags ...string) *setup {
	t.Helper()
	w, port := e2e.Start(t, "session: {ttl: 1h}"), e2e.Port(t)
	url := "http://127.0.0.1:" + port
	flags = append([]string{"--for", "oauth2-proxy", "--name", "Example", "--url", url}, flags...)
	return &setup{w, w.NewClient(flags...), t, port, url}
}

const configuration = "oauth2-proxy.cfg"

// run starts what the guide says, in front of an application that shows what it is told.
func (s *setup) run(text string) *e2e.Process {
	s.t.Helper()
	application := httptest.NewServer(http.HandlerFunc(show))
	s.t.Cleanup(application.Close)
	if err := os.WriteFile(s.File(configuration), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	command := e2e.Guide(s.t, "README.md").Shell("start")
	command.Dir = s.Folder
	command.Env = append(os.Environ(),
		"PATH="+e2e.Tool(s.t, "oauth2-proxy")+":"+os.Getenv("PATH"),
		"OAUTH2_PROXY_HTTP_ADDRESS=127.0.0.1:"+s.port, "OAUTH2_PROXY_UPSTREAMS="+application.URL+"/")
	p := e2e.Run(s.t, "oauth2-proxy", command)
	p.Until(s.url + "/ping")
	return p
}

func show(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, `<p id="path">%s</p><p id="user">%s</p><p id="email">%s</p>`, html.EscapeString(r.URL.RequestURI()),
		html.EscapeString(r.Header.Get("X-Forwarded-User")), html.EscapeString(r.Header.Get("X-Forwarded-Email")))
}

func (s *setup) begin(b *chromium.Tab) {
	b.GoTo(s.url + "/deep?link=1")
	b.See(signIn)
	b.Press(signIn)
}

func TestAPersonIsWhoTheyWereAndComesToWhereTheyWanted(t *testing.T) {
	s := prepare(t)
	p := s.run(s.Read(configuration))
	known := map[string]string{}
	for _, row := range []struct{ persona, email string }{
		{sandbox.Full, "lucas.maes@example.com"},
		{sandbox.Foreign, "sanne.devries@example.nl"},
		{sandbox.Full, "lucas.maes@example.com"},
	} {
		b := s.Browser()
		s.begin(b)
		b.ApproveAs(row.persona)
		b.See(user)
		b.Reads("#path", "/deep?link=1")
		b.Reads(email, row.email)
		subject := b.Read(user)
		if before, ok := known[row.persona]; subject == "" || ok && subject != before {
			t.Errorf("%s is %q, and was %q", row.persona, subject, before)
		}
		known[row.persona] = subject
		if strings.Contains(p.Said(), row.email) {
			t.Error("the address is in the log")
		}
	}
	if known[sandbox.Full] == known[sandbox.Foreign] {
		t.Error("two people are one")
	}
	s.Saw(itsme.Success, itsme.Success, itsme.Success)
}

func TestWhoCancelsCanSignInAgain(t *testing.T) {
	s := prepare(t)
	s.run(s.Read(configuration))
	b := s.Browser()
	s.begin(b)
	b.Cancel()
	b.Leave()
	b.See(again)
	b.Reads(status, "403")
	if said := b.Read(details); !strings.Contains(said, "access_denied") {
		t.Errorf("the page says %q", said)
	}
	s.Saw(itsme.Cancelled) // nothing has started another one

	b.Press(again)
	b.See(signIn)
	b.Press(signIn)
	b.Cancel()
	b.TryAgain() // the bridge's own page leads on, too
	b.Approve()
	b.See(user)
	b.Reads(email, "lucas.maes@example.com")
	s.Saw(itsme.Cancelled, itsme.Cancelled, itsme.Success)
}

func TestBackFromItsmeIsNoDeadEnd(t *testing.T) {
	s := prepare(t)
	s.run(s.Read(configuration))
	b := s.Browser()
	s.begin(b)
	b.See(chromium.Number)
	b.Back()
	b.See(signIn)
	b.Press(signIn)
	b.Approve()
	b.See(user)
	s.Saw(itsme.Open, itsme.Success)
}

func TestWhoSignsOutIsAskedAgain(t *testing.T) {
	s := prepare(t, "--session")
	s.run(s.Read(configuration))
	b := s.Browser()
	s.begin(b)
	b.Approve()
	b.See(user)
	b.GoTo(s.url + "/oauth2/sign_out?rd=/")
	b.See(signIn)
	b.Press(signIn)
	b.Approve() // by the person: the session at the bridge has ended, too
	b.See(user)
	s.Saw(itsme.Success, itsme.Success)
}

// What an engineer sees of each mistake, on the page or in oauth2-proxy's log, and in the bridge's.
func TestAMistakeShows(t *testing.T) {
	shared := prepare(t)
	right := shared.Read(configuration)
	for _, row := range []struct {
		name, from, to string
		late           bool // it shows after the approval only
		page           string
		says           string // oauth2-proxy
		bridge         string
	}{
		{"no PKCE", `code_challenge_method = "S256"`, "", false, "403", "invalid_request", "code_challenge"},
		{"a wrong secret", `client_secret = "`, `client_secret = "x`, true, "500", "invalid_client", "error=invalid_client"},
		{"an unverified address", "insecure_oidc_allow_unverified_email = true", "", true, "403", "isn't verified", "route=/userinfo status=200"},
		{"another redirect URI", "/oauth2/callback", "/oauth2/callback/", false, "", "", "redirect_uri"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := *shared
			s.t = t
			before, paid := len(s.Log()), len(s.Transactions())
			wrong := strings.Replace(right, row.from, row.to, 1)
			if wrong == right {
				t.Fatalf("there is no %q in\n%s", row.from, right)
			}
			p := s.run(wrong)
			b := s.Browser()
			s.begin(b)
			if row.late {
				b.Approve()
			}
			if row.page == "" {
				b.See("[data-page]") // of the bridge: nobody is sent to an address that is not registered
			} else {
				b.See(status)
				b.Reads(status, row.page)
			}
			if said := p.Said(); !strings.Contains(said, row.says) {
				t.Errorf("oauth2-proxy does not say %q", row.says)
			}
			if said := s.Log()[before:]; !strings.Contains(said, row.bridge) {
				t.Errorf("the bridge does not say %q:\n%s", row.bridge, said)
			}
			if !row.late && len(s.Transactions()) > paid {
				t.Error("it was paid for")
			}
		})
	}
}

// ES256 signs the ID tokens: oauth2-proxy takes what discovery says at its start.
func TestES256(t *testing.T) {
	s := prepare(t, "--signing-alg", "ES256")
	s.run(s.Read(configuration))
	b := s.Browser()
	s.begin(b)
	b.Approve()
	b.See(user)
	b.Reads(email, "lucas.maes@example.com")
	s.Saw(itsme.Success)
}
