package document_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/config/document"
)

// write puts a file into the test's folder, whatever the umask.
func write(t *testing.T, name, content string, mode os.FileMode) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestSecretsPrintAsNothing(t *testing.T) {
	const text = "do-not-print-me"
	held := struct {
		Exported document.Secret
		hidden   document.Secret
		Pointer  *document.Secret
	}{document.NewSecret(text), document.NewSecret(text), new(document.NewSecret(text))}
	var printed bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p"} {
		fmt.Fprintf(&printed, verb+"\n", held)
		fmt.Fprintf(&printed, verb+"\n", held.Exported)
		fmt.Fprintf(&printed, verb+"\n", &held)
	}
	if encoded, err := json.Marshal(held); err == nil {
		printed.Write(encoded)
	}
	log := slog.New(slog.NewJSONHandler(&printed, nil))
	log.Info("x", slog.Any("held", held), slog.Any("secret", held.Exported), slog.Any("hidden", held.hidden))
	slog.New(slog.NewTextHandler(&printed, nil)).Info("x", slog.Any("held", held), slog.Any("secret", held.Exported))
	printed.WriteString(held.Exported.String() + held.Exported.GoString())
	for _, trace := range []string{text, fmt.Sprintf("%x", text), fmt.Sprintf("%X", text), fmt.Sprintf("%d", []byte(text))} {
		if strings.Contains(printed.String(), trace) {
			t.Errorf("printed: %s", printed.String())
		}
	}
	encoded, err := json.Marshal(held.Exported)
	for way, got := range map[string]string{
		"%v": fmt.Sprintf("%v", held.Exported), "%d": fmt.Sprintf("%d", held.Exported), "%x": fmt.Sprintf("%x", held.Exported),
		"%q": fmt.Sprintf("%q", held.Exported), "%#v": fmt.Sprintf("%#v", held.Exported),
		"String": held.Exported.String(), "GoString": held.Exported.GoString(), "LogValue": held.Exported.LogValue().String(),
		"JSON": strings.Trim(string(encoded), `"`),
	} {
		if got != "[secret]" || err != nil {
			t.Errorf("%s prints %s, %v", way, got, err)
		}
	}
	if held.Exported.Reveal() != text || !held.Exported.Given() || (document.Secret{}).Given() {
		t.Error("the secret itself is lost")
	}
}

func TestWhereSecretsComeFrom(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "plain"), "from the file\n", 0o600)
	write(t, filepath.Join(folder, "windows"), "from the file\r\n", 0o600)
	write(t, filepath.Join(folder, "spaces"), " a b \n", 0o600)
	write(t, filepath.Join(folder, "empty"), "\n", 0o600)
	write(t, filepath.Join(folder, "open"), "from the file", 0o644)
	write(t, filepath.Join(folder, "group"), "from the file", 0o640)
	for _, row := range []struct {
		name, text, want, problem, warning string
		inline                             bool
	}{
		{"inline", "secret: here", "here", "", "", true},
		{"the environment", "secret: ${SECRET}", "hush hush hush", "", "", false},
		{"a file", "secret_file: plain", "from the file", "", "", false},
		{"a file by its whole path", "secret_file: " + filepath.Join(folder, "plain"), "from the file", "", "", false},
		{"a file of Windows", "secret_file: windows", "from the file", "", "", false},
		{"a file with spaces", "secret_file: spaces", " a b ", "", "", false},
		{"an empty file", "secret_file: empty", "", `the file "empty" is empty; put the secret in it`, "", false},
		{"no file", "secret_file: nowhere", "", `there is no file "nowhere"; write its path, from the folder of this file or from /`, "", false},
		{"a folder", "secret_file: .", "", `"." is not a file; name one`, "", false},
		{"a file for all", "secret_file: open", "from the file", "", `other users can read the file "open" (mode 0644); chmod 600 it`, false},
		{"a file for a group", "secret_file: group", "from the file", "", `other users can read the file "group" (mode 0640); chmod 600 it`, false},
		{"nowhere", "other: x", "", "", "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := document.Parse(filepath.Join(folder, "a.yaml"), []byte(row.text), environment)
			root := d.Root()
			root.Value("other").Text()
			secret, _ := root.Secret("secret")
			if secret.Reveal() != row.want || d.Inline() != row.inline {
				t.Errorf("%q, in the text: %t", secret.Reveal(), d.Inline())
			}
			if got := texts(d.Problems()); got != row.problem {
				t.Errorf("problem %q, want %q", got, row.problem)
			}
			if got := texts(d.Warnings()); got != row.warning {
				t.Errorf("warning %q, want %q", got, row.warning)
			}
		})
	}
}

func TestLargeFilesAreNotRead(t *testing.T) {
	name := write(t, filepath.Join(t.TempDir(), "large"), strings.Repeat("x", 1<<20+1), 0o600)
	d := document.Parse("a.yaml", []byte("secret_file: "+name), environment)
	if secret, _ := d.Root().Secret("secret"); secret.Given() || !strings.Contains(texts(d.Problems()), "has more than 1048576 bytes") {
		t.Error(d.Problems())
	}
}

func texts(problems []document.Problem) string {
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.Text)
	}
	return strings.Join(lines, "\n")
}

// Pods and packages give a secret to the bridge by its group; that is no reason to warn.
func TestAFileOfAnotherGroupIsNotShared(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file to a group of others")
	}
	for _, row := range []struct {
		mode     os.FileMode
		uid, gid int
		shared   bool
	}{
		{0o440, 0, 65532, false},
		{0o640, 65532, 65532, false},
		{0o640, 0, 0, true},
		{0o444, 0, 65532, true},
		{0o600, 0, 0, false},
	} {
		name := filepath.Join(t.TempDir(), "secret")
		if err := errors.Join(os.WriteFile(name, nil, 0o600), os.Chown(name, row.uid, row.gid), os.Chmod(name, row.mode)); err != nil {
			t.Fatal(err)
		}
		if mode, shared := document.Shared(name); shared != row.shared || mode != row.mode {
			t.Errorf("%o of %d:%d: %o, shared %t", row.mode, row.uid, row.gid, mode, shared)
		}
	}
}
