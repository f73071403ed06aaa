package app

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/pprof" // its own mux is served nowhere
	"time"

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

// readiness is the answer of /readyz.
type readiness struct {
	Ready    bool              `json:"ready"`
	Problems map[string]string `json:"problems,omitempty"` // what is not ready → why
	Warnings map[string]string `json:"warnings,omitempty"`
}

// redisPatience is how long /readyz waits for Redis.
const redisPatience = time.Second

func (a *App) readiness(ctx context.Context) (status int, r readiness) {
	ctx, cancel := context.WithTimeout(ctx, redisPatience)
	defer cancel()
	problems := map[string]string{}
	if a.draining.Load() {
		problems["process"] = "it is about to stop"
	} else if !a.began.Load() {
		problems["process"] = "it has not joined the deployment yet"
	}
	if a.store.Ping(ctx) != nil {
		problems["redis"] = "it does not answer"
	}
	if a.signer.Ready() != nil {
		problems["keys"] = "they are not loaded yet"
	}
	if text := a.forgetful.Load(); text != nil {
		r.Warnings = map[string]string{"redis": *text}
	}
	if len(problems) > 0 {
		r.Problems = problems
		return http.StatusServiceUnavailable, r
	}
	r.Ready = true
	return http.StatusOK, r
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // who has hung up does not mind
}
