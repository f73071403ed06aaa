//go:build products

package apache_test

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/providertest/chromium"
)

// What stands on the pages of the error, of the application and of the bridge.
const (
	again   = `a[href="/"]`
	path    = "#path"
	confirm = `[data-page] form[action$="/itsme/logout"] button`
)

// setup is a bridge, and the address of an Apache that is not running yet.
type setup struct {
	*e2e.World
	*e2e.Client
	t    *testing.T
	port string
	url  string
}

const configuration = "itsme.conf"

func prepare(t *testing.T, flags ...string) *setup {
	t.Helper()
	w, port := e2e.Start(t, "session: {ttl: 1h}"), e2e.Port(t)
	url := "http://127.0.0.1:" + port
	flags = append([]string{"--for", "apache", "--name", "Example", "--url", url}, flags...)
	return &setup{w, w.NewClient(flags...), t, port, url}
}

// run starts an Apache of the test's own, in front of an application that shows what it is told.
func (s *setup) run(text string) *e2e.Process {
	s.t.Helper()
	application := httptest.NewServer(http.HandlerFunc(show))
	s.t.Cleanup(application.Close)
	if err := os.WriteFile(s.File(configuration), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	modules, root := e2e.Tool(s.t, "apache"), s.t.TempDir()
	if err := os.Chmod(filepath.Dir(root), 0o755); err != nil { // Apache's workers read the page of an error as somebody else
		s.t.Fatal(err)
	}
	s.does("install", root)
	if strings.Contains(text, "itsme-key.pem") {
		s.does("key", root)
	}
	around, err := filepath.Abs("testdata/httpd.conf")
	if err != nil {
		s.t.Fatal(err)
	}
	args := []string{"-f", around, "-DFOREGROUND"}
	if os.Getuid() == 0 {
		args = append(args, "-DROOT")
	}
	command := exec.Command("apache2", args...)
	command.Env = append(os.Environ(),
		"FOLDER="+root, "SITE=127.0.0.1:"+s.port, "MODULES="+modules, "APPLICATION="+application.URL)
	p := e2e.Run(s.t, "apache", command)
	p.Until(s.url + "/logged-out")
	return p
}

// does does what the guide says under "sh NAME", as the test's own user and into a folder of the test's own.
func (s *setup) does(name, root string) {
	s.t.Helper()
	todo := strings.NewReplacer("/etc/apache2", root, "sudo ", "").Replace(e2e.Guide(s.t, "README.md").Fence("sh " + name))
	command := exec.Command("sh", "-euc", todo)
	command.Dir = s.Folder
	if out, err := command.CombinedOutput(); err != nil {
		s.t.Fatalf("%v\n%s", err, out)
	}
}

// show is an application behind Apache: what it is told comes in headers.
func show(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, "<p id=path>%s</p>", html.EscapeString(r.URL.RequestURI()))
	for _, claim := range []string{"sub", "name", "email", "email_verified", "birthdate"} {
		_, _ = fmt.Fprintf(w, "<p id=%s>%s</p>", claim, html.EscapeString(r.Header.Get("OIDC_CLAIM_"+claim)))
	}
}

func (s *setup) begin(b *chromium.Tab) { b.GoTo(s.url + "/deep?link=1") }

func TestAPersonIsWhoTheyWereAndComesToWhereTheyWanted(t *testing.T) {
	s := prepare(t)
	s.run(s.Read(configuration))
	known := map[string]string{}
	for _, row := range []struct{ persona, name, email string }{
		{sandbox.Full, "Lucas Maes", "lucas.maes@example.com"},
		{sandbox.NoAddress, "Amélie Dubois", "amelie.dubois@example.com"},
		{sandbox.Full, "Lucas Maes", "lucas.maes@example.com"},
	} {
		b := s.Browser()
		s.begin(b)
		b.ApproveAs(row.persona)
		b.See(path)
		b.Reads(path, "/deep?link=1")
		b.Reads("#name", row.name)
		b.Reads("#email", row.email)
		b.Reads("#email_verified", "0")
		subject := b.Read("#sub")
		if before, ok := known[row.persona]; subject == "" || ok && subject != before {
			t.Errorf("%s is %q, and was %q", row.persona, subject, before)
		}
		known[row.persona] = subject
	}
	if known[sandbox.Full] == known[sandbox.NoAddress] {
		t.Error("two people are one")
	}
	s.Saw(itsme.Success, itsme.Success, itsme.Success)
}

func TestWhoCancelsIsToldSoAndCanLogInAgain(t *testing.T) {
	s := prepare(t)
	s.run(s.Read(configuration))
	b := s.Browser()
	s.begin(b)
	b.Cancel()
	b.Leave()
	b.See(again)
	if said := b.Read("body"); !strings.Contains(said, "The person cancelled the login.") {
		t.Errorf("the page says %q", said)
	}
	s.Saw(itsme.Cancelled) // nothing has started another one

	b.Press(again)
	b.See(chromium.Number)
	b.Back()
	b.See(again)
	b.Press(again)
	b.Cancel()
	b.TryAgain() // the bridge's own page leads on, too
	b.Approve()
	b.See(path)
	s.Saw(itsme.Cancelled, itsme.Open, itsme.Cancelled, itsme.Success)
}

// Another client authenticates in another way, and discovery names both: the module does not choose by itself.
func TestItAuthenticatesAsItsEntrySays(t *testing.T) {
	for method, other := range map[string]string{
		"client_secret_basic": "client_secret_post", "client_secret_post": "client_secret_basic", "private_key_jwt": "client_secret_post",
	} {
		t.Run(method, func(t *testing.T) {
			s := prepare(t, "--auth-method", method)
			s.AddClient("{id: other, name: Other, home: 'https://other.example.be/', secret: kX2vQ8rT5wY1zB4nM7jH0gF3dS6aP9cE, auth_method: " + other +
				", redirect_uris: ['https://other.example.be/'], scopes: []}")
			s.run(s.Read(configuration))
			b := s.Browser()
			s.begin(b)
			b.Approve()
			b.See(path)
			b.Reads("#name", "Lucas Maes")
		})
	}
}

// Why the entry has response_iss: false. If one of these fails, the module has
// learnt what RFC 9207 says, and newer versions need it no more.
func TestAnErrorWithIssIsNotUnderstood(t *testing.T) {
	shared := prepare(t)
	shared.Set("response_iss: true")
	t.Run("the person is not told why", func(t *testing.T) {
		s := *shared
		s.t = t
		s.run(s.Read(configuration))
		b := s.Browser()
		s.begin(b)
		b.Cancel()
		b.Leave()
		b.See(again)
		if said := b.Read("body"); !strings.Contains(said, "target_link_uri") || strings.Contains(said, "cancelled") {
			t.Errorf("the page says %q", said)
		}
		s.Saw(itsme.Cancelled)
	})
	t.Run("another transaction starts by itself", func(t *testing.T) {
		s := *shared
		s.t = t
		s.run(s.Read(configuration) + "\nOIDCDefaultURL " + s.url + "/\n")
		b := s.Browser()
		s.begin(b)
		b.Cancel()
		b.Leave()
		b.See(chromium.Number)
		s.Saw(itsme.Cancelled, itsme.Cancelled, itsme.Open)
	})
}

func TestWhoLogsOutIsAskedAgain(t *testing.T) {
	for name, flags := range map[string][]string{"without a session at the bridge": nil, "with one": {"--session"}} {
		t.Run(name, func(t *testing.T) {
			s := prepare(t, flags...)
			s.run(s.Read(configuration))
			b := s.Browser()
			s.begin(b)
			b.Approve()
			b.See(path)
			b.GoTo(s.url + "/oidc/callback?logout=" + s.url + "/logged-out")
			b.See(path)
			b.Reads(path, "/logged-out")
			b.Reads("#sub", "")
			s.Saw(itsme.Success)
			s.begin(b)
			b.Approve()
			b.See(path)
			s.Saw(itsme.Success, itsme.Success)
		})
	}
}

func TestALogoutAtTheBridgeEndsTheSessionHere(t *testing.T) {
	s := prepare(t, "--session")
	s.run(s.Read(configuration))
	b := s.Browser()
	s.begin(b)
	b.Approve()
	b.See(path)
	b.GoTo(s.Issuer + "/logout")
	b.See(confirm)
	b.Press(confirm)
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		b.GoTo(s.url + "/deep?link=1")
		if b.Has(chromium.Number) {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the session goes on")
		}
	}
	s.Saw(itsme.Success, itsme.Open)
}

// What an engineer sees of each mistake, on the page or in Apache's log, and in the bridge's.
func TestAMistakeShows(t *testing.T) {
	shared := prepare(t)
	right := shared.Read(configuration)
	for _, row := range []struct {
		name, from, to string
		late           bool   // it shows after the approval only
		page           string // what it says
		says           string // Apache
		bridge         string
	}{
		{"no PKCE", "OIDCPKCEMethod S256", "", false, "code_challenge", "", "code_challenge"},
		{"a wrong secret", `OIDCClientSecret "`, `OIDCClientSecret "x`, true, "not logged in", "invalid_client", "error=invalid_client"},
		{"another redirect URI", "/oidc/callback", "/oidc/return", false, "", "", "redirect_uri"},
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
			} else if b.See(again); !strings.Contains(b.Read("body"), row.page) {
				t.Errorf("the page says %q", b.Read("body"))
			}
			if said := p.Said(); !strings.Contains(said, row.says) {
				t.Errorf("Apache does not say %q", row.says)
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

// ES256 signs the ID tokens.
func TestES256(t *testing.T) {
	s := prepare(t, "--signing-alg", "ES256")
	s.run(s.Read(configuration))
	b := s.Browser()
	s.begin(b)
	b.Approve()
	b.See(path)
	b.Reads("#name", "Lucas Maes")
	s.Saw(itsme.Success)
}
