package app

import (
	"context"
	"log/slog"
	"regexp"
)

// anonymous is a handler for what net/http says of connections, which names the
// addresses of people: they are taken out.
type anonymous struct{ slog.Handler }

// address is host:port as net.Addr prints it.
var hostPort = regexp.MustCompile(`(\[[0-9a-fA-F:.]+(%\w+)?\]|[0-9]+(\.[0-9]+){3}):[0-9]+`)

// Handle passes the record on without addresses.
func (h anonymous) Handle(ctx context.Context, r slog.Record) error {
	r.Message = hostPort.ReplaceAllString(r.Message, "somebody")
	return h.Handler.Handle(ctx, r)
}
