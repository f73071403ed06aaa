package login_test

import (
	"net/http/httptest"
	"testing"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/login"
)

// An answer gives its browser one trail, the last one; what else it gives stays.
func TestAnAnswerHasOneTrail(t *testing.T) {
	issuer, err := edge.NewIssuer("https://id.example")
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	w.Header().Add("Set-Cookie", "other=1")
	if got := login.TrailOf(issuer, w, "nl", "fr"); got != "fr" {
		t.Errorf("the trail is of the login in %q", got)
	}
	if given := w.Header().Values("Set-Cookie"); len(given) != 2 || given[0] != "other=1" {
		t.Errorf("the answer gives %q", given)
	}
}
