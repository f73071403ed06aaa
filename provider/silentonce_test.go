package provider_test

import (
	"testing"

	. "itsme-bridge/provider/providertest"
)

// Two come at the same instant with a request_uri that a session answers: whatever the first has read by then, one of
// them gets a code (RFC 9126 §4).
func TestARequestURIAtTheSameInstant(t *testing.T) {
	s := withSessions(t, Options{})
	b, _ := signedIn(t, s, nil)
	for n := 1; ; n++ { // at each round trip to Redis
		address := pushed(t, s, nil)
		reached, release := s.Faults().Hold(n)
		first := make(chan *Answer, 1)
		go func() {
			answer, err := b.Try(address)
			if err != nil {
				answer = new(Answer)
			}
			first <- answer
		}()
		select {
		case <-reached:
		case <-first: // it has no more of them
			s.Faults().Forget()
			release()
			if n < 4 {
				t.Fatalf("it was held at %d round trips", n-1)
			}
			return
		}
		second := b.Get(address)
		release()
		codes := 0
		for _, answer := range []*Answer{second, <-first} {
			if _, got := responseOf(t, answer); got.Has("code") {
				codes++
			}
		}
		if codes != 1 {
			t.Errorf("held at round trip %d: %d codes", n, codes)
		}
	}
}
