//go:build products

package dex_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/providertest/chromium"
)

// What stands on Dex's page of an error, and the application's claims.
const (
	failure = ".theme-heading"
	reason  = ".theme-panel p"
	back    = "#back"
	subject = "#sub"
)

// setup is a bridge, an application, and the address of a Dex between them that is not running yet.
type setup struct {
	*e2e.World
	*e2e.Client
	*application
	t      *testing.T
	issuer string // Dex's
}

func prepare(t *testing.T) *setup {
	t.Helper()
	w := e2e.Start(t)
	issuer := "http://127.0.0.1:" + e2e.Port(t) + "/dex"
	return &setup{w, w.NewClient("--for", "dex", "--name", "Example", "--url", issuer), start(t), t, issuer}
}

// run starts a Dex with this connector.
func (s *setup) run(connector string) {
	s.t.Helper()
	around, err := os.ReadFile("testdata/dex.yaml")
	if err != nil {
		s.t.Fatal(err)
	}
	listen := strings.TrimSuffix(strings.TrimPrefix(s.issuer, "http://"), "/dex")
	text := strings.NewReplacer("ISSUER", s.issuer, "LISTEN", listen, "APPLICATION", s.url).Replace(string(around)) + connector
	file := s.File("dex.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	command := exec.Command(e2e.Tool(s.t, "dex")+"/dex", "serve", file)
	command.Dir = s.Folder
	p := e2e.Run(s.t, "dex", command)
	p.Until(s.issuer + "/.well-known/openid-configuration")
	s.logInAt(s.t, s.issuer, oauth2.Config{ClientID: "application", ClientSecret: "application-secret"})
}

// old gives the entry what a Dex needs whose connector sends no code_challenge, as this one's does not.
func (s *setup) old() *setup {
	s.Set(strings.TrimSpace(e2e.Guide(s.t, "README.md").Fence("yaml old")))
	return s
}

func TestAPersonIsWhoTheyWere(t *testing.T) {
	s := prepare(t).old()
	s.run(s.Read("itsme.yaml"))
	known := map[string]string{}
	for _, row := range []struct{ persona, name, email string }{
		{sandbox.Full, "Lucas Maes", "lucas.maes@example.com"},
		{sandbox.Foreign, "Sanne de Vries", "sanne.devries@example.nl"},
		{sandbox.Full, "Lucas Maes", "lucas.maes@example.com"},
	} {
		b := s.Browser()
		b.GoTo(s.url)
		b.ApproveAs(row.persona)
		b.See(subject)
		b.Reads("#name", row.name)
		b.Reads("#email", row.email)
		b.Reads("#email_verified", "false")
		sub := b.Read(subject)
		if before, ok := known[row.persona]; sub == "" || ok && sub != before {
			t.Errorf("%s is %q, and was %q", row.persona, sub, before)
		}
		known[row.persona] = sub
	}
	if known[sandbox.Full] == known[sandbox.Foreign] {
		t.Error("two people are one")
	}
	s.Saw(itsme.Success, itsme.Success, itsme.Success)
}

func TestWhoCancelsSeesDexsErrorAndNothingStarts(t *testing.T) {
	s := prepare(t).old()
	s.run(s.Read("itsme.yaml"))
	b := s.Browser()
	b.GoTo(s.url)
	b.Cancel()
	b.TryAgain() // the bridge's page leads on
	b.Cancel()
	b.Leave()
	b.See(failure)
	b.Reads(failure, "Internal Server Error")
	b.Reads(reason, "Failed to authenticate: access_denied: The person cancelled the login.")
	s.Saw(itsme.Cancelled, itsme.Cancelled)

	b.GoTo(s.url) // which the person has to find by themselves
	b.See(chromium.Number)
	b.Back()
	b.GoTo(s.url)
	b.Approve()
	b.See(subject)
	s.Saw(itsme.Cancelled, itsme.Cancelled, itsme.Open, itsme.Success)
}

func TestItsPageOfAnErrorCanLeadBack(t *testing.T) {
	s := prepare(t).old()
	guide := e2e.Guide(t, "README.md")
	change := exec.Command("sh", "-euc", `cp -r "$0/web" . && `+guide.Fence("sh page"), e2e.Tool(t, "dex"))
	change.Dir = s.Folder
	if out, err := change.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s.run(s.Read("itsme.yaml") + strings.ReplaceAll(guide.Fence("yaml page"), "https://app.example.be/", s.url))
	b := s.Browser()
	b.GoTo(s.url)
	b.Cancel()
	b.Leave()
	b.See(back)
	b.Reads(reason, "Failed to authenticate: access_denied: The person cancelled the login.")
	b.Press(back)
	b.Approve()
	b.See(subject)
	s.Saw(itsme.Cancelled, itsme.Success)
}

// What an engineer sees of each mistake, on Dex's page and in the bridge's log.
func TestAMistakeShows(t *testing.T) {
	shared := prepare(t)
	right := shared.Read("itsme.yaml")
	for _, row := range []struct {
		name, from, to string
		entry          string
		late           bool   // it shows after the approval only
		page           string // what Dex says; empty: the bridge's page comes
		bridge         string
	}{
		{"an old Dex", "", "", "pkce:", false, "code_challenge", "code_challenge"},
		{"no userinfo", "getUserInfo: true", "getUserInfo: false", "pkce: optional", true, `missing "name" claim`, "route=/token status=200"},
		{"no scope profile", "", "", "scopes: [email]", true, `missing "name" claim`, "scopes_not_granted"},
		{"a wrong secret", `clientSecret: "`, `clientSecret: "x`, "scopes: [profile, email]", true, "invalid_client", "error=invalid_client"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := *shared
			s.t = t
			s.Set(row.entry)
			before, paid := len(s.Log()), len(s.Transactions())
			wrong := strings.Replace(right, row.from, row.to, 1)
			if row.from != "" && wrong == right {
				t.Fatalf("there is no %q in\n%s", row.from, right)
			}
			s.run(wrong)
			b := s.Browser()
			b.GoTo(s.url)
			if row.late {
				b.Approve()
			}
			b.See(failure)
			if said := b.Read(reason); !strings.Contains(said, row.page) {
				t.Errorf("Dex says %q", said)
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

// The entry as it is printed is for a Dex whose connector sends a code_challenge.
// This plays what that sends and reads, with the libraries that it is made of.
func TestTheEntrySuitsADexThatSendsACodeChallenge(t *testing.T) {
	s := prepare(t)
	s.Set(`redirect_uris: ["` + s.url + `/callback"]`)
	s.logInAt(t, s.Issuer, oauth2.Config{ClientID: s.ID, ClientSecret: s.Secret}, oauth2.S256ChallengeOption(verifier))
	b := s.Browser()
	b.GoTo(s.url)
	b.Approve()
	b.See(subject)
	b.Reads("#name", "Lucas Maes")
	b.Reads("#email", "lucas.maes@example.com")
	s.Saw(itsme.Success)
}

// ES256 signs the ID tokens: Dex takes what discovery says at its start.
func TestES256(t *testing.T) {
	s := prepare(t).old()
	s.Set("signing_alg: ES256")
	s.run(s.Read("itsme.yaml"))
	b := s.Browser()
	b.GoTo(s.url)
	b.Approve()
	b.See(subject)
	b.Reads("#name", "Lucas Maes")
	s.Saw(itsme.Success)
}
