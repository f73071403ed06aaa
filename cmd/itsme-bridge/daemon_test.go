package main_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// name is what the test binary is called when it is the command.
const name = "itsme-bridge"

// patience bounds every wait of these tests.
const patience = 30 * time.Second

// daemon is the binary in the background.
type daemon struct {
	command *exec.Cmd
	lines   chan string // of what it prints
	said    strings.Builder
	ended   chan error
}

// begin starts the binary. Whoever starts it kills it.
func begin(folder string, environment []string, args ...string) (*daemon, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return beginOf(self, folder, environment, args...)
}

// beginOf is begin for another binary.
func beginOf(binary, folder string, environment []string, args ...string) (*daemon, error) {
	d := &daemon{lines: make(chan string, 10_000), ended: make(chan error, 1)}
	d.command = exec.CommandContext(context.Background(), binary)
	d.command.Args = append([]string{name}, args...)
	d.command.Dir, d.command.Env = folder, environment
	out, err := d.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	d.command.Stderr = d.command.Stdout
	if err := d.command.Start(); err != nil {
		return nil, err
	}
	go d.read(out)
	return d, nil
}

func (d *daemon) read(out io.Reader) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		d.lines <- lines.Text()
	}
	close(d.lines)
	d.ended <- d.command.Wait()
	close(d.ended)
}

// await waits for a line that holds a text. Lines before it are gone.
func (d *daemon) await(text string) error {
	deadline := time.After(patience)
	for {
		select {
		case line, ok := <-d.lines:
			if !ok {
				return fmt.Errorf("it ended without saying %q:\n%s", text, d.said.String())
			}
			d.said.WriteString(line + "\n")
			if strings.Contains(line, text) {
				return nil
			}
		case <-deadline:
			return fmt.Errorf("it does not say %q:\n%s", text, d.said.String())
		}
	}
}

// exit waits for its end and returns the exit code.
func (d *daemon) exit() (int, error) {
	select {
	case err := <-d.ended:
		if failed, ok := errors.AsType[*exec.ExitError](err); ok {
			return failed.ExitCode(), nil
		}
		return 0, err
	case <-time.After(patience):
		return 0, fmt.Errorf("it does not end:\n%s", d.said.String())
	}
}

func (d *daemon) signal(s syscall.Signal) error { return d.command.Process.Signal(s) }

// kill ends it, if it has not ended.
func (d *daemon) kill() {
	_ = d.command.Process.Kill()
	<-d.ended
}
