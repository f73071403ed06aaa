package app

import (
	"context"
	"log"
	"log/slog"
	"regexp"
	"strings"
)

// anonymous is a handler for what net/http says of connections. It names the
// addresses of people, which are taken out; and whatever a scanner does wrong
// with TLS, which is of no interest but to somebody who debugs.
type anonymous struct{ slog.Handler }

// connectionLog is a logger for an http.Server.
func connectionLog(to slog.Handler) *log.Logger {
	return slog.NewLogLogger(anonymous{to}, slog.LevelWarn)
}

// hostPort is how net.Addr prints an address.
var hostPort = regexp.MustCompile(`(\[[0-9a-fA-F:.]+(%\w+)?\]|[0-9]+(\.[0-9]+){3}):[0-9]+`)

// Handle passes the record on without addresses.
func (h anonymous) Handle(ctx context.Context, r slog.Record) error {
	r.Message = hostPort.ReplaceAllString(r.Message, "somebody")
	if strings.HasPrefix(r.Message, "http: TLS handshake error") {
		if r.Level = slog.LevelDebug; !h.Enabled(ctx, r.Level) {
			return nil
		}
	}
	return h.Handler.Handle(ctx, r)
}
