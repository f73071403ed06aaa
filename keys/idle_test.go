package keys_test

import (
	"strings"
	"testing"
	"time"

	"itsme-bridge/keys"
)

// algorithmsOf are the algorithms of what is published, in order.
func algorithmsOf(set []keys.Key) string {
	var names []string
	for _, k := range set {
		names = append(names, string(k.Algorithm()))
	}
	return strings.Join(names, " ")
}

// both are the algorithms of a deployment with a client that is not usual.
var both = []keys.Algorithm{keys.RS256, keys.ES256}

// The keys of an algorithm are there while a client uses it, and after that until
// the last token that they may have signed is dead, at any replica.
func TestKeysOfAnAlgorithmThatNobodyUses(t *testing.T) {
	policy := keys.Policy{Every: 30 * day, Ahead: 2 * day, Keep: 8 * time.Hour} // a grace of an hour
	for _, row := range []struct {
		name  string
		looks func(at time.Duration) []keys.Algorithm // of whoever looks then, each half an hour
		gone  time.Duration                           // since the last time that it was used; 0: never
	}{
		{"nobody uses it", func(time.Duration) []keys.Algorithm { return both[:1] }, 10 * time.Hour},
		{"everybody does", func(time.Duration) []keys.Algorithm { return both }, 0},
		{"replicas differ", func(at time.Duration) []keys.Algorithm { return both[:1+int(at/(30*time.Minute))%2] }, 0},
		{"it is used again in time", func(at time.Duration) []keys.Algorithm {
			if at == 9*time.Hour+30*time.Minute {
				return both
			}
			return both[:1]
		}, 20 * time.Hour},
	} {
		t.Run(row.name, func(t *testing.T) {
			set, _ := keys.Set{}.Next(start, policy, both, numbered())
			var gone time.Duration
			for at := time.Duration(0); at < 3*day && gone == 0; at += 30 * time.Minute {
				set, _ = set.Next(start.Add(at), policy, row.looks(at), numbered())
				if strings.Count(algorithmsOf(set.Published()), "RS256") != 1 {
					t.Fatalf("after %s: %v", at, set.Published())
				}
				if !strings.Contains(algorithmsOf(set.Published()), "ES256") {
					gone = at
				}
			}
			if gone != row.gone {
				t.Errorf("gone after %s, want %s", gone, row.gone)
			}
		})
	}
}

// What the last replica that used a key has signed at the last moment lives as long as the policy lets tokens live.
func TestIdleKeysOutliveTheirTokens(t *testing.T) {
	const refresh, life = time.Minute, time.Hour
	for _, keep := range []time.Duration{life + keys.Slack, 8 * time.Hour, 25 * time.Hour} {
		policy := keys.Policy{Every: 30 * day, Ahead: 2 * day, Keep: keep}
		for last := time.Duration(0); last < keep; last += 7 * time.Minute { // when it was last used
			set, _ := keys.Set{}.Next(start, policy, both, numbered())
			for at := time.Duration(0); at < last+refresh+life; at += refresh {
				set, _ = set.Next(start.Add(at), policy, both[:1], numbered()) // one replica never does
				if at <= last {
					set, _ = set.Next(start.Add(at), policy, both, numbered())
				}
				if algorithmsOf(set.Published()) != "RS256 ES256" {
					t.Fatalf("keep %s, last used after %s: after %s there is only %s", keep, last, at, algorithmsOf(set.Published()))
				}
			}
		}
	}
}

// An algorithm that nobody uses does not rotate.
func TestIdleKeysDoNotRotate(t *testing.T) {
	policy := keys.DefaultPolicy(time.Hour)
	set, _ := keys.Set{}.Next(start, policy, both, numbered())
	set, _ = set.Next(start.Add(28*day), policy, both[:1], numbered())
	if got := algorithmsOf(set.Published()); got != "RS256 ES256 RS256" {
		t.Errorf("published %s", got)
	}
}

// A replica signs with what another one has made since it last looked, and what it was told of later.
func TestSigningWithANewAlgorithm(t *testing.T) {
	w := newWorld()
	ring, line := w.replica() // of ES256
	other, _ := w.replica()
	refresh(t, ring, other)
	if was := other.Want([]keys.Algorithm{keys.ES256, keys.EdDSA}); len(was) != 1 || was[0] != keys.ES256 {
		t.Errorf("it was %v", was)
	}
	refresh(t, other)
	if _, err := ring.Sign(t.Context(), keys.EdDSA, []byte(`{}`)); err != nil {
		t.Errorf("the other replica has a key for it: %v", err)
	}
	if body := string(ring.JWKS().Body); !strings.Contains(body, `"EdDSA"`) {
		t.Errorf("it signs with what it does not publish: %s", body)
	}
	line.cut = true
	if _, err := ring.Sign(t.Context(), keys.EdDSA, []byte(`{}`)); err != nil {
		t.Errorf("the key is known, and the Cell is asked: %v", err)
	}
	if _, err := ring.Sign(t.Context(), keys.RS256, []byte(`{}`)); err == nil || !strings.Contains(err.Error(), errAway.Error()) {
		t.Errorf("nobody knows a key: %v", err)
	}
}

// An earlier version writes without a word of what is idle: time begins anew, and nothing is lost.
func TestIdleKeysAndAnEarlierVersion(t *testing.T) {
	policy := keys.DefaultPolicy(time.Hour)
	set, _ := keys.Set{}.Next(start, policy, both, numbered())
	set, _ = set.Next(start, policy, both[:1], numbered())
	data, _ := set.Encode()
	text := string(data)
	if strings.Count(text, `"idle"`) != 1 {
		t.Fatal(text)
	}
	at := strings.Index(text, `"idle"`)
	forgotten, err := keys.Decode([]byte(text[:at] + text[at+strings.Index(text[at:], ",")+1:]))
	if err != nil {
		t.Fatal(err)
	}
	forgotten, _ = forgotten.Next(start.Add(7*day), policy, both[:1], numbered())
	kept, _ := set.Next(start.Add(7*day), policy, both[:1], numbered())
	if algorithmsOf(forgotten.Published()) != "RS256 ES256" || algorithmsOf(kept.Published()) != "RS256" {
		t.Errorf("published %v and %v", forgotten.Published(), kept.Published())
	}
}
