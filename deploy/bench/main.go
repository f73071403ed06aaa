package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) > 1 && os.Args[1] == floorCommand {
		fail(serveFloor(ctx, os.Args[2:]))
		return
	}
	logins := flag.Int("logins", 1000, "logins of each round")
	rounds := flag.Int("rounds", 5, "rounds, each of the bridge and then of the floor")
	seconds := flag.Int("seconds", 10, "how long the bridge is held at half load, and as long at four fifths")
	dex := flag.String("dex", "", "a binary of Dex to measure beside the bridge; deploy/tools/e2e-dex makes one, and says where")
	binary := flag.String("binary", "", "a binary of itsme-bridge to measure, of an earlier version perhaps; this tree's unless said")
	record := flag.Bool("record", false, "add the table to deploy/BENCHMARKS.md")
	flag.Parse()
	if *logins < 1 || *rounds < 1 || *seconds < 1 {
		fail(errors.New("-logins, -rounds and -seconds are at least 1"))
	}
	fail(run(ctx, effort{*logins, *rounds, time.Duration(*seconds) * time.Second}, *binary, *dex, *record, os.Stdout))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// effort is how much is measured.
type effort struct {
	logins, rounds int
	held           time.Duration
}

func run(ctx context.Context, e effort, binary, dex string, record bool, out io.Writer) error {
	scratch, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	if binary == "" {
		if binary, err = build(ctx, scratch); err != nil {
			return err
		}
	}
	var columns []column
	for _, alg := range []string{"RS256", "ES256"} {
		c, err := measure(ctx, world{folder: filepath.Join(scratch, alg), binary: binary, alg: alg}, dex, e)
		if err != nil {
			return fmt.Errorf("%s: %w", alg, err)
		}
		columns = append(columns, c)
	}
	text := table(columns)
	_, _ = io.WriteString(out, text)
	if record {
		return keep(ctx, text)
	}
	return nil
}

// build builds this tree's binary.
func build(ctx context.Context, folder string) (string, error) {
	file := filepath.Join(folder, "itsme-bridge")
	said, err := exec.CommandContext(ctx, "go", "build", "-o", file, "itsme-bridge/cmd/itsme-bridge").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, said)
	}
	return file, nil
}

// keep adds the table to the page of all tables.
func keep(ctx context.Context, text string) error {
	commit, err := exec.CommandContext(ctx, "git", "log", "-1", "--format=%cs, %h").Output()
	if err != nil {
		return fmt.Errorf("git log: %w", err)
	}
	const page = "deploy/BENCHMARKS.md"
	had, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	head, rest, found := strings.Cut(string(had), newest)
	if !found {
		return fmt.Errorf("%s has no line %q", page, newest)
	}
	return os.WriteFile(page, []byte(head+newest+"\n### "+strings.TrimSpace(string(commit))+"\n\n"+text+rest), 0o644)
}

// newest is the line of the page behind which the newest table goes.
const newest = "<!-- newest first -->\n"
