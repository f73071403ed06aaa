package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// An outcome is what became of a mistake.
type outcome string

const (
	killed    outcome = "killed"
	timedOut  outcome = "killed by the timeout"
	survived  outcome = "survived"
	untested  outcome = "names no test"
	otherTest outcome = "killed by another test than the row names"
	broken    outcome = "does not build"
)

// A verdict is an outcome with the test that noticed.
type verdict struct {
	outcome outcome
	by      kill
	detail  string
	cpu     time.Duration // of the tests
}

// try makes one mistake, and runs the tests that its row names, one package after the other; thorough: then all that may notice.
func (b *bench) try(ctx context.Context, r row, alone, thorough bool) verdict {
	for _, k := range r.kills {
		if v := b.test(ctx, r, alone, k.home, "^("+k.test+")$"); v.outcome != survived {
			return v
		}
	}
	if !thorough {
		if r.kills == nil {
			return verdict{outcome: untested}
		}
		return verdict{outcome: survived}
	}
	for _, some := range b.suspects(r.file) {
		v := b.test(ctx, r, alone, some.home, some.test)
		if v.outcome == killed {
			v.outcome = otherTest
		}
		if v.outcome != survived {
			return v
		}
	}
	return verdict{outcome: survived}
}

// suspects are the packages and patterns of the tests that may notice a mistake in a file, in the order to try them.
func (b *bench) suspects(file string) []kill {
	var all []kill
	for _, home := range b.homes(file) {
		if pattern := b.likely(home, file); pattern != "" {
			all = append(all, kill{home, pattern})
		}
		if !b.quick || home != "provider" && home != "cmd/internal/app" || home == path.Dir(file) {
			all = append(all, kill{home, "."})
		}
	}
	return all
}

var firstFailure = regexp.MustCompile(`(?m)^\s*--- FAIL: (\w+)`)

// test runs tests of one package with the mistake.
func (b *bench) test(ctx context.Context, r row, alone bool, home, pattern string) verdict {
	binary, err := b.binaryFor(ctx, r, alone, home)
	if err != nil {
		return verdict{outcome: broken, detail: err.Error()}
	}
	limit := time.Duration(b.seconds) * time.Second
	bounded, cancel := context.WithTimeout(ctx, limit+5*time.Second)
	defer cancel()
	run := exec.CommandContext(bounded, binary, "-test.short", "-test.failfast", "-test.run", pattern, "-test.timeout", limit.String())
	run.Dir = filepath.Join(b.root, home)
	run.Env = append(os.Environ(), "MUTANT="+r.id)
	run.WaitDelay = 5 * time.Second
	out, err := run.CombinedOutput()
	if errors.Is(ctx.Err(), context.Canceled) {
		return verdict{outcome: broken, detail: "interrupted"}
	}
	v := judge(home, string(out), err)
	if run.ProcessState != nil {
		v.cpu = run.ProcessState.UserTime() + run.ProcessState.SystemTime()
	}
	return v
}

// confirm runs the test that has noticed a mistake once more, alone, with the mistake and without.
func (b *bench) confirm(ctx context.Context, r row, alone bool, by kill) error {
	if v := b.test(ctx, r, alone, by.home, "^"+by.test+"$"); v.outcome != killed {
		return fmt.Errorf("%s: alone, %s says: %s", r.id, by.test, v.outcome)
	}
	right := row{file: r.file, old: r.old, new: r.old}
	if v := b.test(ctx, right, alone, by.home, "^"+by.test+"$"); v.outcome != survived {
		return fmt.Errorf("%s: without the mistake, %s says: %s", r.id, by.test, v.outcome)
	}
	return nil
}

func (b *bench) binaryFor(ctx context.Context, r row, alone bool, home string) (string, error) {
	if alone {
		return b.binaryAlone(ctx, home, r)
	}
	return b.binary(ctx, home)
}

// judge reads what the tests printed.
func judge(home, out string, err error) verdict {
	switch {
	case err == nil && strings.Contains(out, "no tests to run"):
		return verdict{outcome: broken, detail: home + " has no such test"}
	case err == nil:
		return verdict{outcome: survived}
	case strings.Contains(out, "panic: test timed out"):
		return verdict{outcome: timedOut, by: kill{home, runningTest(out)}}
	}
	if failed := firstFailure.FindStringSubmatch(out); failed != nil {
		return verdict{outcome: killed, by: kill{home, failed[1]}}
	}
	return verdict{outcome: broken, detail: fmt.Sprintf("%v: %s", err, strings.TrimSpace(out[:min(len(out), 400)]))}
}

var running = regexp.MustCompile(`(?m)^\t+(Test\w+)[/ ]`)

func runningTest(out string) string {
	if found := running.FindStringSubmatch(out); found != nil {
		return found[1]
	}
	return ""
}
