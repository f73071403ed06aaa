package provider_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"itsme-bridge/provider"
	"itsme-bridge/storage/storagetest"
)

type secret struct{ Email string }

// A panic is a server_error to the world, and a type and a place to the log.
func TestPanic(t *testing.T) {
	const private = "lucas.maes@example.com"
	for _, row := range []struct {
		name  string
		value any
		told  string // in the log
	}{
		{"a string", private, "panic: string"},
		{"an error", errors.New(private), "panic: *errors.errorString"},
		{"a struct", secret{private}, "panic: provider_test.secret"},
		{"the runtime's own", nil, "panic: runtime error: index out of range [17] with length 0"},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBackchannel(t, storagetest.New(t))
			answer := b.serve(func(w http.ResponseWriter, _ *http.Request) error {
				if row.value == nil {
					_ = strings.Fields("")[len(row.name)]
				}
				panic(row.value)
			}, nil)
			answer.want(t, http.StatusInternalServerError, "server_error")
			log := b.log.String()
			if strings.Contains(answer.body+log, private) {
				t.Errorf("told the world or the log:\n%s\n%s", answer.body, log)
			}
			for _, want := range []string{row.told, "recovery_test.go:", `"status":500`, `"level":"ERROR"`} {
				if !strings.Contains(log, want) {
					t.Errorf("the log does not say %q:\n%s", want, log)
				}
			}
		})
	}
}

// A handler that had begun to answer is not interrupted by a second answer.
func TestPanicAfterTheAnswer(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	answer := b.serve(func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = w.Write([]byte("half an ans"))
		panic("x")
	}, nil)
	if answer.status != http.StatusOK || answer.body != "half an ans" {
		t.Errorf("%d %q", answer.status, answer.body)
	}
	if !strings.Contains(b.log.String(), "panic: string") {
		t.Error(b.log)
	}
}

// What panics while it tells of an error cannot panic a second time: net/http
// would write the value into its log.
func TestPanicWhileFailing(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	answer := b.serve(
		func(http.ResponseWriter, *http.Request) error { return provider.NewError(400, "invalid_request", "x") },
		func(http.ResponseWriter, *http.Request, *provider.Error) { panic("lucas.maes@example.com") },
	)
	if answer.status != http.StatusInternalServerError || strings.Contains(b.log.String(), "lucas") {
		t.Errorf("%d %s", answer.status, b.log)
	}
}

// http.ErrAbortHandler is how a handler cuts the connection.
func TestAbortHandler(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	defer func() {
		if lost, _ := recover().(error); !errors.Is(lost, http.ErrAbortHandler) {
			t.Errorf("recovered %v", lost)
		}
	}()
	b.serve(func(http.ResponseWriter, *http.Request) error { panic(fmt.Errorf("stop: %w", http.ErrAbortHandler)) }, nil)
	t.Error("the connection was not cut")
}

// What an error tells holds only the characters of RFC 6749 §5.2, wherever it is told.
func TestErrorDescriptionCharset(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	hostile := func(http.ResponseWriter, *http.Request) error {
		return provider.NewError(http.StatusBadRequest, "invalid_request", "a \"quote\", a \\, a\r\nSet-Cookie: x=y, \x00\x7f é, 100 %s {}[]~")
	}
	const want = "a quote, a , aSet-Cookie: x=y,  , 100 %s {}[]~"
	if got := b.serve(hostile, nil).text(t, "error_description"); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	got := b.serve(hostile, b.provider.FailBearer).header.Get("WWW-Authenticate")
	if want := `Bearer realm="` + b.issuer + `", error="invalid_request", error_description="` + want + `"`; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Whatever is no Error of ours says nothing to the world.
func TestUnknownErrorSaysNothing(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	answer := b.serve(func(http.ResponseWriter, *http.Request) error { return errors.New("redis at 10.0.0.1: lucas") }, nil)
	answer.want(t, http.StatusInternalServerError, "server_error")
	if strings.Contains(answer.body, "lucas") || answer.header.Get("Cache-Control") != "no-store" {
		t.Error(answer)
	}
}

func (b *backchannel) serve(
	h func(http.ResponseWriter, *http.Request) error, fail func(http.ResponseWriter, *http.Request, *provider.Error),
) reply {
	b.t.Helper()
	w := httptest.NewRecorder()
	b.provider.Serve(h, fail).ServeHTTP(w, httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, "/test", nil))
	return reply{w.Code, w.Header(), w.Body.String()}
}
