package simulation_test

import (
	"strings"
	"testing"
)

// at lets what is due happen, but for one change of a replica before this step.
type at struct {
	step   int
	change string
}

func (c at) choose(w *world, usual []option, _ func() []option) option {
	if len(w.taken) == c.step {
		for _, o := range w.changes(false) {
			if o.name == c.change {
				return o
			}
		}
	}
	return usual[0]
}

// A login goes on, and nobody pays twice, where the version changes once, at whichever step: upgrade and rollback, by a process
// that is killed or told to stop. What a killed process costs, it costs without a change of the version, too. Where the version
// before is not built in, all begin again as they are.
func TestAnUpgradeAtEveryStep(t *testing.T) {
	versions := []string{"", "r1", "r2", "r1 r2"} // who is of the version before
	if before == nil {
		versions = versions[:1]
	}
	x, stories, changed := newTeller(t), 0, 0
	for _, p := range []plan{{seed: 1}, {seed: 2, refresh: true}, {seed: 3, public: true, refresh: true}, {seed: 4, ask: true, script: true, again: 1}, {seed: 5, stay: true, parts: true, hears: true, share: true}} {
		p.browsers, p.replicas = 1, 2
		for _, p.old = range versions {
			usual := x.tell(p, &replay{})
			for step := range usual.taken {
				for _, change := range []string{"r1 is told to stop", "r2 is told to stop", "r1 is killed", "r2 is killed"} {
					s := x.tell(p, at{step, change})
					if stories++; len(s.problems) > 0 {
						x.fails(t, s)
						return
					}
					if strings.Contains(strings.Join(s.taken, "\n"), " begins again") {
						changed++
					}
					if strings.HasSuffix(change, "stop") && s.logins != usual.logins {
						t.Errorf("%q, %q: %d transactions, not %d", p.old, change, s.logins, usual.logins)
					}
				}
			}
		}
	}
	if changed < 250*len(versions) {
		t.Errorf("in %d stories of %d a replica began again", changed, stories)
	}
	t.Logf("%d stories, in %d of which a replica began again", stories, changed)
}

// invisible looks at a story in which nothing has gone wrong, whatever replicas were told to stop, and of whichever version
// they are: nobody has noticed anything.
func (p *promises) invisible() {
	paid := map[*session]int{}
	for _, t := range p.world.cm.transactions {
		if paid[t.maker.sender.session]++; paid[t.maker.sender.session] == 2 {
			p.broken("%s needs two transactions, and nothing has gone wrong", t.maker.sender.session.name)
		}
	}
	for _, s := range p.world.server.sessions {
		if s.failed {
			p.broken("%s comes to nothing, and nothing has gone wrong", s.name)
		}
	}
}
