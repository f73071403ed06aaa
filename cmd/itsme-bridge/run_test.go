package main_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	main "itsme-bridge/cmd/itsme-bridge"
)

// run is the process as a value: nothing of it is the test's own process.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, problems bytes.Buffer
	code = main.Run(t.Context(), args, &out, &problems, func(string) (string, bool) { return "", false })
	return code, out.String(), problems.String()
}

func TestRun(t *testing.T) {
	for _, row := range []struct {
		name           string
		args           []string
		code           int
		stdout, stderr string // that it prints, among others
	}{
		{"nothing", nil, 2, "", "usage:"},
		{"help", []string{"help"}, 0, "usage:", ""},
		{"a command's help", []string{"keys", "rotate", "-h"}, 0, "usage: itsme-bridge keys rotate --config FILE [--alg ALG]", ""},
		{"half a command", []string{"client"}, 2, "", `there is no command "client"`},
		{"version", []string{"version"}, 0, "itsme-bridge ", ""},
		{"the example", []string{"check", "--config", "../../config.yaml"}, 0, "is fine", ""},
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

// A process that is told to stop before it could begin does so, with no complaint.
func TestToldToStopAtOnce(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out, problems bytes.Buffer
	if code := main.Run(ctx, []string{"check", "--config", "../../config.yaml"}, &out, &problems, func(string) (string, bool) { return "", false }); code != 0 {
		t.Errorf("%d %s", code, problems.String())
	}
}
