package pages_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"itsme-bridge/provider/pages"
)

// show is what a browser gets for a page.
func show(t *testing.T, status int, p pages.Page) (*http.Response, string) {
	t.Helper()
	w := httptest.NewRecorder()
	pages.Write(w, status, p)
	return w.Result(), w.Body.String()
}

func TestWrite(t *testing.T) {
	answer, body := show(t, http.StatusAccepted, pages.Page{Kind: pages.Cancelled, Locale: "nl", App: "Acme"})
	if answer.StatusCode != http.StatusAccepted {
		t.Errorf("status %d", answer.StatusCode)
	}
	if got := answer.Header.Get("Content-Type"); got != "text/html; charset=utf-8" {
		t.Errorf("Content-Type %q", got)
	}
	for _, want := range []string{`<html lang="nl">`, "Je hebt geannuleerd", "Acme"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
}
