package login_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/claims"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/login"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/pages"
	"itsme-bridge/provider/request"
)

// What is left out of a login as it is kept changes nothing of what it means.
func TestALoginIsKeptShort(t *testing.T) {
	began := time.Date(2026, 11, 29, 12, 0, 0, 123456789, time.FixedZone("", 3600))
	salt, code := []byte("a salt of sixteen"), []pages.Field{{Name: "code", Value: "c"}}
	for _, subject := range []client.SubjectType{client.Pairwise, client.Public} {
		for _, mode := range []string{"query", "fragment", "form_post"} {
			l := login.Login{
				Terms:   client.Terms{Subject: subject, Sector: "app.example"},
				Request: request.Request{Back: oauth.Back{ResponseMode: mode}},
				Began:   began, Expires: began.Add(4 * time.Minute),
			}
			kept := login.Shortened(l)
			text, err := json.Marshal(kept)
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range []string{"pairwise", "query", "456789", "+01:00"} {
				if strings.Contains(string(text), word) {
					t.Errorf("%s: it says %s", text, word)
				}
			}
			if got, want := claims.Subject(salt, &kept.Terms, "person"), claims.Subject(salt, &l.Terms, "person"); got != want {
				t.Errorf("%s: the subject is %s, want %s", subject, got, want)
			}
			to := func(l *login.Login) string { return oauth.AddTo("https://app.example/", l.Request.ResponseMode, code) }
			if got, want := to(&kept), to(&l); got != want {
				t.Errorf("%s: it leads to %s, want %s", mode, got, want)
			}
			if (mode == "form_post") != (kept.Request.ResponseMode == "form_post") {
				t.Errorf("%s: it is kept as %q", mode, kept.Request.ResponseMode)
			}
			if kept.Began.UnixMilli() != began.UnixMilli() || kept.Expires.Sub(kept.Began) != 4*time.Minute {
				t.Errorf("from %v to %v", kept.Began, kept.Expires)
			}
		}
	}
}
