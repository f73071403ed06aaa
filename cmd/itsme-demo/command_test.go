package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	demo "itsme-bridge/cmd/itsme-demo"
	"itsme-bridge/itsme/sandbox"
)

// asCommand makes this test binary the command itself. If it is attended, it
// ends with the test that holds its stdin, even with one that panics.
const (
	asCommand = "ITSME_DEMO_AS_COMMAND"
	attended  = "attended"
)

func TestMain(m *testing.M) {
	switch os.Getenv(asCommand) {
	case "":
	case attended:
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(3)
		}()
		fallthrough
	default:
		demo.Main()
		return
	}
	code := m.Run()
	for _, end := range atEnd {
		end()
	}
	os.Exit(code)
}

// atEnd is what is to be done when all tests have run.
var atEnd []func()

// command is the command with its arguments, in a process of its own.
func command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, os.Args[0], args...)
	c.Env = append(os.Environ(), asCommand+"=1")
	return c
}

// process is a demo that runs.
type process struct {
	t           *testing.T
	command     *exec.Cmd
	application string
	issuer      string
	simulator   string

	mu     sync.Mutex
	output strings.Builder // of stdout, as a person sees it
	errors journal
	ended  chan error
}

// journal is stderr, and can be waited for.
type journal struct {
	mu    sync.Mutex
	text  bytes.Buffer
	grown chan struct{}
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.grown != nil {
		close(j.grown)
		j.grown = nil
	}
	return j.text.Write(b)
}

func (j *journal) String() string {
	text, _ := j.sofar()
	return text
}

// sofar is what has been written, and what is closed when there is more.
func (j *journal) sofar() (string, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.grown == nil {
		j.grown = make(chan struct{})
	}
	return j.text.String(), j.grown
}

// logs waits until so many requests of a route stand in the log (--verbose), and is the log.
func (p *process) logs(route string, want int) string {
	p.t.Helper()
	timeout := time.After(30 * time.Second)
	for {
		text, grown := p.errors.sofar()
		if strings.Count(text, route) >= want {
			return text
		}
		select {
		case <-grown:
		case <-timeout:
			p.t.Fatalf("%s stands %d times in the log, want %d:\n%s", route, strings.Count(text, route), want, text)
			return ""
		}
	}
}

// started runs the demo on free ports until the test ends, and waits until it is ready.
func started(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, command: command(context.Background(), append([]string{"--port", "0"}, args...)...), ended: make(chan error, 1)}
	p.command.Stderr = &p.errors
	p.command.Env = append(p.command.Env, asCommand+"="+attended)
	if _, err := p.command.StdinPipe(); err != nil { // closed when it has ended
		t.Fatal(err)
	}
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{})
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			p.line(lines.Text())
			if lines.Text() == "ready" {
				close(ready)
			}
		}
		p.ended <- p.command.Wait()
	}()
	t.Cleanup(p.stop)
	select {
	case <-ready:
	case err := <-p.ended:
		p.ended <- err
		t.Fatalf("the demo ended: %v\n%s%s", err, p.said(), p.errors.String())
	case <-time.After(time.Minute):
		t.Fatalf("the demo is not ready after a minute:\n%s", p.said())
	}
	return p
}

// line reads what is printed, as a person does.
func (p *process) line(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.output.WriteString(text + "\n")
	words := strings.Fields(text)
	if len(words) < 2 || !strings.HasPrefix(words[1], "http://") {
		return
	}
	switch words[0] {
	case "application":
		p.application = words[1]
	case "bridge":
		p.issuer = words[1]
	case "simulator":
		p.simulator = words[1]
	}
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.String()
}

// stop ends the demo as a person does, and sees that it went well.
func (p *process) stop() {
	_ = p.command.Process.Signal(os.Interrupt) // it may have ended already
	select {
	case err := <-p.ended:
		if err != nil {
			p.t.Errorf("the demo ended with %v\n%s", err, p.errors.String())
		}
	case <-time.After(20 * time.Second):
		_ = p.command.Process.Kill()
		p.t.Errorf("the demo did not stop:\n%s", p.said())
	}
}

// transactions are what CM has seen.
func (p *process) transactions() []sandbox.Transaction {
	p.t.Helper()
	response, err := http.Get(p.simulator + "/control/transactions")
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	var all []sandbox.Transaction
	if err := json.NewDecoder(response.Body).Decode(&all); err != nil {
		p.t.Fatal(err)
	}
	return all
}

// only is the one transaction that CM has seen.
func (p *process) only() sandbox.Transaction {
	p.t.Helper()
	all := p.transactions()
	if len(all) != 1 {
		p.t.Fatalf("CM has seen %d transactions, want 1: %+v", len(all), all)
	}
	return all[0]
}

// next tells CM what happens to the next transaction.
func (p *process) next(script string) {
	p.t.Helper()
	response, err := http.Post(p.simulator+"/control/next", "application/json", strings.NewReader(script))
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusNoContent {
		p.t.Fatalf("control/next: %s", response.Status)
	}
}
