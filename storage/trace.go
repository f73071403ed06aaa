package storage

import (
	"context"
	"errors"
	"net"
	"slices"

	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Trace makes a span of each exchange with Redis that belongs to a request which is
// traced: what was done, with how many commands, and which kind of failure there was.
// Never a key, a value or an address. Call it before the first use of the store.
func (s *Store) Trace(t trace.Tracer) { s.redis.AddHook(&tracing{tracer: t, names: operations()}) }

// tracing is the hook of go-redis by which spans are made.
type tracing struct {
	tracer trace.Tracer
	names  map[string]string // a script → what it is for
}

// operations names what each of our scripts is for.
func operations() map[string]string {
	return map[string]string{
		leaseScript: "lease", addScript: "add", againScript: "again", claimScript: "claim", commitScript: "commit",
		countScript: "count", deleteScript: "delete", loadScript: "load", probeScript: "probe", removeScript: "remove",
		uncountScript: "uncount",
		askScript:     "ask", sayScript: "say", unsayScript: "unsay", openScript: "sum", collectScript: "collect", registerScript: "register",
	}
}

// operation is what one command is for: one of few words, whatever it holds.
func (t *tracing) operation(c redis.Cmder) string {
	switch c.Name() {
	case "eval":
		if args := c.Args(); len(args) > 1 {
			if name := t.names[textOf(args[1])]; name != "" {
				return name
			}
		}
		return "script"
	case "get", "getrange":
		return "read"
	case "ping", "config", "hello", "auth", "select", "cluster", "client", "command":
		return "connection"
	default:
		return "other"
	}
}

// textOf is what an argument of a command says, or "" where it is no text.
func textOf(argument any) string {
	switch text := argument.(type) {
	case string:
		return text
	case *string:
		return *text
	default:
		return ""
	}
}

// DialHook leaves connections alone: they belong to nobody's request.
func (*tracing) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook makes the span of one command.
func (t *tracing) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, c redis.Cmder) error {
		if !traced(ctx) {
			return next(ctx, c)
		}
		ctx, span := t.begin(ctx, []string{t.operation(c)}, 1)
		err := next(ctx, c)
		finish(span, err)
		return err
	}
}

// ProcessPipelineHook makes the span of a pipeline.
func (t *tracing) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		if !traced(ctx) {
			return next(ctx, commands)
		}
		var names []string
		for _, c := range commands {
			if name := t.operation(c); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		ctx, span := t.begin(ctx, names, len(commands))
		err := next(ctx, commands)
		finish(span, err)
		return err
	}
}

// traced reports whether somebody will look at the spans of ctx.
func traced(ctx context.Context) bool { return trace.SpanContextFromContext(ctx).IsSampled() }

func (t *tracing) begin(ctx context.Context, names []string, commands int) (context.Context, trace.Span) {
	name := "redis pipeline"
	if len(names) == 1 {
		name = "redis " + names[0]
	}
	return t.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("db.system.name", "redis"),
		attribute.StringSlice("itsme_bridge.redis.operations", names),
		attribute.Int("db.operation.batch.size", commands),
	))
}

// finish ends a span, with the kind of failure that there was. That something is not
// there is none.
func finish(span trace.Span, err error) {
	if err != nil && !errors.Is(err, redis.Nil) {
		span.SetAttributes(attribute.String("error.type", kindOf(err)))
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// kindOf is one of few words for an error, without any of its own.
func kindOf(err error) string {
	var way net.Error
	switch {
	case errors.Is(err, redis.ErrPoolTimeout):
		return "no_connection_free"
	case isReply(err):
		return "refused"
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &way) && way.Timeout():
		return "timeout"
	default:
		return "connection"
	}
}
