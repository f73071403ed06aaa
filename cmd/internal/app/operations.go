package app

import (
	"encoding/json"
	"net/http"
	"net/http/pprof" // its own mux is served nowhere

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// operationsHandler is what the second listener answers: nothing of it is for the world.
func (a *App) operationsHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]bool{"live": true})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		status, readiness := a.readiness(r.Context())
		answer(w, status, readiness)
	})
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, r *http.Request) {
		status, health := a.health(r.Context())
		answer(w, status, health)
	})
	a.echo.Routes(mux, a.running)
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.metrics.registry, promhttp.HandlerOpts{Registry: a.metrics.registry}))
	if a.config.Operations.PProf {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	return mux
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5") // seconds
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // who has hung up does not mind
}
