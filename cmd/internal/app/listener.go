package app

import (
	"errors"
	"net"
	"net/http"
	"syscall"
	"time"

	"itsme-bridge/cmd/internal/config"
)

// placedError is what is wrong with an address or a file once it is used, with its place in the configuration.
type placedError struct {
	place config.Problem
	cause error
}

func (e *placedError) Error() string { return e.place.String() }

func (e *placedError) Unwrap() error { return e.cause }

// unlistened says what would be right, where an address cannot be listened on.
func unlistened(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "end what has it, or write another"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "it is none of this machine; write one of its own, or 0.0.0.0 for all"
	case errors.Is(err, syscall.EACCES):
		return "this user may not; write a port from 1024 on, or let the user bind lower ones"
	default:
		return "write another"
	}
}

// MaxHeader is the most bytes of a request's line and header. An authorization
// request by GET is long, but not as long as Go's own limit of 1 MiB.
const MaxHeader = 32 << 10

// server serves the provider.
func (a *App) server() *http.Server {
	t := a.config.Server.Timeouts
	server := &http.Server{
		Handler:           a.echo.Watch(a.provider),
		ReadHeaderTimeout: t.ReadHeader,
		ReadTimeout:       t.Read,
		WriteTimeout:      t.Write,
		IdleTimeout:       t.Idle,
		MaxHeaderBytes:    MaxHeader,
		ErrorLog:          connectionLog(a.log.Handler()),
	}
	server.RegisterOnShutdown(a.provider.Hurry)
	return server
}

// operationsServer serves operators. Profiles take half a minute and more.
func (a *App) operationsServer() *http.Server {
	return &http.Server{
		Handler:           a.operationsHandler(),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       20 * time.Second,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    MaxHeader,
		ErrorLog:          connectionLog(a.log.Handler()),
	}
}

// serve is Serve, with TLS if there is a certificate, and without the error that
// says that all is well.
func serve(server *http.Server, listener net.Listener, c *certificate) error {
	var err error
	if c != nil {
		server.TLSConfig = c.config()
		err = server.ServeTLS(listener, "", "")
	} else {
		err = server.Serve(listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
