package app

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// How long an answer of the floors below counts, and how long /readyz and /health wait
// for one: less than the second that a probe commonly has.
const (
	redisCounts   = 3 * time.Second
	redisPatience = 700 * time.Millisecond
	cmCounts      = 15 * time.Second
	cmPatience    = 2 * time.Second
)

// floor is something below us that is asked, at most once in a while, whether it works.
type floor struct {
	ask              func(context.Context) error
	counts, patience time.Duration
	now              func() time.Time

	mu     sync.Mutex
	asked  time.Time
	answer error
}

// state is the answer that counts. Who comes while somebody asks waits for that answer.
func (f *floor) state(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.asked.IsZero() && f.now().Sub(f.asked) < f.counts {
		return f.answer
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), f.patience) // others wait for it, too
	defer cancel()
	f.answer, f.asked = f.ask(ctx), f.now()
	return f.answer
}

// learn takes an answer from somebody who has asked anyway.
func (f *floor) learn(answer error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer, f.asked = answer, f.now()
}

// health is the answer of /health.
type health struct {
	Healthy  bool              `json:"healthy"`
	Problems map[string]string `json:"problems,omitempty"` // what does not work → why
	Warnings map[string]string `json:"warnings,omitempty"`
}

// health is about the whole chain, for alerts: logins work from end to end, or not.
func (a *App) health(ctx context.Context) (status int, h health) {
	h.Problems, h.Warnings = a.unready(), a.warnings()
	var asking sync.WaitGroup
	var redis, cm error
	asking.Go(func() { redis = a.redis.state(ctx) })
	asking.Go(func() { cm = a.cm.state(ctx) })
	asking.Wait()
	if redis != nil {
		h.Problems["redis"] = a.sickness(redis)
	}
	if cm != nil {
		h.Problems["cm"] = "it is not reached: nobody can begin a login"
	}
	if len(h.Problems) > 0 {
		return http.StatusServiceUnavailable, h
	}
	h.Healthy = true
	return http.StatusOK, h
}

// readiness is the answer of /readyz.
type readiness struct {
	Ready    bool              `json:"ready"`
	Problems map[string]string `json:"problems,omitempty"` // why not: what → why
	Degraded map[string]string `json:"degraded,omitempty"` // what does not work all the same → why
	Warnings map[string]string `json:"warnings,omitempty"`
}

// readiness is about this process alone: it has begun, and can answer people. While
// Redis is away that is an honest page, which leads on; a load balancer that took every
// replica out would put its own in place of it.
func (a *App) readiness(ctx context.Context) (status int, r readiness) {
	r.Problems, r.Warnings = a.unready(), a.warnings()
	if redis := a.redis.state(ctx); redis != nil {
		r.Degraded = map[string]string{"redis": a.sickness(redis)}
	}
	if len(r.Problems) > 0 {
		return http.StatusServiceUnavailable, r
	}
	r.Ready = true
	return http.StatusOK, r
}

// unready is why this process does not serve; empty: it does.
func (a *App) unready() map[string]string {
	problems := map[string]string{}
	if a.draining.Load() {
		problems["process"] = "it is about to stop"
	} else if !a.began.Load() {
		problems["process"] = "it has not joined the deployment yet"
	}
	if a.signer.Ready() != nil {
		problems["keys"] = "they are not loaded yet"
	}
	return problems
}

// sickness says why Redis takes no writes, without its own words, which may name keys.
func (a *App) sickness(err error) string {
	if why, ok := a.store.RefusalIn(err); ok {
		return why.Text
	}
	return "it does not answer"
}

// warnings are what works and should be otherwise.
func (a *App) warnings() map[string]string {
	text := a.forgetful.Load()
	if text == nil {
		return nil
	}
	return map[string]string{"redis": *text}
}

// errStarting is why nobody is served yet.
var errStarting = errors.New("app: it has not joined the deployment yet")

// serving reports whether requests may be answered: keys are there, and the deployment
// has let us join.
func (a *App) serving() error {
	if !a.began.Load() {
		return errStarting
	}
	return nil
}
