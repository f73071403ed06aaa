package config_test

import (
	"path/filepath"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/cmd/internal/config/configtest"
)

// The files that a configuration names are known, and which of them are secret; so are
// the secrets of config.yaml, and whether the text is the same.
func TestWhatDoctorAsks(t *testing.T) {
	folder := t.TempDir()
	text := configtest.Example(t)
	text = configtest.Change(t, text, "token: 3f1d6c0e-5f2b-4c8a-9a54-0d6f6b7d2c11", "token_file: token")
	text = configtest.Change(t, text, "  #jwks_file: example-jwks.json", "  jwks_file: jwks.json")
	configtest.PutFile(t, filepath.Join(folder, "token"), configtest.CMToken, 0o600)
	configtest.PutFile(t, filepath.Join(folder, "jwks.json"), `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"1","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`, 0o600)
	name := filepath.Join(folder, "config.yaml")
	load := func(text string) *config.Config {
		t.Helper()
		configtest.PutFile(t, name, text, 0o600)
		c, err := config.Load(name, configtest.Environment)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := load(text)
	private := map[string]bool{}
	for _, f := range c.Files() {
		private[filepath.Base(f.Name)] = f.Private
	}
	if len(private) != 2 || !private["token"] || private["jwks.json"] {
		t.Errorf("%v", private)
	}
	var examples []string
	for _, p := range c.Examples() {
		examples = append(examples, p.Path)
	}
	if got := strings.Join(examples, " "); got != "master_key.current subjects.salt clients[0].secret" {
		t.Errorf("%s", got)
	}
	if load(text).Text() != c.Text() || load(text+"#\n").Text() == c.Text() {
		t.Error("the text is not told from another")
	}
}
