package simulation_test

import (
	"slices"
	"testing"
)

// once lets what is due happen, but for one thing: at this step, the option at this index of those that are odd.
type once struct{ step, index int }

func (c *once) choose(w *world, usual []option, odd func() []option) option {
	if len(w.taken) != c.step {
		return usual[0]
	}
	if all := odd(); c.index < len(all) {
		return all[c.index]
	}
	return usual[0]
}

// twice are the faults of one login after which somebody has to begin a second one, and before which steps: all that a single
// fault can cost. CM's answer is lost on the way to us, comes too late, or is lost between its arrival and Redis; a new login's cookie or the
// client's tokens are lost on the way to whom they are for; Redis forgets; or it is too late.
func twice() map[string][]string {
	begun := []string{"b1 authorizes is answered", "time passes", "b1 approves t1"}
	returned := []string{"b1 leaves itsme", "b1 returns lease+get+getrange"}
	redeemed := []string{"s1 redeems is answered", "s1 asks for claims", "s1 asks userinfo get"}
	coded := []string{"b1 returns is answered", "s1 redeems its code", "s1 redeems get"}
	written := []string{"b1 authorizes commit+say", "b1 returns commit+say"}
	return map[string][]string{
		"b1 authorizes CM post loses its answer":                 {"b1 authorizes CM post"},
		"b1 authorizes CM post is answered with rubbish":         {"b1 authorizes CM post"},
		"b1 authorizes CM post is answered after twenty seconds": {"b1 authorizes CM post"},
		"b1 authorizes hangs up":                                 {"b1 authorizes commit+say"},
		"b1 authorizes loses its answer":                         {"b1 authorizes is answered"},
		"b1 returns CM get loses its answer":                     {"b1 returns CM get"},
		"b1 returns CM get is answered with rubbish":             {"b1 returns CM get"},
		"s1 redeems hangs up":                                    {"s1 redeems commit"},
		"s1 redeems loses its answer":                            {"s1 redeems is answered"},
		"r1 is killed":                                           slices.Concat(written, begun[:1], redeemed[:1]),
		"Redis forgets everything":                               slices.Concat(begun, returned, coded, redeemed),
		"a replica of Redis takes over that lags":                slices.Concat(begun, returned, coded, redeemed),
		"a replica of Redis takes over that lags a little":       slices.Concat(begun, returned, coded, redeemed),
		"20s pass":   written,
		"1m10s pass": slices.Concat(written, coded, []string{"s1 redeems commit"}),
		"5m0s pass":  slices.Concat(written, begun, coded, []string{"s1 redeems commit"}, redeemed),
	}
}

// Every fault that there is, at every step of one login: one browser, one replica, all of them tried.
func TestEveryFaultAtEveryStep(t *testing.T) {
	x := newTeller(t)
	for i, p := range []plan{{seed: 1}, {seed: 2, refresh: true}, {seed: 3, public: true, refresh: true}, {seed: 4, ask: true, script: true}, {seed: 5, push: true}, {seed: 6, stay: true, parts: true, again: 1}, {seed: 7, cluster: true, push: true}, {seed: 8, stay: true, parts: true, hears: true, share: true}} {
		if i > 0 && testing.Short() {
			break
		}
		p.browsers, p.replicas, p.odd = 1, 1, 1
		usual, want := x.tell(p, &replay{}), twice()
		last := slices.Index(usual.taken, "s1 asks userinfo is answered")
		stories, logins := 0, 0
		for step, due := range usual.taken {
			for index := 0; ; index++ {
				s := x.tell(p, &once{step, index})
				if s.oddities == 0 {
					break
				}
				stories, logins = stories+1, logins+s.logins
				more := step < last && slices.Contains(want[s.odd], due)
				if !s.mischief && !p.ask && !p.push && !p.stay && more != (s.logins > 1) {
					t.Errorf("%q before %q: %d transactions", s.odd, due, s.logins)
				}
				if len(s.problems) > 0 {
					x.fails(t, s)
				}
			}
		}
		if stories < 150 {
			t.Errorf("only %d stories", stories)
		}
		t.Logf("%+v: %d steps, %d stories, %d transactions", p, len(usual.taken), stories, logins)
	}
}
