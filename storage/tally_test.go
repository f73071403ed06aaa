package storage_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// tallies are where a tally has to work: a Cluster refuses what a script touches in another slot.
func tallies() []world { return append(worlds(), world{"cluster", storagetest.Cluster}) }

func tally(s *storage.Store) *storage.Tally { return storage.NewTally(s, "usage") }

// aThing is one of the subject web that is due in a quarter of an hour.
func aThing(w *storagetest.World, id string) storage.Thing {
	return storage.Thing{Subject: "web", ID: id, Due: w.Now().Add(15 * time.Minute)}
}

// step is one that begins now; a dot behind the word ends the thing, and ! insists.
func step(w *storagetest.World, number int, says string) storage.Step {
	s := storage.Step{Number: number, Began: w.Now(), Over: strings.Contains(says, "."), Force: strings.Contains(says, "!")}
	if word := strings.Trim(says, ".!"); word != "" {
		s.Word = word[0]
	}
	return s
}

func say(t *testing.T, w *storagetest.World, thing storage.Thing, number int, says string) (taken bool) {
	t.Helper()
	if err := w.Store.Do(soon(t), tally(w.Store).Say(thing, step(w, number, says), &taken)); err != nil {
		t.Fatal(err)
	}
	return taken
}

// collect collects what is due, and gives what it was told: "id words" each, with a dot for what is over.
func collect(t *testing.T, w *storagetest.World) (told []string) {
	t.Helper()
	err := tally(w.Store).Collect(soon(t), w.Now(), []string{"web", "other"}, func(c storage.Collected) {
		told = append(told, told1(c))
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(told)
	return told
}

func told1(c storage.Collected) string {
	text := c.ID + " " + strings.ReplaceAll(string(c.Words), "\x00", "-")
	if c.Over {
		text += "."
	}
	return text
}

// sums are those of a month, as "day word" → count; what is open has a question mark.
func sums(t *testing.T, w *storagetest.World, subject string, month time.Time) map[string]int {
	t.Helper()
	found, err := tally(w.Store).Sums(soon(t), subject, month)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]int{}
	for _, s := range found {
		key := s.Day.Format("02 ") + string(s.Word)
		if s.Open {
			key += "?"
		}
		all[key] += s.Count
	}
	return all
}

// What is said of a thing, in this order; what of it is taken; and how it is counted.
func TestWhatIsSaidOfAThing(t *testing.T) {
	for _, row := range []struct {
		name    string
		say     string // step, colon, word: see step. -1 takes back that step 1 is about to begin
		taken   string // of each
		before  string // the sums before it is due
		counted string // and afterwards
		told    string // to whoever collects
	}{
		{"nothing more than that it is about to begin", "1:a", "+", "a?=1", "a=1", "x a"},
		{"it has begun", "1:a 1:w", "++", "w?=1", "w=1", "x w"},
		{"it has ended", "1:a 1:w 1:S.", "+++", "S=1", "S=1", ""},
		{"it has ended, and nobody said that it is over", "1:a 1:w 1:C", "+++", "C?=1", "C=1", "x C"},
		{"another step", "1:a 1:w 1:C 2:a 2:w 2:S.", "++++++", "C=1 S=1", "C=1 S=1", ""},
		{"another step behind one that never ended", "1:w 2:w 2:S.", "+++", "w=1 S=1", "w=1 S=1", "x wS."},
		{"taken back", "1:a -1:", "++", "", "", ""},
		{"taken back, and asked again", "1:a -1: 1:a 1:w", "++++", "w?=1", "w=1", "x w"},
		{"a second step taken back", "1:w 1:C 2:a -2:", "++++", "C?=1", "C=1", "x C"},
		{"begun before it is taken back", "1:a 1:w -1:", "+++", "w?=1", "w=1", "x w"},
		{"the first was missed", "2:w 2:S.", "++", "S=1", "S=1", ""},
		{"only the end was heard of", "1:S.", "+", "S=1", "S=1", ""},
		{"a word that may give way, and comes back", "1:w 1:q 1:w", "+++", "w?=1", "w=1", "x w"},
		{"everything twice", "1:a 1:a 1:w 1:w 1:S. 1:S.", "++++++", "S=1", "S=1", ""},
		{"in the wrong order", "1:S. 1:w 1:a", "+--", "S=1", "S=1", ""},
		{"about to begin, late", "1:w 1:a", "+-", "w?=1", "w=1", "x w"},
		{"a word that stays", "1:w 1:C 1:S", "++-", "C?=1", "C=1", "x C"},
		{"a word that stays, by force", "1:w 1:C 1:S.!", "+++", "S=1", "S=1", ""},
		{"over, whatever it was", "1:w 1:C 1:.", "+++", "C=1", "C=1", ""},
		{"over, which was never heard of", "1:.", "+", "", "", ""},
		{"over, and another step", "1:w 1:L. 2:w", "++-", "L=1", "L=1", ""},
		{"over by force", "1:w 1:L. 1:S.!", "+++", "S=1", "S=1", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := storagetest.New(t)
			x, taken := aThing(w, "x"), ""
			for _, said := range strings.Fields(row.say) {
				var number int
				number1, says, _ := strings.Cut(said, ":")
				if _, err := fmt.Sscan(number1, &number); err != nil {
					t.Fatal(err)
				}
				sign := "+"
				if number < 0 {
					if err := w.Store.Do(soon(t), tally(w.Store).Unsay(x, step(w, -number, ""))); err != nil {
						t.Fatal(err)
					}
				} else if !say(t, w, x, number, says) {
					sign = "-"
				}
				taken += sign
			}
			if taken != row.taken {
				t.Errorf("taken %s, want %s", taken, row.taken)
			}
			of := func(text string) map[string]int {
				want := map[string]int{}
				for _, one := range strings.Fields(text) {
					word, _, _ := strings.Cut(one, "=")
					want["23 "+word] = 1
				}
				return want
			}
			if got := sums(t, w, "web", w.Now()); !maps.Equal(got, of(row.before)) {
				t.Errorf("before it is due: %v, want %s", got, row.before)
			}
			if told := collect(t, w); told != nil {
				t.Errorf("collected too early: %q", told)
			}
			w.Advance(17 * time.Minute)
			if told := strings.Join(collect(t, w), " "); told != row.told {
				t.Errorf("told %q, want %q", told, row.told)
			}
			if got := sums(t, w, "web", w.Now()); !maps.Equal(got, of(row.counted)) {
				t.Errorf("counted %v, want %s", got, row.counted)
			}
			for key := range w.Dump() {
				if !strings.HasPrefix(key, "test:tally-2026-11:") {
					t.Errorf("left: %s", key)
				}
			}
		})
	}
}

// Of two who are about to begin the same step, the one that does not takes nothing back.
func TestOnlyOnesOwnIsTakenBack(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			x := aThing(w, "x")
			say(t, w, x, 1, "a")
			another := storage.Step{Number: 1, Began: w.Now().Add(time.Millisecond), Word: storage.Asked}
			if err := w.Store.Do(soon(t), tally(w.Store).Say(x, another, nil), tally(w.Store).Unsay(x, another)); err != nil {
				t.Fatal(err)
			}
			if got := sums(t, w, "web", w.Now()); !maps.Equal(got, map[string]int{"23 a?": 1}) {
				t.Errorf("%v", got)
			}
		})
	}
}

// A step counts on the day that it began on, and in that day's month, wherever its end is.
func TestADayIsThatOfTheBeginning(t *testing.T) {
	for _, world := range tallies() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			w.Advance(time.Date(2026, 11, 30, 23, 59, 0, 0, time.UTC).Sub(w.Now()))
			began := w.Now()
			x, other := aThing(w, "x"), aThing(w, "y")
			other.Subject = "other"
			say(t, w, x, 1, "w")
			say(t, w, other, 1, "w")
			w.Advance(2 * time.Minute)
			say(t, w, x, 1, "C")
			say(t, w, x, 2, "w")
			say(t, w, x, 2, "S.")
			for range 2 { // before and after it is collected
				if got := sums(t, w, "web", began); !maps.Equal(got, map[string]int{"30 C": 1}) {
					t.Errorf("November: %v", got)
				}
				if got := sums(t, w, "web", w.Now()); !maps.Equal(got, map[string]int{"01 S": 1}) {
					t.Errorf("December: %v", got)
				}
				w.Advance(17 * time.Minute)
				collect(t, w)
			}
			if got := sums(t, w, "other", began); !maps.Equal(got, map[string]int{"30 w": 1}) {
				t.Errorf("of somebody else: %v", got)
			}
			w.Advance(390 * 24 * time.Hour)
			if got := sums(t, w, "web", began); len(got) != 1 {
				t.Errorf("thirteen months later: %v", got)
			}
			w.Advance(20 * 24 * time.Hour)
			if got := sums(t, w, "web", began); len(got) != 0 {
				t.Errorf("after that: %v", got)
			}
		})
	}
}

// Many collect at once, in parts, with replies that get lost: each thing is counted once,
// and told to nobody or to one.
func TestAThingIsCollectedOnce(t *testing.T) {
	const things = 1300
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			for i := range things {
				say(t, w, aThing(w, fmt.Sprint("thing-", i)), 1, []string{"w", "S."}[i%2])
			}
			w.Advance(17 * time.Minute)
			w.Faults().DropReply(4)
			var mu sync.Mutex
			var wg sync.WaitGroup
			told := map[string]int{}
			for range 3 {
				store := w.Another(t)
				wg.Go(func() {
					err := tally(store).Collect(soon(t), w.Now(), []string{"web"}, func(c storage.Collected) {
						mu.Lock()
						defer mu.Unlock()
						told[told1(c)]++
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if got := sums(t, w, "web", w.Now()); !maps.Equal(got, map[string]int{"23 w": things / 2, "23 S": things / 2}) {
				t.Errorf("counted: %v", got)
			}
			for one, times := range told {
				if times != 1 || !strings.HasSuffix(one, " w") {
					t.Errorf("told %d times: %s", times, one)
				}
			}
		})
	}
}

// How many are open, whose end is not too near, and how it goes down.
func TestHowManyAreOpen(t *testing.T) {
	for _, world := range tallies() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			open := func(want int) {
				t.Helper()
				subjects := map[string]time.Duration{"web": 10 * time.Minute, "other": 10 * time.Minute}
				if got, err := tally(w.Store).Open(soon(t), subjects, w.Now().Add(10*time.Minute)); err != nil || got != want {
					t.Errorf("%d are open, want %d; %v", got, want, err)
				}
			}
			open(0)
			say(t, w, aThing(w, "x"), 1, "w")
			say(t, w, aThing(w, "y"), 1, "w")
			other := aThing(w, "z")
			other.Subject = "other"
			say(t, w, other, 1, "a")
			open(3)
			say(t, w, aThing(w, "x"), 1, "S.")
			say(t, w, aThing(w, "x"), 1, "S.")
			open(2)
			w.Advance(6 * time.Minute) // they end in less than ten minutes
			open(0)
		})
	}
}

func TestSubjectsAreRemembered(t *testing.T) {
	w := storagetest.New(t)
	register := func(want ...string) {
		t.Helper()
		all, err := tally(w.Store).Register(soon(t), w.Now(), want[len(want)-1:])
		slices.Sort(all)
		slices.Sort(want)
		if err != nil || !slices.Equal(all, want) {
			t.Errorf("%q, want %q; %v", all, want, err)
		}
	}
	register("web {with} braces")
	w.Advance(200 * 24 * time.Hour)
	register("web {with} braces", "other")
	w.Advance(201 * 24 * time.Hour)
	register("other")
	if all, err := tally(w.Store).Subjects(soon(t)); err != nil || !slices.Equal(all, []string{"other"}) {
		t.Errorf("%q, %v", all, err)
	}
	thing := storage.Thing{Subject: "web {with} braces", ID: "x", Due: w.Now()}
	say(t, w, thing, 1, "w")
	if got := sums(t, w, thing.Subject, w.Now()); len(got) != 1 {
		t.Errorf("%v", got)
	}
}
