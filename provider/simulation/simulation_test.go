package simulation_test

import (
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"itsme-bridge/keys"
)

// told is a story that has been told.
type told struct {
	plan     plan
	problems []string
	taken    []string // the choices
	lines    []string
	logins   int // transactions
	notices  int // of logouts that a client has heard
	steps    int
	oddities int
	odd      string // the last of them
	mischief bool   // it is what somebody does
	logged   string
}

// teller tells stories, one after the other.
type teller struct {
	t       *testing.T
	scripts map[string]string // of this version
	texts   map[string]string // that run as they stand
	pem     string
	signer  *keys.Static
	flaw    func(*world) // looks after each step, beside the promises; nil: nobody does
}

func newTeller(t *testing.T) *teller {
	t.Helper()
	pem, signer := signerOf(t)
	these, others := scriptsOf(t)
	return &teller{t: t, scripts: these, texts: others, pem: pem, signer: signer}
}

// tell tells one story.
func (x *teller) tell(p plan, c chooser) (s told) {
	x.t.Helper()
	synctest.Test(x.t, func(t *testing.T) {
		cryptotest.SetGlobalRandom(t, p.seed)
		w := x.world(p)
		w.run(c)
		w.end()
		w.promises.forgets()
		s = told{
			plan: p, problems: w.promises.problems, taken: w.taken, lines: w.lines,
			logins: len(w.cm.transactions), notices: w.promises.toldAll(), steps: w.step, oddities: w.oddities, odd: w.latest.name, mischief: w.latest.mischief, logged: w.logged.String(),
		}
	})
	return s
}

// world is what a story begins with.
func (x *teller) world(p plan) *world {
	w := &world{
		plan: p, pem: x.pem, signer: x.signer, memory: &memory{now: time.Now, scripts: x.scripts, texts: x.texts, keys: map[string]value{}},
		flaw: x.flaw, news: make(chan struct{}, 1), over: make(chan struct{}), names: map[string]int{}, began: time.Now(),
	}
	w.open()
	return w
}

// of tells the story of a seed.
func (x *teller) of(seed uint64) told {
	return x.tell(planOf(seed), &random{chance: rand.New(rand.NewPCG(seed, 2))})
}

// The shortest story: one browser, one replica, no faults.
func TestOneLogin(t *testing.T) {
	x := newTeller(t)
	s := x.tell(plan{seed: 1, browsers: 1, replicas: 1}, &replay{})
	if s.logins != 1 {
		t.Errorf("%d transactions", s.logins)
	}
	if len(s.problems) > 0 {
		x.fails(t, s)
	}
	if len(s.taken) < 15 {
		t.Errorf("only %d choices: %q", len(s.taken), s.taken)
	}
}

// One seed gives one story, byte for byte, however many goroutines run at once.
func TestASeedIsAStory(t *testing.T) {
	x := newTeller(t)
	seeds := uint64(100)
	if testing.Short() {
		seeds = 30
	}
	for seed := range seeds {
		var first told
		for i, processors := range []int{runtime.GOMAXPROCS(0), 1, 2} {
			before := runtime.GOMAXPROCS(processors)
			s := x.of(seed)
			runtime.GOMAXPROCS(before)
			switch {
			case i == 0:
				first = s
			case !slices.Equal(s.lines, first.lines) || !slices.Equal(s.taken, first.taken) || s.logged != first.logged:
				t.Fatalf("the seed %d gives another story with %d processors:\n%q\n%q\n%s", seed, processors, first.taken, s.taken, difference(first.logged, s.logged))
			}
		}
		if len(first.problems) > 0 {
			x.fails(t, first)
		}
	}
}

// difference is where two texts part.
func difference(a, b string) string {
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	from := max(0, at-200)
	return a[from:min(len(a), at+200)] + "\n---\n" + b[from:min(len(b), at+200)]
}

// As many stories as there is time for: SIMULATE_SECONDS from the seed SIMULATE_SEED on; not more than SIMULATE_STORIES, if
// that is set, so that a fast machine tells none that a slow one has not told before.
func TestStories(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(512 << 20)) // what a story leaves behind is much, and garbage
	x, seed, span := newTeller(t), setting(t, "SIMULATE_SEED", 1), time.Duration(setting(t, "SIMULATE_SECONDS", 2))*time.Second
	logins, notices, steps, stories, oddities := 0, 0, 0, uint64(0), 0
	began := time.Now()
	for most := setting(t, "SIMULATE_STORIES", math.MaxUint64); stories < most && time.Since(began) < span; stories++ {
		s := x.of(seed + stories)
		logins, notices, steps, oddities = logins+s.logins, notices+s.notices, steps+s.steps, oddities+s.oddities
		if len(s.problems) > 0 {
			t.Logf("the seed is %d", seed+stories)
			x.fails(t, s)
			break
		}
	}
	took := time.Since(began).Seconds()
	t.Logf("from the seed %d on: %d stories, %d logins (%.0f a second), %d steps, %d faults, %d clients told of a logout", seed, stories, logins, float64(logins)/took, steps, oddities, notices)
}

// setting is a number from the environment.
func setting(t *testing.T, name string, usual uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}
