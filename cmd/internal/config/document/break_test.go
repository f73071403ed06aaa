package document_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/config/document"
)

// A text is the same wherever it comes from: the line break that an editor, a shell or YAML has put at its end does not count.
func TestALineBreakAtTheEndDoesNotCount(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	for _, broken := range []string{"the secret", "the secret\n", "the secret\r\n", "the secret\n\n"} {
		if err := os.WriteFile(file, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		environment := func(name string) (string, bool) { return broken, name == "NAME" }
		for _, text := range []string{
			"secret: ${NAME}\n", "secret_file: " + file + "\n", "secret: |\n  the secret\n", "secret: |+\n  the secret\n\n", "secret: |\n  ${NAME}\n", `secret: "the secret\n"`,
		} {
			d := document.Parse("a.yaml", []byte(text), environment)
			secret, _ := d.Root().Secret("secret")
			if got := secret.Reveal(); got != "the secret" || len(d.Problems()) > 0 {
				t.Errorf("%q, %q in it: %q, %v", text, broken, got, d.Problems())
			}
		}
		d := document.Parse("a.yaml", []byte("list: ['${NAME}']\ntext: ${NAME}\n"), environment)
		if got := d.Root().Value("list").Texts(); len(got) != 1 || got[0] != "the secret" || d.Root().Value("text").Text() != got[0] {
			t.Errorf("%q: %q", broken, got)
		}
	}
	d := document.Parse("a.yaml", []byte("secret: ${NAME}\n"), func(string) (string, bool) { return "\n", true })
	d.Root().Secret("secret")
	if got := d.Problems(); len(got) != 1 || !strings.Contains(got[0].Text, "NAME is empty") {
		t.Errorf("a line break alone: %v", got)
	}
}
