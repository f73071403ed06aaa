//go:build products

package e2e

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait for a process. A Java server on a busy machine needs its time.
const patience = 3 * time.Minute

// Process is a program that runs, with all that it starts.
type Process struct {
	name     string
	command  *exec.Cmd
	keeper   io.Closer // closed by our end, however that comes: it ends the program
	exited   chan struct{}
	mu       sync.Mutex
	said     strings.Builder
	grown    chan struct{} // closed when more has been said
	t        testing.TB    // nil: it belongs to no test
	deadline time.Duration
}

// Run runs a program until the test ends. What it says is shown where the test fails.
func Run(t testing.TB, name string, command *exec.Cmd) *Process {
	t.Helper()
	p, err := Launch(name, command)
	if err != nil {
		t.Fatal(err)
	}
	p.t = t
	t.Cleanup(func() {
		p.End()
		if t.Failed() {
			t.Logf("what %s said:\n%s", name, tail(p.Said(), 200))
		}
	})
	return p
}

// Launch runs a program that several tests share. Whoever launches it calls End.
func Launch(name string, command *exec.Cmd) (*Process, error) {
	p := &Process{name: name, command: command, exited: make(chan struct{}), grown: make(chan struct{}), deadline: patience}
	command.Stdout, command.Stderr = p, p
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that what it starts ends with it
	command.WaitDelay = 5 * time.Second                       // for a child that keeps the output open
	if err := p.begin(); err != nil {
		return nil, fmt.Errorf("e2e: %s: %w", name, err)
	}
	go func() {
		_ = command.Wait()
		close(p.exited)
	}()
	return p, nil
}

// begin starts the program once its keeper stands: until then a shell waits in its place,
// and ends with us.
func (p *Process) begin() error {
	waits, word, err := os.Pipe()
	if err != nil {
		return err
	}
	defer waits.Close()
	defer word.Close()
	const script = `read -r word <&3 && exec 3<&- && exec "$@"`
	p.command.Args = append([]string{"sh", "-c", script, "sh", p.command.Path}, p.command.Args[1:]...)
	p.command.Path = "/bin/sh"
	p.command.ExtraFiles = []*os.File{waits} // the shell's 3
	if err := p.command.Start(); err != nil {
		return err
	}
	p.keeper, err = keep(p.command.Process.Pid)
	if err == nil {
		_, err = io.WriteString(word, "begin\n")
	}
	if err != nil {
		p.signal(syscall.SIGKILL)
		_ = p.command.Wait()
	}
	return err
}

// keep ends a group of processes when what it returns is closed, be it by the death of this process.
func keep(group int) (io.Closer, error) {
	const script = `read -r word; [ "$word" = ended ] || kill -s KILL -- "-$1"`
	keeper := exec.CommandContext(context.Background(), "sh", "-c", script, "sh", strconv.Itoa(group))
	keeper.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // not ended by what ends us
	input, err := keeper.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := keeper.Start(); err != nil {
		return nil, err
	}
	return release{input, keeper}, nil
}

// release lets a keeper go without a deed: what it keeps has ended.
type release struct {
	input  io.WriteCloser
	keeper *exec.Cmd
}

func (r release) Close() error {
	_, _ = io.WriteString(r.input, "ended\n")
	_ = r.input.Close()
	return r.keeper.Wait()
}

// Write takes what the program says.
func (p *Process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.grown)
	p.grown = make(chan struct{})
	return p.said.Write(b)
}

// Said is all that the program has said.
func (p *Process) Said() string {
	said, _ := p.sofar()
	return said
}

func (p *Process) sofar() (string, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String(), p.grown
}

// End ends the program: by asking, and where that does not help by force.
func (p *Process) End() {
	p.signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(15 * time.Second):
	}
	p.signal(syscall.SIGKILL) // what it has started and left behind
	<-p.exited
	_ = p.keeper.Close()
}

// Stop asks the program to end, and fails unless it has done so by itself, and well, in time.
func (p *Process) Stop(within time.Duration) error {
	p.signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(within):
		return fmt.Errorf("e2e: %s has not ended within %s:\n%s", p.name, within, tail(p.Said(), 20))
	}
	if code := p.command.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("e2e: %s ended with %d:\n%s", p.name, code, tail(p.Said(), 20))
	}
	return nil
}

// Signal sends the program a signal.
func (p *Process) Signal(s syscall.Signal) error { return syscall.Kill(-p.command.Process.Pid, s) }

func (p *Process) signal(s syscall.Signal) { _ = syscall.Kill(-p.command.Process.Pid, s) }

// Until waits until the program answers at a URL, with whatever is no server's error.
func (p *Process) Until(url string) {
	if p.t != nil {
		p.t.Helper()
	}
	p.must(p.Answers(url))
}

// Answers is Until for a program that belongs to no test.
func (p *Process) Answers(url string) error {
	deadline := time.After(p.deadline)
	client := &http.Client{
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	for {
		if response, err := client.Get(url); err == nil {
			_ = response.Body.Close()
			if response.StatusCode < http.StatusInternalServerError {
				return nil
			}
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-p.exited:
			return fmt.Errorf("e2e: %s ended before it answered at %s:\n%s", p.name, url, tail(p.Said(), 50))
		case <-deadline:
			return fmt.Errorf("e2e: %s does not answer at %s:\n%s", p.name, url, tail(p.Said(), 50))
		}
	}
}

// Await waits until the program has said something so many times.
func (p *Process) Await(text string, times int) {
	p.t.Helper()
	deadline := time.After(p.deadline)
	for {
		said, grown := p.sofar()
		if strings.Count(said, text) >= times {
			return
		}
		select {
		case <-grown:
		case <-p.exited:
			p.t.Fatalf("e2e: %s ended without saying %q:\n%s", p.name, text, tail(p.Said(), 50))
		case <-deadline:
			p.t.Fatalf("e2e: %s does not say %q:\n%s", p.name, text, tail(p.Said(), 50))
		}
	}
}

func (p *Process) must(err error) {
	if err != nil {
		p.t.Helper()
		p.t.Fatal(err)
	}
}

// Port is a port on loopback that nobody has.
func Port(t testing.TB) string {
	t.Helper()
	port, err := FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// FreePort is Port for what belongs to no test.
func FreePort() (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("e2e: %w", err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	_ = listener.Close()
	return port, err
}

// tail is the last lines of a text.
func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// ci reports whether what is missing is a failure.
func ci() bool { return os.Getenv("CI") == "true" }

// PID is the number that the system has for the program.
func (p *Process) PID() int { return p.command.Process.Pid }
