package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"itsme-bridge/provider/audit"
)

func now() time.Time { return time.Date(2026, 11, 28, 23, 0, 0, 0, time.FixedZone("CET", 3600)) }

// outcomes counts what became of events.
type outcomes struct{ written, lost atomic.Int64 }

func (o *outcomes) wrote(err error) {
	if err != nil {
		o.lost.Add(1)
		return
	}
	o.written.Add(1)
}

func TestALine(t *testing.T) {
	var to bytes.Buffer
	var o outcomes
	l := audit.New(&to, now, o.wrote)
	l.Write(audit.Event{Name: audit.LoginEnded, Client: "app", Login: "ABC", Outcome: "success", Attempts: 2, Duration: 1500 * time.Millisecond})
	l.Write(audit.Event{Name: audit.LoginEnded, Outcome: "session"})
	l.Write(audit.Event{Name: audit.KeyChanged, KeyID: "k", Algorithm: "RS256", State: "current", Was: "next"})
	l.Write(audit.Event{Name: audit.LoginsRevoked, NotBefore: now()})
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := `{"time":"2026-11-28T22:00:00Z","stream":"audit","version":1,"event":"login_ended","client":"app","login":"ABC","outcome":"success","attempts":2,"duration_ms":1500}
{"time":"2026-11-28T22:00:00Z","stream":"audit","version":1,"event":"login_ended","outcome":"session","duration_ms":0}
{"time":"2026-11-28T22:00:00Z","stream":"audit","version":1,"event":"key_changed","kid":"k","alg":"RS256","state":"current","was":"next"}
{"time":"2026-11-28T22:00:00Z","stream":"audit","version":1,"event":"logins_revoked","not_before":"2026-11-28T23:00:00+01:00"}
`
	if to.String() != want {
		t.Errorf("got\n%s\nwant\n%s", to.String(), want)
	}
	if o.written.Load() != 4 || o.lost.Load() != 0 {
		t.Errorf("%d written, %d lost", o.written.Load(), o.lost.Load())
	}
}

// Without a stream nothing is written, and nothing is in the way.
func TestNoLog(t *testing.T) {
	var l *audit.Log
	l.Write(audit.Event{Name: audit.Refused})
	if err := l.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if n := testing.AllocsPerRun(100, func() { l.Write(audit.Event{Name: audit.Refused, Reason: "x"}) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// stuck is a stream that takes nothing until it is let go.
type stuck struct {
	further chan struct{}
	lines   atomic.Int64
}

func (s *stuck) Write(b []byte) (int, error) {
	<-s.further
	s.lines.Add(1)
	return len(b), nil
}

// A stream that hangs keeps nobody waiting; what has no place any more is lost, and that is told.
func TestAStreamThatHangs(t *testing.T) {
	s := &stuck{further: make(chan struct{})}
	var o outcomes
	l := audit.New(s, now, o.wrote)
	const many = 5000
	began := time.Now()
	for range many {
		l.Write(audit.Event{Name: audit.Refused})
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	if o.lost.Load() == 0 {
		t.Error("nothing was lost, and nobody reads")
	}
	soon, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := l.Close(soon); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Close: %v", err)
	}
	close(s.further)
	if err := l.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if written := o.written.Load(); written != s.lines.Load() || written+o.lost.Load() != many {
		t.Errorf("%d written, %d lost of %d", written, o.lost.Load(), many)
	}
}

// Refusals, which strangers make, leave room for everything else.
func TestRefusalsLeaveRoom(t *testing.T) {
	s := &stuck{further: make(chan struct{})}
	var o outcomes
	l := audit.New(s, now, o.wrote)
	for range 4000 {
		l.Write(audit.Event{Name: audit.Refused})
	}
	before := o.lost.Load()
	for range 1000 {
		l.Write(audit.Event{Name: audit.LoginEnded})
	}
	if before == 0 || o.lost.Load() != before {
		t.Errorf("%d refusals were lost, and %d ends of logins", before, o.lost.Load()-before)
	}
	close(s.further)
	if err := l.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// Lines of several goroutines stay whole.
func TestLinesStayWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit")
	file := open(t, path)
	var o outcomes
	l := audit.New(file, now, o.wrote)
	var writing sync.WaitGroup
	for range 8 {
		writing.Go(func() {
			for range 100 {
				l.Write(audit.Event{Name: audit.Refused, Reason: strings.Repeat("r", 300)})
			}
		})
	}
	writing.Wait()
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(whole(t, path)); n != 800 {
		t.Errorf("%d lines", n)
	}
}

func open(t *testing.T, path string) *audit.File {
	t.Helper()
	file, err := audit.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

// whole are the lines of a file, each of which must be JSON.
func whole(t *testing.T, path string) (lines []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if !json.Valid([]byte(line)) {
			t.Errorf("%q", line)
		}
		lines = append(lines, line)
	}
	return lines
}

// A file is its owner's alone, and is added to; moved away and opened anew, as logrotate
// does, it begins again.
func TestAFileThatIsMovedAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit")
	if err := os.WriteFile(path, []byte("{\"old\":1}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := open(t, path)
	put := func(text string) {
		t.Helper()
		if _, err := file.Write([]byte(text + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	put("1")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	put("2") // it goes where the file went
	if err := file.Reopen(); err != nil {
		t.Fatal(err)
	}
	put("3")
	if got := strings.Join(whole(t, path+".1"), ""); got != "{\"old\":1}\n1\n2\n" {
		t.Errorf("%q", got)
	}
	if got := strings.Join(whole(t, path), ""); got != "3\n" {
		t.Errorf("%q", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := file.Reopen(); err == nil {
		t.Error("a folder was opened")
	}
	put("4") // what was open stays so
}
