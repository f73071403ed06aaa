package provider_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/audit"
	. "itsme-bridge/provider/providertest"
)

// times sends requests to the provider, without a network between.
func times(t *testing.T, s *Server, n int, path string, change func(*http.Request)) {
	t.Helper()
	form := exchanging("x")
	form.Del("client_id")
	for range n {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if change != nil {
			change(r)
		}
		s.Provider.ServeHTTP(httptest.NewRecorder(), r)
	}
}

// eventsOf are those of the audit stream that are of one kind.
func eventsOf(t *testing.T, s *Server, name, reason string) (found []audit.Event) {
	t.Helper()
	for line := range strings.Lines(s.Audited()) {
		var e audit.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.Name == name && e.Reason == reason {
			found = append(found, e)
		}
	}
	return found
}

// A flood of refusals does not fill the audit stream: after so many of one kind in a minute one event says how many
// more there were. One caller has a tenth of those, and the others of the same kind keep their names. Whatever is of another kind is told, and so is that with which something was ended.
func TestAFloodDoesNotFillTheAuditStream(t *testing.T) {
	s := New(t)
	code := s.Login(nil).Get("code")
	s.Exchange(code, nil).Wants(t, http.StatusOK, "")
	asked := 0
	times(t, s, 700, "/token", func(r *http.Request) {
		r.SetBasicAuth(App, "guess")
		r.RemoteAddr = fmt.Sprintf("192.0.2.%d:1", asked/50)
		asked++
	})
	for range 80 { // one caller
		s.Exchange(code, set("code_verifier", Verifier+"x"))
	}
	times(t, s, 1, "/token", func(r *http.Request) { // another
		r.SetBasicAuth(App, AppSecret)
		form := exchanging(code)
		form.Del("client_id")
		form.Set("code_verifier", Verifier+"x")
		r.Body = io.NopCloser(strings.NewReader(form.Encode()))
		r.ContentLength = int64(len(form.Encode()))
	})
	s.Browser().Authorize(set("client_id", "nobody"))
	s.Exchange(code, nil).Wants(t, http.StatusBadRequest, "invalid_grant") // the tokens are ended
	s.Advance(time.Minute)
	s.Browser().Get("/")
	for _, row := range []struct {
		name, reason string
		want         int
		leftOut      int64
	}{
		{audit.Refused, "client_authentication", 600, 0},
		{audit.RefusedMore, "client_authentication", 1, 100},
		{audit.Refused, "code_replay", 60 + 1 + 1, 0},
		{audit.RefusedMore, "code_replay", 1, 20},
		{audit.Refused, "unknown_client", 1, 0},
		{audit.RefusedMore, "unknown_client", 0, 0},
	} {
		got := eventsOf(t, s, row.name, row.reason)
		if len(got) != row.want {
			t.Errorf("%s %s: %d, want %d", row.name, row.reason, len(got), row.want)
			continue
		}
		for _, e := range got {
			if e.LeftOut != row.leftOut || row.name == audit.RefusedMore && (e.Client != App || e.Route != "/token") {
				t.Errorf("%s: %+v", row.name, e)
			}
		}
	}
}

// Nor does it fill the log. What belongs to a login that goes well is there whatever else there is.
func TestAFloodDoesNotFillTheLog(t *testing.T) {
	s := New(t)
	wrong := func(r *http.Request) { r.SetBasicAuth(App, "guess") }
	lines := func(words ...string) (n int) {
	next:
		for line := range strings.Lines(s.Log.String()) {
			for _, word := range words {
				if !strings.Contains(line, word) {
					continue next
				}
			}
			n++
		}
		return n
	}
	const msg, more = `"msg":"request"`, `"msg":"requests of one kind, not logged one by one"`
	times(t, s, 30, "/token", wrong)   // 401
	times(t, s, 6100, "/token", wrong) // 429
	times(t, s, 6100, "/nothing", nil)
	for range 6100 { // a page for a click: that it has the name of a login makes none
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/authorize?"+Request(nil).Encode(), nil)
		s.Provider.ServeHTTP(httptest.NewRecorder(), r)
	}
	s.Exchange(s.Login(nil).Get("code"), nil).Wants(t, http.StatusOK, "")
	if n := lines(msg, `"route":"/authorize"`, `"status":303`); n != 1 {
		t.Errorf("%d lines of the login that was begun", n)
	}
	if n := lines(msg, `"status":401`); n != 30 {
		t.Errorf("%d lines of 30 with 401", n)
	}
	if n := lines(msg, `"status":429`); n != 6000 {
		t.Errorf("%d lines with 429", n)
	}
	if n := lines(msg, `"status":404`); n != 6000 {
		t.Errorf("%d lines with 404", n)
	}
	if n := lines(msg, `"route":"/authorize"`, `"status":200`); n != 6000 {
		t.Errorf("%d lines of pages for a click", n)
	}
	if n := lines(msg, `"route":"/token"`, `"status":200`); n != 1 {
		t.Errorf("%d lines of the login", n)
	}
	if n := lines(more); n != 0 {
		t.Errorf("%d lines say what was left out, before the minute is over", n)
	}
	s.Advance(time.Minute)
	times(t, s, 1, "/nothing", nil)
	if n := lines(more, `"status":429`, `"left_out":100`, `"client":"app"`, `"refused":"client_authentication"`); n != 1 {
		t.Errorf("%d lines say what was left out", n)
	}
	if n := lines(more, `"status":404`, `"left_out":100`); n != 1 {
		t.Errorf("%d lines say what was left out of the others", n)
	}
	times(t, s, 6001, "/nothing", nil)
	if err := s.Provider.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := lines(more, `"status":404`, `"left_out":2`); n != 1 {
		t.Errorf("%d lines say at the stop what was left out", n)
	}
}
