package main

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// A login that hangs keeps no other one from beginning: people do not wait for each other.
func TestLoginsBeginWhateverBecomesOfThoseBefore(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux says what a process costs")
	}
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	me := &process{&exec.Cmd{Process: self}}
	const logins = 100
	var begun, ended atomic.Int64
	all := make(chan struct{})
	s := &subject{
		processes: []*process{me},
		counts:    func(context.Context) (counts, error) { return counts{}, nil },
		step: func(_ context.Context, _ *subject, _ *login, step int) error {
			if step == authorize && begun.Add(1) == logins {
				close(all)
			}
			<-all // nobody goes on before everybody has begun
			if step == userinfo {
				ended.Add(1)
			}
			return nil
		},
	}
	l, err := hold(t.Context(), s, me, 1000, logins*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if l.logins != logins || l.failed != 0 || ended.Load() != logins || l.median <= 0 || l.worst < l.median {
		t.Errorf("%+v, %d ended", l, ended.Load())
	}
}
