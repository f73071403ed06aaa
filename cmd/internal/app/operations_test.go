package app_test

import (
	"net/http"
	"runtime"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/storage/storagetest"
)

func TestOperations(t *testing.T) {
	b := running(t, nil)
	b.Login(nil)
	for _, row := range []struct {
		path   string
		status int
		holds  []string
	}{
		{"/livez", http.StatusOK, []string{`{"live":true}`}},
		{"/readyz", http.StatusOK, []string{`{"ready":true}`}},
		{"/metrics", http.StatusOK, []string{
			"go_goroutines ", "process_open_fds ", `itsme_bridge_build_info{go_version="` + runtime.Version() + `",revision="abc123",version="v1.2.3"} 1`,
			`itsme_bridge_logins_total{client="app",outcome="success"} 1`,
			`itsme_bridge_upstream_requests_total{operation="start",result="ok"} 1`,
			"itsme_bridge_key_refresh_failures_total 0", "promhttp_metric_handler_errors_total",
		}},
		{"/debug/pprof/", http.StatusNotFound, nil},
		{"/debug/pprof/cmdline", http.StatusNotFound, nil},
		{"/authorize", http.StatusNotFound, nil},
	} {
		status, body := b.ask(row.path)
		if status != row.status {
			t.Errorf("%s: %d", row.path, status)
		}
		for _, want := range row.holds {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %s", row.path, want)
			}
		}
	}
	for _, path := range []string{"/livez", "/readyz", "/metrics", "/debug/pprof/"} {
		if answer := b.Browser().Get(b.Issuer + path); answer.Status != http.StatusNotFound {
			t.Errorf("the world sees %s: %d", path, answer.Status)
		}
	}
}

func TestProfilesAreServedWhereTheyAreWanted(t *testing.T) {
	b := running(t, nil, func(c *config.Config) { c.Operations.PProf = true })
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/goroutine?debug=1", "/debug/pprof/cmdline", "/debug/pprof/symbol"} {
		if status, _ := b.ask(path); status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestNoOperations(t *testing.T) {
	b := prepare(t, storagetest.New(t), nil)
	settings, err := b.parse()
	if err != nil {
		t.Fatal(err)
	}
	settings.Operations.Listen = ""
	a, err := app.New(t.Context(), settings, app.Options{Now: b.Now, Listener: listen(t)})
	if err != nil {
		t.Fatal(err)
	}
	if public, operations := a.Addresses(); public == nil || operations != nil {
		t.Errorf("%v, %v", public, operations)
	}
}
