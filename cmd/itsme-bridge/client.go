package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

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

// newClient makes a client. Its secret is printed, and kept nowhere.
func (p *process) newClient(_ context.Context, c *call) error {
	e := entry{Scopes: []string{"profile", "email"}}
	c.flags.StringVar(&e.ID, "id", "client-"+strings.ToLower(rand.Text()[:8]), "its client_id")
	c.flags.StringVar(&e.Name, "name", "The application", "its name, as people know it")
	c.flags.StringVar(&e.Home, "home", "https://www.example.com/", "where people go when nothing else is left")
	c.flags.Func("redirect-uri", "where it takes its answers; may be given several times", func(uri string) error {
		e.RedirectURIs = append(e.RedirectURIs, uri)
		return nil
	})
	c.flags.Func("scopes", "what it may ask for (default profile,email)", func(text string) error {
		e.Scopes = strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
		return nil
	})
	c.flags.StringVar(&e.Sector, "sector-identifier", "", "whom its subjects are made for, where the redirect URIs have several hosts")
	public := c.flags.Bool("public", false, "it can keep no secret: a single-page or native application")
	if _, err := c.parse(); err != nil {
		return err
	}
	if len(e.RedirectURIs) == 0 {
		e.RedirectURIs = []string{"https://www.example.com/callback"}
	}
	secret := ""
	if *public {
		e.AuthMethod = "none"
	} else {
		secret, e.SecretHash = newSecret()
	}
	text, err := e.yaml()
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "id:     %s\n", e.ID)
	if secret != "" {
		fmt.Fprintf(p.stdout, "secret: %s\n\nThe secret is shown this once. The configuration holds its hash:\n\n", secret)
	} else {
		fmt.Fprint(p.stdout, "\nIt has no secret. For the configuration:\n\n")
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
