package edge_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/provider/edge"
)

// slowLog is a log that takes its time.
type slowLog struct{ bytes.Buffer }

func (l *slowLog) Write(line []byte) (int, error) {
	time.Sleep(20 * time.Millisecond)
	return l.Buffer.Write(line)
}

// Whoever waits for what goes on after its request, a server that stops, waits for its line too.
func TestWhatGoesOnIsWaitedForWithItsLine(t *testing.T) {
	issuer, err := edge.NewIssuer("https://login.example")
	if err != nil {
		t.Fatal(err)
	}
	log := new(slowLog)
	x, err := edge.New(issuer, slog.New(slog.NewJSONHandler(log, nil)), nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	answered := make(chan struct{})
	x.Logged("/test", func(w http.ResponseWriter, r *http.Request) error {
		_, done := edge.Apart(r, 0, &running, func(context.Context) error {
			<-answered
			return nil
		})
		if done {
			t.Error("it was waited for")
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}, x.FailJSON)(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/test", nil))
	close(answered)
	running.Wait()
	if !strings.Contains(log.String(), "finished after the request") {
		t.Errorf("the log says %s", log)
	}
}
