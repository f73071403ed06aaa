package login_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"itsme-bridge/provider/login"
)

// Above the ceiling a request is answered at once, and told to come back later.
func TestOnlySoManyAreHeld(t *testing.T) {
	holds := login.NewHolds(1, time.Minute)
	looked, first := make(chan bool, 9), make(chan error, 1)
	r := httptest.NewRequest("GET", "/", nil)
	go func() { first <- holds.Hold(httptest.NewRecorder(), r, looked, 3*time.Second) }()
	if isHeld := <-looked; !isHeld {
		t.Fatal("the first is not held")
	}
	_ = holds.Hold(httptest.NewRecorder(), r, looked, time.Second)
	if isHeld := <-looked; isHeld {
		t.Error("the second is held")
	}
	holds.Hurry()
	if err := <-first; err != nil {
		t.Error(err)
	}
}
