package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Supervisor is who starts and watches this process, such as systemd. The zero value
// is nobody.
type Supervisor struct {
	Tell     func(state string) // nil: nobody listens
	Clock    func() string      // what RELOADING=1 needs beside it: MONOTONIC_USEC=…
	Watchdog time.Duration      // how long it waits for a sign of life; 0: it does not
}

// The states are those of sd_notify(3). Ready is /readyz before Redis is looked at: it
// has joined the deployment and answers people.
const (
	stateReady     = "READY=1"
	stateReloading = "RELOADING=1"
	stateStopping  = "STOPPING=1"
	stateAlive     = "WATCHDOG=1"
)

// tell says a state, and for people what it means.
func (s Supervisor) tell(state, status string) {
	if s.Tell == nil {
		return
	}
	if state == stateReloading && s.Clock != nil {
		state += "\n" + s.Clock()
	}
	if status != "" {
		state += "\nSTATUS=" + status
	}
	s.Tell(state)
}

// tellReloading says that the configuration is being read again: not before it serves,
// nor while it drains, since to systemd that would be another state.
func (a *App) tellReloading() {
	if a.began.Load() && !a.draining.Load() {
		a.supervisor.tell(stateReloading, "reading the configuration again")
	}
}

// tellReloaded says that it is as ready as before, whatever has become of the new configuration.
func (a *App) tellReloaded(refused error) {
	switch {
	case !a.began.Load() || a.draining.Load():
	case refused != nil:
		a.supervisor.tell(stateReady, "serving "+a.config.Provider.Issuer+"; the new configuration was refused, the old one stays: see the log")
	default:
		a.supervisor.tell(stateReady, "serving "+a.config.Provider.Issuer)
	}
}

// tellWaiting says what the start waits for.
func (a *App) tellWaiting(cause error) {
	a.supervisor.tell("STATUS=waiting for Redis: "+strings.ReplaceAll(cause.Error(), "\n", "; "), "")
}

// prove gives signs of life until ctx ends, but only while this process lives. A third of the
// time that the supervisor waits passes between two, and another third may be spent on one.
func (a *App) prove(ctx context.Context) {
	every := a.supervisor.Watchdog / 3
	if a.supervisor.Tell == nil || every <= 0 {
		return
	}
	silent := false
	for ; ctx.Err() == nil; pause(ctx, every) {
		err := a.alive(ctx, every)
		switch {
		case err == nil:
			a.supervisor.tell(stateAlive, "")
		case ctx.Err() == nil && !silent:
			a.log.LogAttrs(ctx, slog.LevelError, "no sign of life for the watchdog", slog.String("cause", err.Error()))
		}
		silent = err != nil
	}
}

// alive reports whether this process still takes connections and answers requests, and
// whether its readiness can be found out, whatever it is: that Redis is away, or that
// it drains, is no reason to kill it. The request is `OPTIONS *`, which the server
// answers by itself (RFC 9110 §9.3.7): it is nobody's login, and stands in no log.
func (a *App) alive(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := a.answers(ctx); err != nil && !a.draining.Load() { // then nobody new is let in
		return err
	}
	told := make(chan struct{})
	go func() {
		a.readiness(ctx)
		close(told)
	}()
	select {
	case <-told:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("app: its readiness cannot be found out within %s", patience)
	}
}

// answers asks our own public listener.
func (a *App) answers(ctx context.Context) error {
	scheme, address := "http", a.public.Addr()
	if a.certificate != nil {
		scheme = "https"
	}
	r := &http.Request{
		Method: http.MethodOptions, URL: &url.URL{Scheme: scheme, Host: address.String(), Opaque: "*"}, Host: address.String(), Header: http.Header{},
	}
	transport := &http.Transport{
		DisableKeepAlives: true, // a new connection has to be taken
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, address.Network(), here(address))
		},
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // G402: we ask ourselves whether we answer, and send nothing
	}
	answer, err := transport.RoundTrip(r.WithContext(ctx))
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		return nil // strangers hold all connections, until their time is up: to end the process would cost people their logins
	}
	if err != nil {
		return fmt.Errorf("app: its listener does not answer: %w", err)
	}
	_ = answer.Body.Close() // there is none
	return nil
}

// here is where this machine reaches a listener of its own.
func here(address net.Addr) string {
	tcp, ok := address.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return address.String()
	}
	loopback := "127.0.0.1"
	if tcp.IP.To4() == nil {
		loopback = "::1"
	}
	return net.JoinHostPort(loopback, strconv.Itoa(tcp.Port))
}
