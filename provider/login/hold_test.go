package login_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"itsme-bridge/provider/login"
)

// reload is a request of a page that loads again by itself.
func reload() *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header = http.Header{"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}, "Sec-Fetch-Site": {"same-origin"}}
	return r
}

// Above the ceiling a request is answered at once, and told to come back later.
func TestOnlySoManyAreHeld(t *testing.T) {
	holds := login.NewHolds(1, time.Minute)
	looked, first := make(chan bool, 9), make(chan time.Duration, 1)
	go func() { first <- holds.Hold(reload(), "a", looked, 3*time.Second) }()
	if isHeld := <-looked; !isHeld {
		t.Fatal("the first is not held")
	}
	if back := holds.Hold(reload(), "b", looked, time.Second); back != 10*time.Second {
		t.Errorf("the second comes back in %v", back)
	}
	if isHeld := <-looked; isHeld {
		t.Error("the second is held")
	}
	holds.Hurry()
	if back := <-first; back != 3*time.Second {
		t.Errorf("the first comes back in %v", back)
	}
}

// Two tabs of one login are held; a third is answered at once, and told to come back later.
func TestOnlyTwoTabsOfALoginAreHeld(t *testing.T) {
	holds := login.NewHolds(4, time.Minute)
	looked, ended := make(chan bool, 9), make(chan time.Duration, 9)
	hold := func(login string) { ended <- holds.Hold(reload(), login, looked, 2*time.Second) }
	for range 2 {
		go hold("a")
		<-looked
	}
	for deadline := time.Now().Add(10 * time.Second); holds.Tabs("a") < 2; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("two are not held")
		}
	}
	for range 3 {
		if back := holds.Hold(reload(), "a", looked, 2*time.Second); back != 10*time.Second {
			t.Errorf("a third comes back in %v", back)
		}
	}
	holds.Hurry()
	for range 2 {
		if back := <-ended; back != 2*time.Second {
			t.Errorf("one that is held comes back in %v", back)
		}
	}
	if n := holds.Tabs("a"); n != 0 {
		t.Errorf("%d are still counted", n)
	}
}
