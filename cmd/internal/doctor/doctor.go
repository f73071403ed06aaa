package doctor

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"itsme-bridge/cmd/internal/config"
)

// The time that is taken. Checks run side by side; what several wait for counts for each.
const (
	patience = 15 * time.Second // for one check
	grace    = time.Second      // for one that does not heed it
	whole    = 50 * time.Second // for all
	turns    = 12               // checks at a time
)

// Options say what to look at, and as whom.
type Options struct {
	File        string
	Environment func(string) (string, bool)
	Now         func() time.Time
	Version     string // of this program
	Transaction bool   // start a transaction at CM, which may be billed
	Only        []string

	Roots *x509.CertPool // whose certificates of the issuer are accepted; nil: the system's
	// Lookup asks for the addresses of a name; nil: the system is asked.
	Lookup func(ctx context.Context, host string) ([]string, error)
	// Dial connects to the issuer; nil: as usual.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Report is what came of all checks.
type Report struct {
	Result string    `json:"result"` // fine, wrong, not_checked
	File   string    `json:"file"`
	Checks []Finding `json:"checks"`
}

// Count is how many findings have a verdict.
func (r Report) Count(v Verdict) (n int) {
	for _, f := range r.Checks {
		if f.Verdict == v {
			n++
		}
	}
	return n
}

// ErrNoSuchCheck says that nothing begins with the name of a check.
var ErrNoSuchCheck = errors.New("there is no such check")

// Run looks at everything. The error says that it was wrongly asked.
func Run(ctx context.Context, o Options) (Report, error) {
	checks := slices.DeleteFunc(table(), func(c check) bool { return !wanted(c.id, o.Only) })
	for _, name := range o.Only {
		if !slices.ContainsFunc(checks, func(c check) bool { return wanted(c.id, []string{name}) }) {
			return Report{}, fmt.Errorf("%w: %q; deploy/DOCTOR.md lists them", ErrNoSuchCheck, name)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, whole)
	defer cancel()
	settings, err := config.Load(o.File, o.Environment)
	if err != nil {
		return report(o.File, unread(err)), nil
	}
	p := newPatient(ctx, o, settings)
	defer p.close()
	return report(o.File, p.examine(ctx, checks)), nil
}

// wanted reports whether a check is one that was asked for, by its id or the beginning of it.
func wanted(id string, only []string) bool {
	return len(only) == 0 || slices.ContainsFunc(only, func(name string) bool { return id == name || strings.HasPrefix(id, name+".") })
}

// examine runs the checks side by side, and gives what they say in their order.
func (p *patient) examine(ctx context.Context, checks []check) (all []Finding) {
	found := make([][]Finding, len(checks))
	turn := make(chan struct{}, turns)
	var running sync.WaitGroup
	for i, c := range checks {
		running.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			found[i] = p.within(ctx, c)
		})
	}
	running.Wait()
	for i, c := range checks {
		for _, f := range found[i] {
			f.ID, f.Title = c.id, c.title
			all = append(all, f)
		}
	}
	return all
}

// within runs a check that may hang.
func (p *patient) within(ctx context.Context, c check) []Finding {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	done := make(chan []Finding, 1)
	go func() { done <- c.run(ctx, p) }()
	overdue := time.NewTimer(patience + grace)
	defer overdue.Stop()
	select {
	case found := <-done:
		return found
	case <-overdue.C:
		return one(cannot("it took longer than "+patience.String(), "run doctor again; if it stays so, look at the network between here and there"))
	}
}

func report(file string, found []Finding) Report {
	r := Report{Result: "fine", File: file, Checks: found}
	switch {
	case r.Count(Problem) > 0:
		r.Result = "wrong"
	case slices.ContainsFunc(found, func(f Finding) bool { return f.Unchecked }):
		r.Result = "not_checked"
	}
	return r
}
