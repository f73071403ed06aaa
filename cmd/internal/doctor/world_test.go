package doctor_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config"
)

// serve runs the bridge of a configuration, as v1, until the test ends.
func serve(t *testing.T, file string) {
	t.Helper()
	none := func(string) (string, bool) { return "", false }
	settings, err := config.Load(file, none)
	if err != nil {
		t.Fatal(err)
	}
	settings.Server.Timeouts.DrainDelay = 0
	bridge, err := app.New(t.Context(), settings, app.Options{Log: slog.New(slog.DiscardHandler), Now: time.Now, Version: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- bridge.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	select {
	case <-bridge.Ready():
	case err := <-ended:
		t.Fatal(err)
	}
}

// passing is a proxy that adds whom it sees to X-Forwarded-For.
func passing(t *testing.T, to string) http.Handler {
	t.Helper()
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
		r.SetXForwarded()
		r.SetURL(&url.URL{Scheme: "http", Host: to})
	}}
}
