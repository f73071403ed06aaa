package app

import (
	"context"
	"log/slog"

	"github.com/go-logr/logr"
	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel"
)

// SilenceLibraries stops what others write past our log, for the whole process:
// zitadel/oidc may log what a client sent, go-redis logs addresses and
// causes, OpenTelemetry what a collector answers. We log what went wrong ourselves. Call it once, from main.
func SilenceLibraries() {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	redis.SetLogger(silence{})
	otel.SetLogger(logr.Discard())
	otel.SetErrorHandler(silence{})
}

type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}

func (silence) Handle(error) {}
