package main_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
)

// build makes the real binary.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "itsme-sandbox")
	command := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return binary
}

func TestWrongCalls(t *testing.T) {
	binary := build(t)
	for _, row := range []struct {
		name string
		args string
		code int
		says string
	}{
		{"every address", "--listen 0.0.0.0:0", 2, "want a loopback address"},
		{"every address, shorter", "--listen :0", 2, "want a loopback address"},
		{"another address", "--listen 192.0.2.1:8081", 2, "want a loopback address"},
		{"a name", "--listen localhost.example:8081", 2, "want a loopback address"},
		{"exposed by a name", "--exposed --listen localhost.example:8081", 2, "want a loopback address"},
		{"exposed, at an address that is none of this machine", "--exposed --listen 192.0.2.1:8081", 1, "cannot assign requested address"},
		{"no port", "--listen 127.0.0.1", 2, "want host:port"},
		{"a port that is none", "--listen 127.0.0.1:http-or-so", 1, "itsme-sandbox: listen"},
		{"an unknown status", "--auto always", 2, "want success"},
		{"an argument", "success", 2, "unexpected argument"},
		{"an unknown flag", "--port 8081", 2, "flag provided but not defined"},
		{"help", "--help", 0, "loopback address"},
	} {
		t.Run(row.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			command := exec.CommandContext(ctx, binary, strings.Fields(row.args)...)
			var stderr bytes.Buffer
			command.Stderr = &stderr
			err := command.Run()
			code := 0
			if failed, ok := errors.AsType[*exec.ExitError](err); ok {
				code = failed.ExitCode()
			} else if err != nil {
				t.Fatal(err)
			}
			if code != row.code || !strings.Contains(stderr.String(), row.says) {
				t.Errorf("exit %d: %s, want %d and %q", code, stderr.String(), row.code, row.says)
			}
		})
	}
}

func TestItServes(t *testing.T) {
	command := exec.CommandContext(t.Context(), build(t), "--listen", "127.0.0.1:0", "--auto", "success")
	var log bytes.Buffer
	command.Stderr = &log
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	output := bufio.NewReader(stdout)
	first, err := output.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	base := regexp.MustCompile(`http://127\.0\.0\.1:\d+/itsme/v1/`).FindString(first)
	client, err := itsme.New(itsme.Config{BaseURL: base, Token: sandbox.MerchantToken, AllowLoopback: true})
	if err != nil {
		t.Fatalf("%q: %v", first, err)
	}
	transaction, err := client.Start(t.Context(), itsme.Start{Service: itsme.Login, RedirectURL: "https://bridge.example/r", Scopes: []itsme.Scope{itsme.ScopeProfile}})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, transaction.AuthenticationURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	back, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	back.Body.Close()
	if back.StatusCode != http.StatusSeeOther || back.Header.Get("Location") != "https://bridge.example/r" {
		t.Errorf("the page: %d", back.StatusCode)
	}
	result, err := client.Status(t.Context(), transaction.Token)
	if err != nil || result.Identity.GivenName != "Lucas" {
		t.Errorf("%v, %v", result, err)
	}

	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(output)
	if err != nil && !errors.Is(err, os.ErrClosed) {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("SIGTERM: %v", err)
	}
	if !strings.HasSuffix(string(rest), sandbox.Help) {
		t.Error("it does not print its help")
	}
	for _, secret := range append(sandbox.Personas()[0].Values(), transaction.Token, sandbox.MerchantToken) {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	if !strings.Contains(log.String(), "operation=status") {
		t.Errorf("the log: %s", log.String())
	}
}
