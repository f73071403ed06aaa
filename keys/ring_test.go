package keys_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/keys"
)

// signs is the kid that a ring signs with; it fails the test if that kid is not published in the same moment.
func signs(t *testing.T, ring *keys.Ring) string {
	t.Helper()
	token, err := ring.Sign(t.Context(), keys.ES256, []byte(`{"sub":"somebody"}`))
	if err != nil {
		t.Fatal(err)
	}
	kid, _, err := check(token, ring.JWKS().Body)
	if err != nil {
		t.Fatalf("a token fails with the document served beside it: %v", err)
	}
	return kid
}

func TestNotReadyBeforeTheFirstLoad(t *testing.T) {
	w := newWorld()
	ring, line := w.replica()
	line.cut = true
	if err := ring.Refresh(t.Context()); !errors.Is(err, errAway) {
		t.Errorf("Refresh without a cell: %v", err)
	}
	if err := ring.Ready(); !errors.Is(err, keys.ErrNotLoaded) {
		t.Errorf("Ready: %v", err)
	}
	if _, err := ring.Sign(t.Context(), keys.ES256, []byte(`{}`)); !errors.Is(err, keys.ErrNotLoaded) {
		t.Errorf("Sign: %v", err)
	}
	if body := ring.JWKS().Body; len(body) != 0 || ring.List() != nil {
		t.Errorf("serves %s", body)
	}
	line.cut = false
	refresh(t, ring)
	if err := ring.Ready(); err != nil {
		t.Errorf("Ready after the first load: %v", err)
	}
}

func TestRedisAway(t *testing.T) {
	w := newWorld()
	ring, line := w.replica()
	refresh(t, ring)
	w.Advance(28 * day)
	refresh(t, ring)
	first := signs(t, ring)

	line.cut = true
	if err := ring.Refresh(t.Context()); !errors.Is(err, errAway) {
		t.Errorf("Refresh: %v", err)
	}
	if err := ring.Ready(); err != nil {
		t.Errorf("not ready: %v", err)
	}
	if kid := signs(t, ring); kid != first {
		t.Errorf("%s signs, want %s", kid, first)
	}
	w.Advance(2 * day)
	second := signs(t, ring)
	if second == first {
		t.Error("the next key does not begin to sign")
	}
	w.Advance(100 * day)
	if kid := signs(t, ring); kid != second {
		t.Errorf("%s signs, want %s", kid, second)
	}
}

func TestTwoReplicasRacingMakeOneKey(t *testing.T) {
	w := newWorld()
	winner, _ := w.replica()
	loser, line := w.replica()
	var once sync.Once
	line.before = func() { once.Do(func() { refresh(t, winner) }) } // the loser has made its key, and comes second
	refresh(t, loser)

	if got, want := signs(t, loser), signs(t, winner); got != want {
		t.Errorf("the loser signs with %s, the winner with %s", got, want)
	}
	if got := len(winner.List()); got != 1 {
		t.Errorf("%d keys", got)
	}
	if !bytes.Equal(loser.JWKS().Body, winner.JWKS().Body) || loser.JWKS().ETag != winner.JWKS().ETag {
		t.Error("two documents")
	}
}

func TestManyReplicasRacing(t *testing.T) {
	w := newWorld()
	var rings []*keys.Ring
	for range 8 {
		ring, _ := w.replica()
		rings = append(rings, ring)
	}
	for _, at := range []time.Duration{0, 28 * day, 2 * day, 2 * day} { // a key, the next, handed over, the first gone
		w.Advance(at)
		var all sync.WaitGroup
		for _, ring := range rings {
			all.Go(func() {
				if err := ring.Refresh(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, ring := range rings {
			if ring.JWKS().ETag != rings[0].JWKS().ETag || signs(t, ring) != signs(t, rings[0]) {
				t.Errorf("day %s: replicas differ", w.Now().Sub(start))
			}
		}
	}
	// The first key, the next, the first gone. Handing over takes no write.
	if got := w.written(); got != 3 {
		t.Errorf("%d writes", got)
	}
}

func TestNothingIsWrittenWithoutNeed(t *testing.T) {
	w := newWorld()
	ring, _ := w.replica()
	for range 100 {
		refresh(t, ring)
		w.Advance(time.Hour)
	}
	if got := w.written(); got != 1 {
		t.Errorf("%d writes", got)
	}
}

func TestALostReplyIsNotASecondKey(t *testing.T) {
	w := newWorld()
	ring, line := w.replica()
	line.loseReply = true
	if err := ring.Refresh(t.Context()); !errors.Is(err, errAway) {
		t.Errorf("Refresh: %v", err)
	}
	if ring.Ready() == nil {
		t.Error("signs with a key that may not be stored")
	}
	refresh(t, ring)
	if got := w.written(); got != 1 {
		t.Errorf("%d writes", got)
	}
}

func TestRedisThatForgotIsReminded(t *testing.T) {
	w := newWorld()
	one, _ := w.replica()
	two, _ := w.replica()
	refresh(t, one, two)
	before := w.content()
	first := signs(t, one)
	if err := one.Revoke(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	second := signs(t, one)

	t.Run("a failover lost the last write", func(t *testing.T) {
		w.restore(before)
		refresh(t, one, two)
		if signs(t, one) != second || signs(t, two) != second {
			t.Error("a revoked key is back")
		}
	})
	t.Run("everything is lost", func(t *testing.T) {
		w.restore(nil)
		refresh(t, two, one)
		if signs(t, one) != second || signs(t, two) != second {
			t.Error("another key signs")
		}
	})
	t.Run("a lagging answer", func(t *testing.T) {
		three, line := w.replica()
		refresh(t, three)
		line.stale = before
		if err := three.Refresh(t.Context()); !errors.Is(err, keys.ErrContended) {
			t.Errorf("Refresh: %v", err)
		}
		if signs(t, three) != second {
			t.Error("a revoked key is back")
		}
	})
}

// A key was revoked and its grave is gone, while a replica was cut off: what that replica still knows does not count.
func TestAReplicaThatWasAwayTooLongBringsNothing(t *testing.T) {
	w := newWorld()
	one, _ := w.replica()
	two, line := w.replica()
	refresh(t, one, two)
	if err := one.Rotate(t.Context(), keys.ES256); err != nil {
		t.Fatal(err)
	}
	refresh(t, two)
	var next string
	for _, info := range one.List() {
		if info.State == keys.Next {
			next = info.ID
		}
	}
	line.cut = true
	w.Advance(time.Minute)
	if err := one.Revoke(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	w.Advance(w.policy.Keep)
	refresh(t, one)
	if strings.Contains(string(w.content()), next) {
		t.Fatal("the revoked key is still remembered; this test would show nothing")
	}
	line.cut = false
	refresh(t, two)
	if strings.Contains(string(w.content()), next) {
		t.Error("a revoked key is back")
	}
}

// Unless there is nothing else: then old keys are better than new ones that nobody has seen.
func TestAReplicaThatWasAwayTooLongRestoresWhatIsLost(t *testing.T) {
	w := newWorld()
	ring, _ := w.replica()
	refresh(t, ring)
	kid := signs(t, ring)
	w.Advance(w.policy.Keep + time.Hour)
	w.restore(nil)
	refresh(t, ring)
	if got := signs(t, ring); got != kid {
		t.Errorf("%s signs, want %s", got, kid)
	}
}

func TestWhatCannotBeReadIsNotReplaced(t *testing.T) {
	w := newWorld()
	ring, _ := w.replica()
	refresh(t, ring)
	kid := signs(t, ring)
	for _, content := range []string{`{"format":2}`, `garbage`} {
		w.restore([]byte(content))
		if err := ring.Refresh(t.Context()); err == nil {
			t.Errorf("%s: no error", content)
		}
		if string(w.content()) != content {
			t.Errorf("%s was replaced by %s", content, w.content())
		}
		if got := signs(t, ring); got != kid {
			t.Errorf("%s signs, want %s", got, kid)
		}
	}
}

func TestRevokedAtOnce(t *testing.T) {
	w := newWorld()
	one, _ := w.replica()
	two, _ := w.replica()
	refresh(t, one, two)
	kid := signs(t, one)
	if err := one.Revoke(t.Context(), kid); err != nil {
		t.Fatal(err)
	}
	if signs(t, one) == kid || strings.Contains(string(one.JWKS().Body), kid) {
		t.Error("a revoked key signs or is published here")
	}
	refresh(t, two)
	if signs(t, two) == kid || strings.Contains(string(two.JWKS().Body), kid) {
		t.Error("a revoked key signs or is published there")
	}
	for _, info := range two.List() {
		if info.ID == kid && (info.State != keys.Revoked || !info.Revoked.Equal(start)) {
			t.Errorf("told as %+v", info)
		}
	}
	if err := one.Revoke(t.Context(), kid); err != nil {
		t.Errorf("once more: %v", err)
	}
	if err := one.Revoke(t.Context(), "nobody"); !errors.Is(err, keys.ErrUnknownKey) {
		t.Errorf("an unknown key: %v", err)
	}
}

// The revoking replica's clock is ahead of another's: the key that stands in must not be unusable there.
func TestRevokedUnderClocksThatDiffer(t *testing.T) {
	w := newWorld()
	behind := keys.NewRing(&w.memory, []keys.Algorithm{keys.ES256}, w.policy, func() time.Time { return w.Now().Add(-40 * time.Second) })
	ahead, _ := w.replica()
	refresh(t, ahead, behind)
	if err := ahead.Revoke(t.Context(), signs(t, ahead)); err != nil {
		t.Fatal(err)
	}
	refresh(t, behind)
	if signs(t, behind) != signs(t, ahead) {
		t.Error("two keys sign")
	}
	refresh(t, ahead, behind)
	if got := len(ahead.List()); got != 2 {
		t.Errorf("%d keys, want the revoked one and one more", got)
	}
}

func TestRotateOnRequest(t *testing.T) {
	w := newWorld()
	ring, _ := w.replica()
	refresh(t, ring)
	first := signs(t, ring)
	for range 2 { // the second changes nothing
		if err := ring.Rotate(t.Context(), keys.ES256); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(ring.List()); got != 2 || signs(t, ring) != first {
		t.Errorf("%d keys, and %s signs", got, signs(t, ring))
	}
	w.Advance(w.policy.Ahead)
	if signs(t, ring) == first {
		t.Error("the first still signs")
	}
}

// A version that knows more algorithms finds what an older one has stored: it adds, and changes nothing else.
func TestAnotherAlgorithmJoins(t *testing.T) {
	w := newWorld()
	older, _ := w.replica()
	refresh(t, older)
	newer := keys.NewRing(&w.memory, []keys.Algorithm{keys.ES256, keys.EdDSA}, w.policy, w.Now)
	refresh(t, newer, older)
	if signs(t, newer) != signs(t, older) || older.JWKS().ETag != newer.JWKS().ETag {
		t.Error("replicas differ")
	}
	token := must(newer.Sign(t.Context(), keys.EdDSA, []byte(`{}`)))(t)
	if _, _, err := check(token, older.JWKS().Body); err != nil {
		t.Errorf("the older one publishes no key for it: %v", err)
	}
	if list := newer.List(); len(list) != 2 {
		t.Errorf("%d keys", len(list))
	}
}

func TestAlgorithmsThatAreNotThere(t *testing.T) {
	w := newWorld()
	ring, _ := w.replica()
	refresh(t, ring)
	for _, a := range []keys.Algorithm{keys.RS256, keys.PS256, keys.EdDSA, "HS256", "none", ""} {
		_, err := ring.Sign(t.Context(), a, []byte(`{}`))
		if !errors.Is(err, keys.ErrAlgorithm) || !strings.Contains(err.Error(), `"`+string(a)+`"`) {
			t.Errorf("Sign with %q: %v", a, err)
		}
		if err := ring.Rotate(t.Context(), a); !errors.Is(err, keys.ErrAlgorithm) {
			t.Errorf("Rotate %q: %v", a, err)
		}
	}
	// Another replica has RS256 already. This one was not told to use it, and signs for whoever asks all the same.
	if err := keys.NewRing(&w.memory, []keys.Algorithm{keys.RS256, keys.ES256}, w.policy, w.Now).Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	refresh(t, ring)
	if !strings.Contains(string(ring.JWKS().Body), `"RS256"`) {
		t.Error("another replica's algorithm is not published")
	}
	if _, err := ring.Sign(t.Context(), keys.RS256, []byte(`{}`)); err != nil {
		t.Errorf("Sign with RS256: %v", err)
	}
	odd := keys.NewRing(new(memory), []keys.Algorithm{"ML-DSA-44"}, w.policy, w.Now)
	if err := odd.Refresh(t.Context()); !errors.Is(err, keys.ErrAlgorithm) {
		t.Errorf("a ring of an algorithm that we do not know: %v", err)
	}
}
