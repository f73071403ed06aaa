package main_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"

	main "itsme-bridge/cmd/itsme-bridge"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/storage/storagetest"
)

// run is the process as a value: nothing of it is the test's own process.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, problems bytes.Buffer
	code = main.Run(t.Context(), args, strings.NewReader(""), &out, &problems, func(string) (string, bool) { return "", false })
	return code, out.String(), problems.String()
}

func TestRun(t *testing.T) {
	for _, row := range []struct {
		name           string
		args           []string
		code           int
		stdout, stderr string // that it prints, among others
	}{
		{"nothing", nil, 2, "", "itsme-bridge: say which command\n\nUsage:\n"},
		{"help", []string{"help"}, 0, "Usage:\n  itsme-bridge COMMAND\n", ""},
		{"a command's help", []string{"keys", "rotate", "-h"}, 0, "Usage:\n  itsme-bridge keys rotate --config FILE [--alg ALG] [--json]\n", ""},
		{"half a command", []string{"client"}, 2, "", "itsme-bridge client: say which command\n"},
		{"version", []string{"version"}, 0, "(revision ", ""},
		{"the example", []string{"check", "--offline", "--config", "../../config.yaml"}, 0, "is fine", ""},
		{"no file", []string{"check", "--config", "nowhere.yaml"}, 1, "", "itsme-bridge check: open nowhere.yaml: no such file or directory\n"},
		{"an address that is none", []string{"healthcheck", "--address", "a b"}, 2, "", `--address "a b": write host:port`},
	} {
		t.Run(row.name, func(t *testing.T) {
			code, stdout, stderr := run(t, row.args...)
			if code != row.code || !strings.Contains(stdout, row.stdout) || !strings.Contains(stderr, row.stderr) {
				t.Errorf("%d\n%s\n%s", code, stdout, stderr)
			}
			if (stdout == "") != (row.stdout == "") || (stderr == "") != (row.stderr == "") {
				t.Errorf("on the wrong side:\n%s\n%s", stdout, stderr)
			}
		})
	}
}

func TestHealthcheck(t *testing.T) {
	for _, row := range []struct {
		name   string
		status int
		body   string
		code   int
		stderr string
	}{
		{"ready", http.StatusOK, `{"ready":true}`, 0, ""},
		{
			"not ready", http.StatusServiceUnavailable, `{"ready":false,"problems":{"redis":"it does not answer"}}`, 1,
			`itsme-bridge healthcheck: not ready: {"ready":false,"problems":{"redis":"it does not answer"}}` + "\n",
		},
		{"somebody else", http.StatusNotFound, "404", 1, "itsme-bridge healthcheck: not ready: 404\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/readyz" {
					t.Errorf("it asks %s", r.URL.Path)
				}
				w.WriteHeader(row.status)
				_, _ = w.Write([]byte(row.body))
			}))
			defer server.Close()
			code, _, stderr := run(t, "healthcheck", "--address", strings.TrimPrefix(server.URL, "http://"))
			if code != row.code || stderr != row.stderr {
				t.Errorf("%d %s", code, stderr)
			}
		})
	}
}

// The hash in the YAML is that of the secret beside it, which is 32 random bytes.
func TestTheSecretOfANewClient(t *testing.T) {
	seen := map[string]bool{}
	for range 3 {
		_, stdout, stderr := run(t, "client", "new")
		secret := regexp.MustCompile(`(?m)^secret: (\S+)$`).FindStringSubmatch(stderr)
		if secret == nil || seen[secret[1]] {
			t.Fatalf("no new secret:\n%s", stderr)
		}
		seen[secret[1]] = true
		if raw, err := base64.RawURLEncoding.DecodeString(secret[1]); err != nil || len(raw) != 32 {
			t.Errorf("%q is not 32 bytes", secret[1])
		}
		sum := sha256.Sum256([]byte(secret[1]))
		if want := "secret_hash: sha256:" + hex.EncodeToString(sum[:]) + "\n"; !strings.Contains(stdout, want) {
			t.Errorf("no %s in\n%s", want, stdout)
		}
		if strings.Contains(stdout, secret[1]) || strings.Count(stderr, secret[1]) != 1 {
			t.Errorf("the secret is not on standard error alone, and once\n%s\n%s", stdout, stderr)
		}
	}
}

// The process as a value: it serves until its context ends.
func TestServeInProcess(t *testing.T) {
	world, cm, address := storagetest.New(t), sandbox.NewServer(t), free(t)
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, drained, address, cm.URL, world.Address()), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	reader, writer := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- main.Run(ctx, []string{"serve", "--config", file}, strings.NewReader(""), writer, writer, func(string) (string, bool) { return "", false })
		writer.Close()
	}()
	lines := bufio.NewScanner(reader)
	for !strings.Contains(lines.Text(), `"msg":"serving"`) { // before it, which keys it has made
		if !lines.Scan() {
			t.Fatal("it never serves")
		}
	}
	stop()
	for lines.Scan() { // until it is done
	}
	if got := <-code; got != 0 {
		t.Errorf("exit code %d", got)
	}
}

// Garbage is collected rarely, unless the environment says how often.
func TestGarbageIsCollectedRarely(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	for _, row := range []struct {
		said bool
		want int
	}{{true, 100}, {false, 400}} {
		main.CollectRarely(func(name string) (string, bool) { return "", name == "GOGC" && row.said })
		if got := debug.SetGCPercent(100); got != row.want {
			t.Errorf("said %v: GOGC is %d, want %d", row.said, got, row.want)
		}
	}
}
