package provider_test

import (
	"net/url"
	"testing"
	"time"

	"itsme-bridge/provider/session"
	"itsme-bridge/storage"
)

// A session and its audience are two records, read one after the other. Where a logout
// ends the session in between, it is seen alive and its audience ended: then it serves
// nobody, and nobody joins it.
func TestASessionThatEndsWhileItIsReadServesNobody(t *testing.T) {
	app, other := newReceiver(t), newReceiver(t)
	for name, change := range map[string]func(url.Values){"who has joined": func(url.Values) {}, "who would join": asOther} {
		s := withReceivers(t, app, other, nil)
		b := s.Browser()
		audience := storage.HandleOf(sessionIn(s, payloadOf(t, logIn(t, s, b, nil))), "")
		audiences := storage.NewBucket[session.Audience](s.Store, "logout")
		if err := audiences.Put(t.Context(), audience, session.Audience{Ended: true}, time.Minute); err != nil {
			t.Fatal(err)
		}
		if _, got := responseOf(t, b.Authorize(func(v url.Values) { change(v); v.Set("prompt", "none") })); got.Get("error") != "login_required" {
			t.Errorf("%s: %v", name, got)
		}
		if a, _, err := audiences.Get(t.Context(), audience); err != nil || !a.Ended {
			t.Errorf("%s: the end is forgotten: %v, %v", name, a, err)
		}
	}
}
