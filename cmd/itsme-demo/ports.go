package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// ports are the three parties' listeners. All are on loopback: a demo is
// nobody else's business.
type ports struct{ bridge, simulator, application net.Listener }

// take listens on three ports in a row, or on any three.
func take(ctx context.Context, first int) (p ports, err error) {
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	for i, party := range []struct {
		name     string
		listener *net.Listener
	}{
		{"the bridge", &p.bridge},
		{"the itsme simulator", &p.simulator},
		{"the demo application", &p.application},
	} {
		port := 0
		if first > 0 {
			port = first + i
		}
		if *party.listener, err = listen(ctx, port, party.name); err != nil {
			return p, err
		}
	}
	return p, nil
}

func listen(ctx context.Context, port int, party string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("port %d, for %s, is taken: choose three others, for example with --port %d", port, party, elsewhere(port))
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("port %d, for %s, is not allowed to you: choose three others, for example with --port %d", port, party, elsewhere(port))
	case err != nil:
		return nil, fmt.Errorf("port %d, for %s: %w", port, party, err)
	}
	return listener, nil
}

// elsewhere is a port far from one that cannot be had.
func elsewhere(port int) int {
	const usual = 18080
	if port < usual || port > usual+2 {
		return usual
	}
	return 2 * usual
}

func (p ports) close() {
	for _, listener := range []net.Listener{p.bridge, p.simulator, p.application} {
		if listener != nil {
			_ = listener.Close()
		}
	}
}

func urlOf(listener net.Listener) string { return "http://" + listener.Addr().String() }
