package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv("MUTANTS"), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, ids string, out io.Writer) error {
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	thorough := flags.Bool("thorough", false, "where the named tests notice nothing, run all tests that may")
	write := flags.Bool("record", false, "run the rows that name no test, as -thorough, and write into each which test noticed")
	quick := flags.Bool("quick", false, "with -record: only the tests that probably notice")
	check := flags.Bool("check", false, "only compile all mistakes that lie in functions")
	seconds := flags.Int("timeout", 120, "seconds that the tests of one mistake may take")
	if err := flags.Parse(args); err != nil {
		return err
	}
	root, err := filepath.Abs(".")
	if err != nil {
		return err
	}
	rows, err := readTables(filepath.Join(root, "deploy/mutants/rows"))
	if err != nil {
		return err
	}
	if rows, err = selected(rows, ids); err != nil {
		return err
	}
	if *write {
		rows = slices.DeleteFunc(rows, func(r row) bool { return r.kills != nil })
	}
	scratch, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	b := &bench{root: root, scratch: scratch, built: map[string]string{}, seconds: *seconds, quick: *quick}
	if *check {
		return b.check(ctx, rows)
	}
	return b.all(ctx, rows, *thorough || *write, *write, out)
}

// selected are the rows whose ids are named, or all that are to be run.
func selected(rows []row, ids string) ([]row, error) {
	if ids == "" {
		return slices.DeleteFunc(rows, func(r row) bool { return r.equal != "" }), nil
	}
	var some []row
	for id := range strings.SplitSeq(ids, ",") {
		i := slices.IndexFunc(rows, func(r row) bool { return r.id == id })
		if i < 0 {
			return nil, fmt.Errorf("no row is called %s", id)
		}
		some = append(some, rows[i])
	}
	return some, nil
}

// all tries each row and prints what became of it.
func (b *bench) all(ctx context.Context, rows []row, thorough, write bool, out io.Writer) error {
	alone, err := b.prepare(rows)
	if err != nil {
		return err
	}
	counts := map[outcome]int{}
	bad := 0
	for _, r := range rows {
		isAlone := slices.ContainsFunc(alone, func(a row) bool { return a.id == r.id })
		v := b.try(ctx, r, isAlone, thorough)
		counts[v.outcome]++
		fmt.Fprintf(out, "%-6s %-9s %5.1f s CPU  %s %s  %s\n", r.id, v.outcome, v.cpu.Seconds(), v.by.home, v.by.test, v.detail)
		switch v.outcome {
		case killed:
		case otherTest:
			if !write {
				bad++
			} else if err := b.confirm(ctx, r, isAlone, v.by); err != nil {
				bad++
				fmt.Fprintf(out, "       %v\n", err)
			} else if err := record(r, v.by); err != nil {
				return err
			}
		default:
			bad++
		}
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
	}
	for _, o := range []outcome{killed, otherTest, timedOut, survived, untested, broken} {
		if counts[o] > 0 {
			fmt.Fprintf(out, "%4d %s\n", counts[o], o)
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d mistakes are not noticed as their rows say", bad, len(rows))
	}
	return nil
}
