//go:build products

package native_test

import (
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
)

const program = "login.py"

// setup is a bridge with an entry of a native application.
type setup struct {
	*e2e.World
	*e2e.Client
	t *testing.T
}

func prepare(t *testing.T) *setup {
	t.Helper()
	w := e2e.Start(t)
	return &setup{w, w.NewClient("--for", "native", "--name", "Example", "--url", "https://www.example.be"), t}
}

// asks is what the application prints for a person whose browser does not open.
var asks = regexp.MustCompile(`visit this URL to authorize this application: (\S+)`)

// run starts the application, and returns what it opens in the person's browser.
func (s *setup) run() (p *e2e.Process, address string) {
	s.t.Helper()
	command := e2e.Guide(s.t, "README.md").Shell("start")
	command.Dir = s.Folder
	command.Env = append(os.Environ(),
		"PATH="+e2e.Tool(s.t, "native")+"/bin:"+os.Getenv("PATH"), "PYTHONUNBUFFERED=1",
		"BROWSER=true",                  // the test's own opens it
		"OAUTHLIB_INSECURE_TRANSPORT=1") // the issuer is http here, on loopback
	p = e2e.Run(s.t, "application", command)
	p.Await("visit this URL", 1)
	p.Await("\n", 1)
	found := asks.FindStringSubmatch(p.Said())
	if found == nil {
		s.t.Fatalf("it does not say what to open:\n%s", p.Said())
	}
	return p, found[1]
}

// port is where the answer goes.
func port(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	back, err := url.Parse(u.Query().Get("redirect_uri"))
	if err != nil {
		t.Fatal(err)
	}
	return back.Port()
}

var sub = regexp.MustCompile(`(?m)^sub: (\S+)$`)

func TestEachLoginHasAPortOfItsOwnAndAPersonIsWhoTheyWere(t *testing.T) {
	s := prepare(t)
	var subjects []string
	first, one := s.run()
	second, another := s.run() // at the same time
	if port(t, one) == port(t, another) {
		t.Errorf("both listen on %s", port(t, one))
	}
	for _, row := range []struct {
		p       *e2e.Process
		address string
		persona string
		want    []string
	}{
		{second, another, sandbox.Full, []string{"name: Lucas Maes", "given_name: Lucas", "email: lucas.maes@example.com", "email_verified: False", "birthdate: 1974-01-31"}},
		{first, one, sandbox.Full, []string{"name: Lucas Maes"}},
	} {
		b := s.Browser()
		b.GoTo(row.address)
		b.ApproveAs(row.persona)
		b.See("pre")
		if !strings.Contains(b.Read("body"), "You can close this window") {
			t.Errorf("the page says %q", b.Read("body"))
		}
		row.p.Await("sub: ", 1)
		row.p.Await("email: ", 1)
		for _, want := range row.want {
			row.p.Await(want+"\n", 1)
		}
		subjects = append(subjects, sub.FindString(row.p.Said()))
	}
	if subjects[0] == "" || subjects[0] != subjects[1] {
		t.Errorf("the person is %q", subjects)
	}
	s.Saw(itsme.Success, itsme.Success)
}

func TestWhoCancelsComesBackToTheApplication(t *testing.T) {
	s := prepare(t)
	p, address := s.run()
	b := s.Browser()
	b.GoTo(address)
	b.Cancel()
	b.TryAgain()
	b.Cancel()
	b.Leave()
	b.See("pre")
	if !strings.Contains(b.Read("body"), "You can close this window") {
		t.Errorf("the page says %q", b.Read("body"))
	}
	p.Await("Nobody was logged in: The person cancelled the login.\n", 1)
	s.Saw(itsme.Cancelled, itsme.Cancelled)

	p, address = s.run() // and it can be started anew
	b.GoTo(address)
	b.Approve()
	p.Await("name: Lucas Maes\n", 1)
	s.Saw(itsme.Cancelled, itsme.Cancelled, itsme.Success)
}

// What an engineer sees of each mistake, in the application's output and in the bridge's log.
func TestAMistakeShows(t *testing.T) {
	shared := prepare(t)
	right := shared.Read(program)
	for _, row := range []struct {
		name, from, to string
		late           bool   // it shows after the approval only
		says           string // the application; empty: the bridge's page comes
		bridge         string
	}{
		{"localhost", `host="127.0.0.1"`, `host="localhost"`, false, "", "redirect_uri"},
		{"no PKCE", "    scopes=", "    autogenerate_code_verifier=False,\n    scopes=", false, "code_challenge", "code_challenge"},
		{"an empty secret", "include_client_id=True, ", "", true, "registered with none", "error=invalid_client"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := *shared
			s.t = t
			before, paid := len(s.Log()), len(s.Transactions())
			wrong := strings.Replace(right, row.from, row.to, 1)
			if wrong == right {
				t.Fatalf("there is no %q in\n%s", row.from, right)
			}
			if err := os.WriteFile(s.File(program), []byte(wrong), 0o600); err != nil {
				t.Fatal(err)
			}
			p, address := s.run()
			b := s.Browser()
			b.GoTo(address)
			if row.late {
				b.Approve()
			}
			if row.says == "" {
				b.See("[data-page]") // of the bridge: nobody is sent to an address that is not registered
			} else {
				p.Await(row.says, 1)
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
	s := prepare(t)
	s.Set("signing_alg: ES256")
	p, address := s.run()
	b := s.Browser()
	b.GoTo(address)
	b.Approve()
	p.Await("name: Lucas Maes\n", 1)
	s.Saw(itsme.Success)
}
