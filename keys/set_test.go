package keys_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/keys"
)

const (
	day  = 24 * time.Hour
	hour = time.Hour
)

// numbered makes keys k1, k2, … in the order in which they are asked for.
func numbered() func(keys.Algorithm) (keys.Key, error) {
	made := 0
	return func(a keys.Algorithm) (keys.Key, error) {
		made++
		return keys.Named(a, fmt.Sprintf("k%d", made)), nil
	}
}

func names(list []keys.Key) string {
	var ids []string
	for _, k := range list {
		ids = append(ids, k.ID())
	}
	return strings.Join(ids, " ")
}

func signer(s keys.Set, a keys.Algorithm, now time.Time) string {
	k, ok := s.Signer(a, now)
	if !ok {
		return "nobody"
	}
	return k.ID()
}

// The life of a deployment, day by day: rotate every 30 days, publish 2 days ahead, keep for a day and an hour.
func TestTimeline(t *testing.T) {
	policy := keys.DefaultPolicy(time.Hour)
	generate := numbered()
	revoke := func(id string) func(keys.Set, time.Time) keys.Set {
		return func(s keys.Set, now time.Time) keys.Set {
			s, ok := s.Revoke(id, now)
			if !ok {
				t.Errorf("no key %s to revoke", id)
			}
			return s
		}
	}
	rotate := func(s keys.Set, now time.Time) keys.Set {
		s, err := s.Rotate(keys.ES256, now, policy, generate)
		if err != nil {
			t.Error(err)
		}
		return s
	}

	var set keys.Set
	for _, row := range []struct {
		at        time.Duration
		what      string
		do        func(keys.Set, time.Time) keys.Set
		published string
		signs     string
	}{
		{0, "the first key signs at once", nil, "k1", "k1"},
		{27*day + 23*hour, "nothing is due", nil, "k1", "k1"},
		{28 * day, "the next is published, and does not sign", nil, "k1 k2", "k1"},
		{30*day - time.Second, "still", nil, "k1 k2", "k1"},
		{30 * day, "it signs; the first stays published", nil, "k1 k2", "k2"},
		{31*day + hour - time.Second, "the first's last token may still live", nil, "k1 k2", "k2"},
		{31*day + hour, "it is dead: the first is gone", nil, "k2", "k2"},
		{58 * day, "the same again", nil, "k2 k3", "k2"},
		{60 * day, "", nil, "k2 k3", "k3"},
		{62 * day, "", nil, "k3", "k3"},

		{70 * day, "an operator rotates: published now, signing in two days", rotate, "k3 k4", "k3"},
		{71 * day, "and once more: it is under way already", rotate, "k3 k4", "k3"},
		{72 * day, "", nil, "k3 k4", "k4"},
		{90 * day, "the calendar counts from the last rotation", nil, "k4", "k4"},
		{100 * day, "", nil, "k4 k5", "k4"},

		{101 * day, "the current key is revoked: the next stands in, early", revoke("k4"), "k5", "k5"},
		{110 * day, "the current key is revoked, no next waits: a new one signs at once", revoke("k5"), "k6", "k6"},
		{138 * day, "", nil, "k6 k7", "k6"},
		{139 * day, "the next is revoked: another is published, for two whole days", revoke("k7"), "k6 k8", "k6"},
		{140 * day, "so the current one signs longer", nil, "k6 k8", "k6"},
		{141 * day, "", nil, "k6 k8", "k8"},
		{141*day + hour, "a past key is revoked: its tokens die", revoke("k6"), "k8", "k8"},

		// Everybody slept through a rotation: the next is published for two days all the same.
		{200 * day, "late", nil, "k8 k9", "k8"},
		{202*day - time.Second, "", nil, "k8 k9", "k8"},
		{202 * day, "", nil, "k8 k9", "k9"},
	} {
		now := start.Add(row.at)
		if row.do != nil {
			set = row.do(set, now)
		}
		var err error
		if set, err = set.Next(now, policy, []keys.Algorithm{keys.ES256}, generate); err != nil {
			t.Fatal(err)
		}
		if got := names(set.Published()); got != row.published {
			t.Errorf("%s: published %s, want %s (%s)", row.at, got, row.published, row.what)
		}
		if got := signer(set, keys.ES256, now); got != row.signs {
			t.Errorf("%s: %s signs, want %s (%s)", row.at, got, row.signs, row.what)
		}
	}
}

// The clock alone hands over: no write is needed at that moment, so that all replicas do it together and without Redis.
func TestTheClockHandsOver(t *testing.T) {
	policy := keys.DefaultPolicy(time.Hour)
	generate := numbered()
	var set keys.Set
	for _, at := range []time.Duration{0, 28 * day} {
		set, _ = set.Next(start.Add(at), policy, []keys.Algorithm{keys.ES256}, generate)
	}
	for _, row := range []struct {
		at     time.Duration
		signs  string
		states string
	}{
		{-time.Second, "nobody", "k1 next, k2 next"},
		{28 * day, "k1", "k1 current, k2 next"},
		{30*day - 1, "k1", "k1 current, k2 next"},
		{30 * day, "k2", "k1 past, k2 current"},
		{300 * day, "k2", "k1 past, k2 current"},
	} {
		now := start.Add(row.at)
		if got := signer(set, keys.ES256, now); got != row.signs {
			t.Errorf("%s: %s signs, want %s", row.at, got, row.signs)
		}
		var states []string
		for _, info := range set.List(now) {
			states = append(states, info.ID+" "+string(info.State))
		}
		if got := strings.Join(states, ", "); got != row.states {
			t.Errorf("%s: %s, want %s", row.at, got, row.states)
		}
	}
}

func TestAlgorithmsRotateApart(t *testing.T) {
	policy := keys.DefaultPolicy(time.Hour)
	generate := numbered()
	both := []keys.Algorithm{keys.RS256, keys.ES256}
	set, _ := keys.Set{}.Next(start, policy, both[:1], generate)
	set, _ = set.Next(start.Add(10*day), policy, both, generate)        // k2 is the first ES256 key
	set, _ = set.Next(start.Add(28*day), policy, both, generate)        // k3 is the next RS256 key
	set, _ = set.Next(start.Add(30*day), policy, both, generate)        // and signs
	set, _ = set.Next(start.Add(300*day), policy, both[1:], numbered()) // RS256 is not asked for any more

	if got := names(set.Published()); got != "k2 k3 k1" {
		t.Errorf("published %s, want the last RS256 key to stay", got)
	}
	if got := signer(set, keys.ES256, start.Add(300*day)); got != "k2" {
		t.Errorf("%s signs ES256", got)
	}
}

func TestPrivateHalvesAreErased(t *testing.T) {
	policy := keys.DefaultPolicy(time.Hour)
	generate := numbered()
	algorithms := []keys.Algorithm{keys.ES256}
	var set keys.Set
	for _, row := range []struct {
		at    time.Duration
		whole string
	}{
		{0, "k1"},
		{28 * day, "k1 k2"},
		{30 * day, "k1 k2"}, // a replica whose clock is behind still signs with k1
		{30*day + keys.Slack, "k2"},
	} {
		set, _ = set.Next(start.Add(row.at), policy, algorithms, generate)
		whole := slices.DeleteFunc(set.Published(), func(k keys.Key) bool { return !k.Whole() })
		if got := names(whole); got != row.whole {
			t.Errorf("%s: private halves of %s, want %s", row.at, got, row.whole)
		}
	}
	set, _ = set.Revoke("k2", start.Add(31*day))
	data, err := set.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "pkcs8") {
		t.Errorf("private halves of past and revoked keys are stored: %s", data)
	}
}

// One revocation after the other in the same second: each time one key stands in, and signs.
func TestRevokedWithinASecond(t *testing.T) {
	policy := keys.DefaultPolicy(time.Hour)
	generate := numbered()
	algorithms := []keys.Algorithm{keys.ES256}
	set, _ := keys.Set{}.Next(start, policy, algorithms, generate)
	for i := range 20 {
		if got, want := signer(set, keys.ES256, start), fmt.Sprintf("k%d", i+1); got != want {
			t.Fatalf("after %d revocations %s signs, want %s", i, got, want)
		}
		set, _ = set.Revoke(signer(set, keys.ES256, start), start)
		set, _ = set.Next(start, policy, algorithms, generate)
	}
}

// A replica whose clock was days ahead took the current key for a past one and erased it.
func TestAClockThatWasFarAhead(t *testing.T) {
	policy := keys.DefaultPolicy(time.Hour)
	generate := numbered()
	algorithms := []keys.Algorithm{keys.ES256}
	set, _ := keys.Set{}.Next(start, policy, algorithms, generate)
	set, _ = set.Next(start.Add(28*day), policy, algorithms, generate)
	set, _ = set.Next(start.Add(30*day+hour), policy, algorithms, generate)

	now := start.Add(29 * day)
	if got := signer(set, keys.ES256, now); got != "nobody" {
		t.Errorf("%s signs, without its private half", got)
	}
	set, _ = set.Next(now, policy, algorithms, generate)
	if got := signer(set, keys.ES256, now); got != "k2" {
		t.Errorf("%s signs, want the next key to stand in", got)
	}
	if got := names(set.Published()); got != "k1 k2" {
		t.Errorf("published %s", got)
	}
}

// Whatever happens in whatever order: who signs is published, has been for long enough unless it was the first or
// stands in for a revoked one, and who has stopped signing never begins again.
func TestRulesHoldInAnyOrder(t *testing.T) {
	policy := keys.Policy{Every: 10 * hour, Ahead: 3 * hour, Keep: 2 * hour}
	algorithms := []keys.Algorithm{keys.ES256}
	for seed := range uint64(300) {
		chance := rand.New(rand.NewPCG(seed, 2))
		generate := numbered()
		now := start
		var set, earlier keys.Set
		stopped := make(map[string]bool)
		published := make(map[string]time.Time)
		last, broken := "", true // true: there was no signer, so that the next need not have waited
		for range 120 {
			now = now.Add(time.Duration(chance.Int64N(int64(4 * hour))))
			switch chance.IntN(12) {
			case 0:
				if list := set.List(now); len(list) > 0 {
					victim := list[chance.IntN(len(list))].ID
					broken = broken || victim == signer(set, keys.ES256, now)
					set, _ = set.Revoke(victim, now)
				}
			case 1:
				set, _ = set.Rotate(keys.ES256, now, policy, generate)
			case 2:
				earlier = set
			case 3: // a failover forgets all since then; this replica does not
				set = earlier.Merge(set)
			}
			set, _ = set.Next(now, policy, algorithms, generate)

			for _, k := range set.Published() {
				if _, ok := published[k.ID()]; !ok {
					published[k.ID()] = now
				}
			}
			current := signer(set, keys.ES256, now)
			if !slices.Contains(strings.Fields(names(set.Published())), current) {
				t.Fatalf("seed %d: %s signs, published are %s", seed, current, names(set.Published()))
			}
			if current == last {
				continue
			}
			if stopped[current] {
				t.Fatalf("seed %d: %s signs again", seed, current)
			}
			if ahead := now.Sub(published[current]); !broken && ahead < policy.Ahead {
				t.Fatalf("seed %d: %s signs after %s", seed, current, ahead)
			}
			stopped[last], last, broken = true, current, false
		}
	}
}
