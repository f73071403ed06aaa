//go:build e2e

package pages_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"itsme-bridge/provider/pages"
)

// room shows the waiting page, and tells its script how things stand.
type room struct {
	url string

	kept bool // browsers may keep the page for "back"

	mu     sync.Mutex
	page   pages.Page
	stands []string // the script's answers, the last of them again and again; empty: we do not answer
	came   []string // "page", "status" or "more", for each request
}

func waitingRoom(t *testing.T, p pages.Page, stands ...string) *room {
	t.Helper()
	p.Kind, p.Locale, p.App, p.Home, p.URL = pages.Waiting, "en", "Stad Gent", home, "/return"
	r := &room{page: p, stands: stands}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL + "/return"
	return r
}

func (r *room) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.kept {
		w.Header().Set("Cache-Control", "no-store")
	}
	script := q.Header.Get("Accept") == "application/json"
	switch {
	case q.URL.Path != "/return":
		w.WriteHeader(http.StatusNotFound)
	case script && len(r.stands) == 0:
		r.came = append(r.came, "status")
		w.WriteHeader(http.StatusServiceUnavailable)
	case script:
		r.came = append(r.came, map[string]string{http.MethodGet: "status", http.MethodPost: "more"}[q.Method])
		_, _ = fmt.Fprint(w, r.stands[0])
		if len(r.stands) > 1 {
			r.stands = r.stands[1:]
		}
	default:
		r.came = append(r.came, "page")
		pages.Write(w, http.StatusOK, r.page)
	}
}

// tells changes what the script is told.
func (r *room) tells(stands ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stands = stands
}

// shows changes the page.
func (r *room) shows(kind pages.Kind) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.page.Kind = kind
}

// visits are the requests so far.
func (r *room) visits() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.came, " ")
}

// until waits for something to come true.
func until(t *testing.T, ctx context.Context, what string, is func() bool) {
	t.Helper()
	for !is() {
		select {
		case <-ctx.Done():
			t.Fatalf("not yet: %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// run evaluates an expression in the page.
func run[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// enter opens the room, and notes in the page whatever its live region says.
func (r *room) enter(t *testing.T, ctx context.Context) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.Navigate(r.url)); err != nil {
		t.Fatal(err)
	}
	run[bool](t, ctx, `window.spoken = []; new MutationObserver(() => spoken.push(document.getElementById('said').textContent))
		.observe(document.getElementById('said'), {childList: true, characterData: true, subtree: true}); true`)
}

func spoken(t *testing.T, ctx context.Context) string {
	t.Helper()
	return run[string](t, ctx, `spoken.join('|')`)
}

const waitASecond = `{"wait":1,"left":50,"more":true}`

var moreTime = &pages.Form{Action: "/return", Fields: []pages.Field{{Name: "token", Value: "t"}}}

func TestWaitingGoesOnByItselfAndMovesNoFocus(t *testing.T) {
	r := waitingRoom(t, pages.Page{Refresh: time.Second, Limit: time.Minute, Leave: leave, More: moreTime}, waitASecond)
	ctx := browser(t)
	r.enter(t, ctx)
	run[bool](t, ctx, `document.getElementById('leave').focus(); true`)
	until(t, ctx, "three looks", func() bool { return strings.HasPrefix(r.visits(), "page status status status") })
	if said := spoken(t, ctx); said != pages.Texts("en")[".wait.still"] {
		t.Errorf("said %q, want one sentence", said)
	}
	if focus := run[string](t, ctx, `document.activeElement.id`); focus != "leave" {
		t.Errorf("the focus is on %q", focus)
	}
	if run[bool](t, ctx, `document.getElementById('more').checkVisibility()`) {
		t.Error("more time is offered already")
	}
	length := run[int](t, ctx, `history.length`)
	if counting := run[string](t, ctx, `document.getElementById('left').textContent`); !strings.Contains(counting, " seconds") || strings.Contains(counting, "60") {
		t.Errorf("what is left: %q", counting)
	}
	r.shows(pages.Finished)
	r.tells(`{"done":true}`)
	until(t, ctx, "it goes on", func() bool { return strings.HasSuffix(r.visits(), "status page") })
	if err := chromedp.Do(ctx, chromedp.WaitVisible(chromedp.CSS("[data-page=finished]"))); err != nil {
		t.Fatal(err)
	}
	if run[int](t, ctx, `history.length`) != length {
		t.Error("the waiting page stays in the history")
	}
	if n := strings.Count(r.visits(), "page"); n != 2 {
		t.Errorf("%d pages were loaded, want 2: %s", n, r.visits())
	}
}

// hide brings another tab to the front, until the function that it returns is called.
func hide(t *testing.T, ctx context.Context) (show func()) {
	t.Helper()
	other, cancel := chromedp.NewContext(ctx, chromedp.WithNewWindow(false))
	t.Cleanup(cancel)
	front := func(tab context.Context) {
		t.Helper()
		if _, err := chromedp.Call(tab, page.BringToFront, cdp.Empty{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := chromedp.Do(other); err != nil {
		t.Fatal(err)
	}
	front(other)
	until(t, ctx, "hidden", func() bool { return run[bool](t, ctx, `document.hidden`) })
	return func() { front(ctx) }
}

func TestWaitingAsksNothingWhileHidden(t *testing.T) {
	r := waitingRoom(t, pages.Page{Refresh: time.Second, Limit: time.Minute}, `{"wait":5,"left":50}`)
	ctx := browser(t)
	r.enter(t, ctx)
	until(t, ctx, "one look", func() bool { return strings.Contains(r.visits(), "status") })
	show := hide(t, ctx)
	before := r.visits()
	run[bool](t, ctx, `window.since = Date.now(); true`)
	until(t, ctx, "a pause", func() bool { return run[bool](t, ctx, `Date.now() - since > 6000`) })
	if now := r.visits(); now != before {
		t.Errorf("asked while hidden: %s, then %s", before, now)
	}
	r.tells(`{"wait":60,"left":60}`)
	shown := time.Now()
	show()
	until(t, ctx, "a look at once", func() bool { return r.visits() == before+" status" })
	if took := time.Since(shown); took > 4*time.Second {
		t.Errorf("it took %v, as if the pause began anew", took)
	}
}

// Shortly before the end a person is warned, once, and has twenty seconds to say that
// they need more (WCAG 2.2 §2.2.1). Their focus stays on the button.
func TestWaitingWarnsAndIsGivenMoreTime(t *testing.T) {
	r := waitingRoom(t, pages.Page{Refresh: time.Second, Limit: 27 * time.Second, More: moreTime}, `{"wait":60,"left":26,"more":true}`)
	ctx := browser(t)
	r.enter(t, ctx)
	words := pages.Texts("en")
	until(t, ctx, "the warning", func() bool { return strings.HasSuffix(spoken(t, ctx), words[".wait.soon"]) })
	r.tells(`{"wait":1,"left":60,"more":true}`)
	if err := chromedp.Do(ctx, chromedp.Focus(chromedp.ID("more")), chromedp.Click(chromedp.ID("more"))); err != nil {
		t.Fatal(err)
	}
	until(t, ctx, "more time, and two looks", func() bool { return strings.HasPrefix(r.visits(), "page status more status status") })
	said := strings.Join([]string{words[".wait.still"], words[".wait.soon"], words[".wait.extended"]}, "|")
	if got := spoken(t, ctx); got != said {
		t.Errorf("said %q\nwant %q", got, said)
	}
	if focus := run[string](t, ctx, `document.activeElement.id`); focus != "more" {
		t.Errorf("the focus is on %q", focus)
	}
	if left := run[string](t, ctx, `document.getElementById('left').textContent`); !strings.Contains(left, "60") && !strings.Contains(left, "59") {
		t.Errorf("what is left: %q", left)
	}
	r.tells(`{"wait":60,"left":12}`) // it can have no more
	until(t, ctx, "the last warning", func() bool { return strings.HasSuffix(spoken(t, ctx), "|"+words[".wait.last"]) })
}

// We do not answer: the script tries less often, says so once, and once when we do.
func TestWaitingSaysOnceThatNobodyAnswers(t *testing.T) {
	r := waitingRoom(t, pages.Page{Refresh: time.Second, Limit: time.Minute})
	ctx := browser(t)
	r.enter(t, ctx)
	words := pages.Texts("en")
	until(t, ctx, "it says so", func() bool { return spoken(t, ctx) == words[".wait.offline"] })
	if got := r.visits(); got != "page status status status" {
		t.Errorf("came: %s", got)
	}
	r.tells(waitASecond)
	run[bool](t, ctx, `window.dispatchEvent(new Event('online'))`) // as where a phone finds its network
	until(t, ctx, "it says that we are back", func() bool { return spoken(t, ctx) == words[".wait.offline"]+"|"+words[".wait.online"] })
	until(t, ctx, "two more looks", func() bool { return strings.Count(r.visits(), "status") >= 6 })
	if got := spoken(t, ctx); got != words[".wait.offline"]+"|"+words[".wait.online"] {
		t.Errorf("said %q", got)
	}
}

// However a person comes back to the page, by the browser's cache of pages or not, it
// asks at once.
func TestWaitingAsksAtOnceWhenAPersonGoesBack(t *testing.T) {
	for name, row := range map[string]struct{ disabled, want string }{
		"kept": {"Translate", "page status status"}, "not kept": {"Translate,BackForwardCache", "page status page status"},
	} {
		t.Run(name, func(t *testing.T) {
			r := waitingRoom(t, pages.Page{Refresh: time.Second, Limit: time.Minute}, `{"wait":60,"left":60}`)
			r.kept = name == "kept"
			elsewhere := httptest.NewServer(http.NotFoundHandler())
			t.Cleanup(elsewhere.Close)
			ctx := browser(t, chromedp.Flag("disable-features", row.disabled))
			r.enter(t, ctx)
			until(t, ctx, "one look", func() bool { return r.visits() == "page status" })
			if err := chromedp.Do(ctx, chromedp.Navigate(elsewhere.URL)); err != nil {
				t.Fatal(err)
			}
			run[bool](t, ctx, `history.back(); true`)
			soon, cancel := context.WithTimeout(ctx, 15*time.Second)
			t.Cleanup(cancel)
			t.Cleanup(func() { t.Log(r.visits()) })
			until(t, soon, row.want, func() bool { return r.visits() == row.want })
		})
	}
}

// By this the server tells a page that loads again by itself from a person's act, and
// may let it wait for its answer.
func TestAPageThatLoadsAgainByItselfSaysSo(t *testing.T) {
	said := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/return" {
			said <- r.Header.Get("Sec-Fetch-Site") + " " + r.Header.Get("Sec-Fetch-Mode") + " " + r.Header.Get("Sec-Fetch-Dest") + " " + r.Header.Get("Sec-Fetch-User")
		}
		pages.Write(w, http.StatusOK, pages.Page{Kind: pages.Waiting, Refresh: 2 * time.Second, URL: "/return"})
	}))
	t.Cleanup(server.Close)
	ctx := browser(t, withoutScripts)
	if err := chromedp.Do(ctx, chromedp.Navigate(server.URL+"/return")); err != nil {
		t.Fatal(err)
	}
	wantArrivals(t, ctx, said, "none navigate document ?1", "same-origin navigate document ")
	if err := chromedp.Do(ctx, chromedp.Click(chromedp.ID("check"))); err != nil {
		t.Fatal(err)
	}
	wantArrivals(t, ctx, said, "same-origin navigate document ?1")
}

// The page that leads on to itsme is no place to come back to: whoever goes back from
// there is where they were before.
func TestBackFromItsmeSkipsThePageThatLedThere(t *testing.T) {
	for name, flags := range map[string][]chromedp.ExecAllocatorOption{"with scripts": nil, "without": {withoutScripts}} {
		t.Run(name, func(t *testing.T) {
			itsme := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				_, _ = fmt.Fprint(w, `<p id="itsme">itsme</p>`)
			}))
			t.Cleanup(itsme.Close)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Cache-Control", "no-store")
				p := pages.Page{Kind: pages.Continue, Primary: &pages.Form{Action: "/continue"}}
				if r.Method == http.MethodPost {
					p = pages.Page{Kind: pages.Navigate, URL: itsme.URL + "/"}
				}
				pages.Write(w, http.StatusOK, p)
			}))
			t.Cleanup(server.Close)
			ctx := browser(t, flags...)
			err := chromedp.Do(ctx,
				chromedp.Navigate(server.URL+"/authorize"), chromedp.Click(chromedp.ID("primary")),
				chromedp.WaitVisible(chromedp.ID("itsme")), chromedp.NavigateBack(),
				chromedp.WaitVisible(chromedp.CSS("[data-page=continue]")),
			)
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// An answer that the script does not know, such as one of an older version beside this
// one, is for the page.
func TestWaitingLeavesOtherAnswersToThePage(t *testing.T) {
	r := waitingRoom(t, pages.Page{Refresh: time.Second, Limit: time.Minute}, "<!doctype html>")
	ctx := browser(t)
	r.enter(t, ctx)
	until(t, ctx, "the page", func() bool { return strings.HasPrefix(r.visits(), "page status page") })
}
