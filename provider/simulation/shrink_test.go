package simulation_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mostReplays is how often a story is told anew, at most, to make it shorter.
const mostReplays = 1500

// shrunk is a story that breaks the same promise with as few choices as can be found, and as few browsers and replicas.
// What is left of the list is what matters: all other steps are what is due.
func (x *teller) shrunk(s told) told {
	best, replays := s, 0
	try := func(p plan, list []string) bool {
		if replays++; replays > mostReplays {
			return false
		}
		again := x.tell(p, &replay{list: list})
		if len(again.problems) == 0 || kindOfProblem(again.problems[0]) != kindOfProblem(s.problems[0]) {
			return false
		}
		best = again
		best.plan, best.taken = p, list
		return true
	}
	if !try(s.plan, s.taken) {
		return s
	}
	for before := -1; before != len(best.taken); {
		before = len(best.taken)
		for size := max(1, len(best.taken)/2); size > 0; size /= 2 {
			for from := 0; from < len(best.taken); {
				to := min(from+size, len(best.taken))
				if !try(best.plan, slices.Delete(slices.Clone(best.taken), from, to)) {
					from = to
				}
			}
		}
		p := best.plan
		if p.replicas--; p.replicas > 0 {
			try(p, best.taken)
		}
		for _, name := range strings.Fields(best.plan.old) {
			p = best.plan
			p.old = strings.Replace(p.old, name, "", 1)
			try(p, best.taken)
		}
		p = best.plan
		if p.again--; p.again >= 0 {
			try(p, best.taken)
		}
		p = best.plan
		if p.browsers--; p.browsers > 0 {
			try(p, best.taken)
		}
	}
	return best
}

var names = regexp.MustCompile(`\b[bstr]\d+(/\d+)?\b|\(\d+\)|[\d.]+m?s|\d+`) // read only

// kindOfProblem is a problem without who has it.
func kindOfProblem(text string) string {
	text, _, _ = strings.Cut(text, "{") // the line of a log
	return names.ReplaceAllString(text, "#")
}

// row is the story as a row of [named].
func (s *told) row() string {
	p := s.plan
	old := ""
	if before != nil {
		old = fmt.Sprintf(", old: %q", p.old)
	}
	row := fmt.Sprintf("{%q, plan{seed: %d, browsers: %d, replicas: %d, refresh: %t, public: %t, ask: %t, script: %t, reuse: %t, push: %t, stay: %t, parts: %t, byServer: %t, hears: %t, share: %t, deaf: %t, cluster: %t, again: %d%s}, []string{\n",
		kindOfProblem(s.problems[0]), p.seed, p.browsers, p.replicas, p.refresh, p.public, p.ask, p.script, p.reuse, p.push, p.stay, p.parts, p.byServer, p.hears, p.share, p.deaf, p.cluster, p.again, old)
	for _, choice := range s.taken {
		row += fmt.Sprintf("\t%q,\n", choice)
	}
	return row + "}},"
}

// fails shows a story that went wrong, as short as it can be told, and fails the test.
func (x *teller) fails(t *testing.T, s told) {
	t.Helper()
	short := x.shrunk(s)
	t.Errorf("%s\n\n%s\n\nThe choices that matter, for a row of named():\n%s", strings.Join(short.problems, "\n"), strings.Join(short.lines, "\n"), short.row())
}
