package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// process is a program that runs.
type process struct{ command *exec.Cmd }

// start starts a program with one core, whose complaints we want to read.
func start(ctx context.Context, name string, args ...string) (*process, error) {
	return startSaying(ctx, os.Stderr, name, args...)
}

// startSaying starts a program with one core, and without a profile of what it allocates, which would be asked for with what
// that is. What it says on standard error goes to a writer.
func startSaying(ctx context.Context, complaints io.Writer, name string, args ...string) (*process, error) {
	command := exec.CommandContext(ctx, name, args...)
	command.Env = append(os.Environ(), "GOMAXPROCS=1", "GODEBUG=memprofilerate=0")
	command.Stdout, command.Stderr = io.Discard, complaints
	if err := command.Start(); err != nil {
		return nil, err
	}
	return &process{command}, nil
}

// end ends it, and waits for that.
func (p *process) end() {
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
}

// cpu is what its threads have had of a processor.
func (p *process) cpu() (time.Duration, error) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.command.Process.Pid))
	if err == nil && len(tasks) == 0 {
		err = errors.New("the kernel does not say what a process costs")
	}
	if err != nil {
		return 0, err
	}
	var sum time.Duration
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if err != nil {
			return 0, err
		}
		first, _, _ := strings.Cut(string(text), " ")
		nanoseconds, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(nanoseconds)
	}
	return sum, nil
}

// memory is how many bytes it has in memory.
func (p *process) memory() (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(text), "\nVmRSS:")
	figure, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	kilobytes, err := strconv.ParseInt(figure, 10, 64)
	return kilobytes << 10, err
}

// answers waits until an address answers 200, and returns how long that took.
func answers(ctx context.Context, address string) (time.Duration, error) {
	began := time.Now()
	for time.Since(began) < 30*time.Second {
		if _, err := get(ctx, address); err == nil {
			return time.Since(began), nil
		}
		time.Sleep(time.Millisecond)
	}
	return 0, fmt.Errorf("%s does not answer", address)
}

// get is the body of an answer with 200.
func get(ctx context.Context, address string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", address, response.Status)
	}
	return string(body), err
}

// freeAddress is one of loopback that nobody listens on.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String(), nil
}

// startRedis starts a redis-server that writes nothing.
func startRedis(ctx context.Context, folder string) (*process, string, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, "", err
	}
	_, port, _ := net.SplitHostPort(address)
	p, err := start(ctx, "redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", folder, "--loglevel", "warning")
	if err != nil {
		return nil, "", err
	}
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		connection, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			_ = connection.Close()
			return p, address, nil
		}
		if time.Since(began) > 10*time.Second {
			p.end()
			return nil, "", fmt.Errorf("redis-server: %w", err)
		}
	}
}
