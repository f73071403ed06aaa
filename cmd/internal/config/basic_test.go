package config_test

import (
	"path/filepath"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/config"
	. "itsme-bridge/cmd/internal/config/configtest"
)

// RFC 6749 §2.3.1: what is said of an id and a secret that HTTP Basic carries in more than one way.
func TestWhatIsAmbiguousInBasic(t *testing.T) {
	const (
		cut  = "holds a :, and in HTTP Basic an id ends there unless the application form-encodes it"
		id   = "holds a + or a %, which many applications do not form-encode in HTTP Basic"
		word = "holds a +, a % or a :, which many applications do not form-encode in HTTP Basic"
	)
	folder := t.TempDir()
	PutFile(t, filepath.Join(folder, "secret"), "k7Qz+Xn2WmT9fRb4LcJ8vHs3GdP6yNaU\n", 0o600)
	secret := func(text string) string { return "    secret: '" + text + "'\n" }
	for _, row := range []struct{ name, id, of, want string }{
		{"neither", "app-1.a_b~c/d", secret("k7Qz/Xn2WmT9fRb4LcJ8vHs3GdP6yNaU=-_ "), ""},
		{"a secret with a plus", "app", secret("k7Qz+Xn2WmT9fRb4LcJ8vHs3GdP6yNaU"), "19: clients[0].secret: " + word},
		{"a secret with a percent", "app", secret("k7Qz%Xn2WmT9fRb4LcJ8vHs3GdP6yNaU"), "19: clients[0].secret: " + word},
		{"a secret with a colon", "app", secret("k7Qz:Xn2WmT9fRb4LcJ8vHs3GdP6yNaU"), "19: clients[0].secret: " + word},
		{"a secret in a file", "app", "    secret_file: secret\n", "19: clients[0].secret_file: " + word},
		{"an id with a plus", "a+b", secretLine, "16: clients[0].id: " + id},
		{"an id with a percent", "a%b", secretLine, "16: clients[0].id: " + id},
		{"an id with a colon", "urn:app", secretLine, "16: clients[0].id: " + cut},
		{"an id with all", "urn:a+b%", secretLine, "16: clients[0].id: " + cut},
		{"a hash alone", "a+b", "    secret_hash: " + secretHash + "\n", "16: clients[0].id: " + id},
		{"client_secret_post", "urn:a+b", secret("k7Qz+Xn2WmT9fRb4LcJ8vHs3GdP6yNaU") + "    auth_method: client_secret_post\n", ""},
		{"no secret", "urn:a+b", "    auth_method: none\n", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := Change(t, Change(t, base, secretLine, row.of), "  - id: app\n", "  - id: '"+row.id+"'\n")
			c, err := config.Parse(filepath.Join(folder, "a.yaml"), []byte(text), Environment)
			if err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, p := range c.Warnings() {
				said = append(said, strings.TrimPrefix(p.String(), filepath.Join(folder, "a.yaml:")))
				if strings.Contains(p.Text, "Xn2WmT9f") {
					t.Error("the secret is told")
				}
			}
			if len(said) > 1 || !strings.HasPrefix(strings.Join(said, ""), row.want) || row.want == "" && len(said) > 0 {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(said, "\n"), row.want)
			}
		})
	}
}
