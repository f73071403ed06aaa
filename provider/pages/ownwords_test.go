package pages_test

import (
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/pages"
)

// An operator's own sentence stands in place of ours, in its language and nowhere else.
func TestOwnWords(t *testing.T) {
	look := &pages.Look{Words: pages.WordsWith(map[string]map[string]string{
		"nl": {"expired.title": "Te laat bevestigd", "label.try_again": "Nog eens", "cancelled.what": "Gestopt in de itsme®-app. {app} weet van niets."},
	})}
	page := pages.Page{Kind: pages.Expired, Locale: "nl", App: "Stad Gent", Primary: again, Look: look}
	_, body := show(t, 200, page)
	for _, want := range []string{"<h1>Te laat bevestigd</h1>", ">Nog eens</button>", pages.Texts("nl")[".pages.expired.retry"]} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
	page.Kind = pages.Cancelled
	if _, body = show(t, 200, page); !strings.Contains(body, "Gestopt in de itsme®\u2011app. Stad Gent weet van niets.") {
		t.Errorf("not filled in:\n%s", body)
	}
	page.Kind, page.Locale = pages.Expired, "fr"
	if _, body = show(t, 200, page); !strings.Contains(body, pages.Texts("fr")[".pages.expired.title"]) {
		t.Errorf("another language is another one:\n%s", body)
	}
	page.Locale, page.Look = "nl", nil
	if _, body = show(t, 200, page); !strings.Contains(body, pages.Texts("nl")[".pages.expired.title"]) {
		t.Errorf("ours have changed:\n%s", body)
	}
	// A sentence that names a button names it as it is now.
	look.Words = pages.WordsWith(map[string]map[string]string{"nl": {"label.more_time": "Langer wachten", "label.continue": "Ga verder", "label.continue_to_app": "Verder naar {app}"}})
	for kind, want := range map[pages.Kind]string{pages.Waiting: "‘Langer wachten’", pages.Navigate: "‘Ga verder’", pages.Resubmit: "‘Ga verder’", pages.FormPost: "‘Verder naar Stad Gent’"} {
		_, body = show(t, 200, pages.Page{Kind: kind, Locale: "nl", App: "Stad Gent", URL: "/x", More: again, Limit: time.Minute, Look: look})
		if !strings.Contains(body, want) || strings.Contains(body, "{button}") {
			t.Errorf("%s does not name its button %s:\n%s", kind, want, body)
		}
	}
	if own := (pages.Look{}).Over(*look); own.Words != look.Words {
		t.Error("a client's look has lost the operator's words")
	}
}

func TestWhatOwnWordsMayBe(t *testing.T) {
	for _, row := range []struct{ key, sentence, wrong string }{
		{"expired.title", "Te laat", ""},
		{"cancelled.what", "{app} weet van niets.", ""},
		{"cancelled.what", "Bij {app} is {app} niets bekend.", ""},
		{"waiting.what", "Zelfstandigen\u00advergunning", ""},
		{"expired.heading", "Te laat", "no sentence"},
		{"waiting.note", "x", "no sentence"}, // that page has none
		{"expired.title", "", "is empty"},
		{"expired.title", " \u00a0", "is empty"},
		{"expired.title", "a\nb", "another line"},
		{"expired.title", "a\u202eb", "nobody sees"},
		{"expired.title", "a\u2028b", "nobody sees"},
		{"expired.title", "<b>a</b>", "no markup"},
		{"expired.title", "a\xff", "UTF-8"},
		{"expired.title", strings.Repeat("é", 90), ""},
		{"expired.title", strings.Repeat("é", 91), "longer than 90"},
		{"label.try_again", strings.Repeat("x", 61), "longer than 60"},
		{"expired.retry", strings.Repeat("x", 401), "longer than 400"},
		{"expired.title", "{app} is te laat", "nothing is filled in here"},
		{"cancelled.what", "Gestopt.", "must hold {app}"},
		{"cancelled.what", "{app} en {limit}", "must hold {app}"},
		{"cancelled.what", "{app}!", "says nothing"},
		{"label.log_out", ".", "says nothing"},
		{"unit.second", "s", ""},
		{"waiting.soon", "Nog even. Kies ‘{button}’.", ""},
		{"waiting.soon", "Nog even.", "must hold {button}"},
		{"cancelled.what", "{app} {App}", "must hold {app}"},
		{"waiting.limited", "Nog {limit }", "must hold {limit}"},
	} {
		err := pages.CheckSentence("nl", row.key, row.sentence)
		if (row.wrong == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), row.wrong) {
			t.Errorf("%s %q: %v, want %q", row.key, row.sentence, err, row.wrong)
		}
	}
}

// All that is said in our own words would pass as an operator's.
func TestOurOwnWordsAreGoodEnough(t *testing.T) {
	for _, sentence := range pages.Sentences() {
		for tag, text := range sentence.Texts {
			if err := pages.CheckSentence(tag, sentence.Key, text); err != nil {
				t.Errorf("%s %s: %v", tag, sentence.Key, err)
			}
		}
	}
}
