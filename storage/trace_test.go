package storage_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// recorded is a store whose exchanges are traced, and what is recorded of them.
func recorded(t *testing.T, w *storagetest.World) (*storage.Store, trace.Tracer, *tracetest.SpanRecorder) {
	t.Helper()
	recorder := tracetest.NewSpanRecorder()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer("test")
	store := w.Another(t)
	store.Trace(tracer)
	return store, tracer, recorder
}

// told is a span as a line: its name and its attributes.
func told(s sdktrace.ReadOnlySpan) string {
	parts := []string{s.Name()}
	for _, a := range s.Attributes() {
		parts = append(parts, string(a.Key)+"="+a.Value.String())
	}
	if s.Status().Code == codes.Error {
		parts = append(parts, "failed")
	}
	return strings.Join(parts, " ")
}

// An exchange is known by what it is for. Nothing that it holds is told.
func TestExchangesAreTraced(t *testing.T) {
	store, tracer, recorder := recorded(t, storagetest.New(t))
	b, h := people(store), storage.NewHandle()
	var n int64
	var r storage.Record[person]
	lease := store.NewLease("people", h.ID())
	for _, row := range []struct {
		name, want string
		do         func(ctx context.Context) error
	}{
		{
			"a write", "redis commit db.system.name=redis itsme_bridge.redis.operations=[\"commit\"] db.operation.batch.size=1",
			func(ctx context.Context) error { return b.Put(ctx, h, person{Name: "Lucas"}, time.Minute) },
		},
		{
			"a read of what is not there", "redis read db.system.name=redis itsme_bridge.redis.operations=[\"read\"] db.operation.batch.size=1",
			func(ctx context.Context) error { _, _, err := b.Get(ctx, storage.NewHandle()); return err },
		},
		{
			"a pipeline", "redis pipeline db.system.name=redis itsme_bridge.redis.operations=[\"count\",\"read\",\"lease\"] db.operation.batch.size=4",
			func(ctx context.Context) error {
				return store.Do(ctx, store.Count("limits", "Lucas", time.Minute, time.Now(), &n), b.Read(h, &r),
					store.Count("limits", "Emma", time.Minute, time.Now(), &n), lease.Acquire(time.Second))
			},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, _, err := b.Get(t.Context(), h); err != nil { // a connection is there
				t.Fatal(err)
			}
			recorder.Reset()
			ctx, parent := tracer.Start(t.Context(), "request")
			if err := row.do(ctx); err != nil {
				t.Fatal(err)
			}
			spans := recorder.Ended()
			if len(spans) != 1 || told(spans[0]) != row.want || spans[0].Parent().SpanID() != parent.SpanContext().SpanID() {
				for _, s := range spans {
					t.Errorf("got  %s", told(s))
				}
				t.Errorf("want %s", row.want)
			}
			for _, secret := range []string{"Lucas", h.ID(), h.Secret(), storagetest.Prefix, "127.0.0.1"} {
				if text := fmt.Sprint(tracetest.SpanStubsFromReadOnlySpans(spans)); strings.Contains(text, secret) {
					t.Errorf("%q is in %s", secret, text)
				}
			}
		})
	}
}

func TestOnlyWhatSomebodyTracesIsTraced(t *testing.T) {
	store, _, recorder := recorded(t, storagetest.New(t))
	unsampled := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}}))
	for name, ctx := range map[string]context.Context{"no trace": t.Context(), "one that is not sampled": unsampled} {
		if err := people(store).Put(ctx, storage.NewHandle(), person{Name: "Lucas"}, time.Minute); err != nil {
			t.Fatal(err)
		}
		if err := store.Probe(ctx); err != nil {
			t.Fatal(err)
		}
		if n := len(recorder.Started()); n != 0 {
			t.Errorf("%s: %d spans", name, n)
		}
	}
}

// A failure is told by its kind, and not by its words, which may hold addresses and keys.
func TestFailuresAreTracedByTheirKind(t *testing.T) {
	w := storagetest.New(t)
	store, tracer, recorder := recorded(t, w)
	for _, row := range []struct {
		name, want string
		fail       func(ctx context.Context) (context.Context, func())
	}{
		{"gone", "connection", func(ctx context.Context) (context.Context, func()) {
			w.Faults().Down()
			return ctx, w.Faults().Up
		}},
		{"given up", "canceled", func(ctx context.Context) (context.Context, func()) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx, func() {}
		}},
		{"too slow", "timeout", func(ctx context.Context) (context.Context, func()) {
			return context.WithDeadline(ctx, time.Now().Add(-time.Second))
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			recorder.Reset()
			ctx, _ := tracer.Start(t.Context(), "request")
			ctx, mend := row.fail(ctx)
			_, _, err := people(store).Get(ctx, storage.NewHandle())
			mend()
			if err == nil {
				t.Fatal("it did not fail")
			}
			for _, s := range recorder.Ended() {
				line := told(s)
				if !strings.HasSuffix(line, "error.type="+row.want+" failed") || s.Status().Description != "" || len(s.Events()) > 0 {
					t.Errorf("got %s %q %v", line, s.Status().Description, s.Events())
				}
			}
			if len(recorder.Ended()) == 0 {
				t.Error("nothing was traced")
			}
		})
	}
}

// Every script has a name, each its own.
func TestEveryScriptHasAName(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	names, scripts := storage.Operations(), 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || ast.IsExported(spec.Names[0].Name) || !strings.HasSuffix(spec.Names[0].Name, "Script") {
				return true
			}
			scripts++
			if text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value); err != nil || names[text] == "" {
				t.Errorf("%s has no name in a trace: %v", spec.Names[0].Name, err)
			}
			return true
		})
	}
	var all []string
	for _, name := range names {
		all = append(all, name)
	}
	slices.Sort(all)
	if len(slices.Compact(all)) != len(names) || scripts != len(names) || scripts < 17 {
		t.Errorf("%d scripts have %d names", scripts, len(names))
	}
}

// The guide names everything that an exchange can be for.
func TestTheGuideNamesEveryOperation(t *testing.T) {
	text, err := os.ReadFile("../deploy/monitoring/TRACING.md")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"read", "connection", "script", "other"}
	for _, name := range storage.Operations() {
		names = append(names, name)
	}
	_, row, _ := strings.Cut(string(text), "| `itsme_bridge.redis.operations` |")
	row, _, _ = strings.Cut(row, "\n")
	for _, name := range names {
		if !strings.Contains(row, "`"+name+"`") {
			t.Errorf("it does not name %s", name)
		}
	}
}
