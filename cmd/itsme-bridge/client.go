package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"itsme-bridge/cmd/internal/config"
)

// entry is a client as it stands in a configuration.
type entry struct {
	ID           string   `yaml:"id"`
	Name         string   `yaml:"name"`
	Home         string   `yaml:"home"`
	SecretHash   string   `yaml:"secret_hash,omitempty"`
	AuthMethod   string   `yaml:"auth_method,omitempty"`
	RedirectURIs []string `yaml:"redirect_uris,flow"`
	Scopes       []string `yaml:"scopes,flow"`
	Sector       string   `yaml:"sector_identifier,omitempty"`
}

func (p *process) newClientCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "new [--id ID] [--name NAME] …",
		Short: "make a client: the YAML to paste on standard output, its secret on standard error, once",
		Long: "Make a client. Its entry for the configuration goes to standard output, as YAML; its secret goes to\n" +
			"standard error, is shown this once, and is kept nowhere: the entry holds its hash.",
		Example: examples(
			"itsme-bridge client new --id shop --name 'The shop' --home https://shop.example/ --redirect-uri https://shop.example/callback",
			"itsme-bridge client new --public --id page --redirect-uri https://page.example/ > page.yaml"),
		Args: takes(),
	}
	var e entry
	flags := c.Flags()
	flags.StringVar(&e.ID, "id", "", "its client_id, `ID`; without it, a new one")
	flags.StringVar(&e.Name, "name", "The application", "its `NAME`, as people know it")
	flags.StringVar(&e.Home, "home", "https://www.example.com/", "the `URL` where people go when nothing else is left")
	flags.StringArrayVar(&e.RedirectURIs, "redirect-uri", []string{"https://www.example.com/callback"}, "the `URI` where it takes its answers; may be given several times")
	scopes := flags.String("scopes", "profile,email", "the `LIST` of what it may ask for, with commas or spaces between")
	flags.StringVar(&e.Sector, "sector-identifier", "", "the `HOST` that its subjects are made for, where the redirect URIs have several")
	public := flags.Bool("public", false, "it can keep no secret: a single-page or native application")
	c.RunE = func(*cobra.Command, []string) error {
		e.Scopes = strings.FieldsFunc(*scopes, func(r rune) bool { return r == ',' || r == ' ' })
		return p.newClient(e, *public)
	}
	return c
}

// newClient makes a client. Its secret is said once, apart from the entry, and kept nowhere.
func (p *process) newClient(e entry, public bool) error {
	if e.ID == "" {
		e.ID = "client-" + strings.ToLower(rand.Text()[:8])
	}
	secret := ""
	if public {
		e.AuthMethod = "none"
	} else {
		secret, e.SecretHash = newSecret()
	}
	text, err := e.yaml()
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stderr, "id:     %s\n", e.ID)
	if secret != "" {
		fmt.Fprintf(p.stderr, "secret: %s\n\nThe secret is shown this once. The entry for the configuration, on standard output, holds its hash.\n", secret)
	} else {
		fmt.Fprint(p.stderr, "\nIt has no secret. The entry for the configuration is on standard output.\n")
	}
	fmt.Fprint(p.stdout, text)
	return nil
}

// newSecret draws 32 bytes, as base64url.
func newSecret() (secret, hash string) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	secret = base64.RawURLEncoding.EncodeToString(raw)
	sum := sha256.Sum256([]byte(secret))
	return secret, config.HashPrefix + hex.EncodeToString(sum[:])
}

// yaml is the entry as the item of a list, if a configuration would take it.
func (e entry) yaml() (string, error) {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(map[string][]entry{"clients": {e}}); err != nil {
		return "", err
	}
	_, err := config.ParseClients("client", out.Bytes(), func(string) (string, bool) { return "", false }, true)
	if invalid, ok := errors.AsType[*config.InvalidError](err); ok {
		return "", misuseError{said(invalid.Problems)}
	}
	return out.String(), err
}

// said is what is wrong, in the words of the flags.
func said(problems []config.Problem) string {
	lines := make([]string, len(problems))
	for i, p := range problems {
		flag := strings.TrimPrefix(p.Path, "clients[0].")
		flag, _, _ = strings.Cut(flag, "[")
		flag = strings.ReplaceAll(strings.Replace(flag, "redirect_uris", "redirect_uri", 1), "_", "-")
		lines[i] = "--" + flag + " " + p.Text
	}
	return strings.Join(lines, "\n")
}
