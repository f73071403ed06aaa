package edge_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
)

// bench is an edge, and what it writes into the log.
type bench struct {
	t      *testing.T
	edge   *edge.Edge
	issuer string
	log    *bytes.Buffer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, issuer: "https://login.example/some/path", log: new(bytes.Buffer)}
	issuer, err := edge.NewIssuer(b.issuer)
	if err != nil {
		t.Fatal(err)
	}
	if b.edge, err = edge.New(issuer, slog.New(slog.NewJSONHandler(b.log, nil)), nil, time.Now); err != nil {
		t.Fatal(err)
	}
	return b
}

// serve runs a handler as the routes do; fail is nil for FailJSON.
func (b *bench) serve(h edge.Handler, fail edge.Failure) reply {
	b.t.Helper()
	if fail == nil {
		fail = b.edge.FailJSON
	}
	w := httptest.NewRecorder()
	b.edge.Logged("/test", h, fail)(w, httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, "/test", nil))
	return reply{w.Code, w.Header(), w.Body.String()}
}

// reply is an answer.
type reply struct {
	status int
	header http.Header
	body   string
}

// text is a member of the JSON object in the body.
func (r reply) text(name string) string {
	var object map[string]string
	_ = json.Unmarshal([]byte(r.body), &object)
	return object[name]
}

func (r reply) want(t *testing.T, status int, code string) {
	t.Helper()
	if r.status != status || r.text("error") != code {
		t.Errorf("%d %s, want %d %s", r.status, r.body, status, code)
	}
}

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
		{"a struct", secret{private}, "panic: edge_test.secret"},
		{"the runtime's own", nil, "panic: runtime error: index out of range [17] with length 0"},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t)
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
	b := newBench(t)
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
	b := newBench(t)
	answer := b.serve(
		func(http.ResponseWriter, *http.Request) error { return oauth.Fail(400, "invalid_request", "x") },
		func(http.ResponseWriter, *http.Request, *oauth.Error) { panic("lucas.maes@example.com") },
	)
	if answer.status != http.StatusInternalServerError || strings.Contains(b.log.String(), "lucas") {
		t.Errorf("%d %s", answer.status, b.log)
	}
}

// http.ErrAbortHandler is how a handler cuts the connection.
func TestAbortHandler(t *testing.T) {
	b := newBench(t)
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
	b := newBench(t)
	hostile := func(http.ResponseWriter, *http.Request) error {
		return oauth.Fail(http.StatusBadRequest, "invalid_request", "a \"quote\", a \\, a\r\nSet-Cookie: x=y, \x00\x7f é, 100 %s {}[]~")
	}
	const want = "a quote, a , aSet-Cookie: x=y,  , 100 %s {}[]~"
	if got := b.serve(hostile, nil).text("error_description"); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	got := b.serve(hostile, b.edge.FailBearer).header.Get("WWW-Authenticate")
	if want := `Bearer realm="` + b.issuer + `", error="invalid_request", error_description="` + want + `"`; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Whatever is no Error of ours says nothing to the world.
func TestUnknownErrorSaysNothing(t *testing.T) {
	b := newBench(t)
	answer := b.serve(func(http.ResponseWriter, *http.Request) error { return errors.New("redis at 10.0.0.1: lucas") }, nil)
	answer.want(t, http.StatusInternalServerError, "server_error")
	if strings.Contains(answer.body, "lucas") || answer.header.Get("Cache-Control") != "no-store" {
		t.Error(answer)
	}
}
