package chromium

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// patient is how long one step in the browser may take.
const patient = 30 * time.Second

// Tab is a tab of a browser. Its methods are steps of a person, each bounded; one
// that fails ends the test and says where the browser is.
type Tab struct {
	t   testing.TB
	ctx context.Context
}

func open(t testing.TB, parent context.Context, options ...chromedp.ContextOption) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, options...)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("chromium: %v", err)
	}
	return &Tab{t, ctx}
}

// Another is one more tab of the same browser, with the same cookies.
func (b *Tab) Another() *Tab {
	b.t.Helper()
	return open(b.t, b.ctx)
}

// Context is what chromedp's own functions need. It ends with the test.
func (b *Tab) Context() context.Context { return b.ctx }

// Do takes steps of chromedp, each bounded.
func (b *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for _, step := range steps {
		Run(b, step)
	}
}

// Run takes one step and returns what it finds.
func Run[T any](b *Tab, step chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patient)
	defer cancel()
	value, err := chromedp.Run(ctx, step)
	if err != nil {
		b.t.Fatalf("%v\nthe browser is at %s", err, b.whereabouts())
	}
	return value
}

// whereabouts is for the message of a test that failed.
func (b *Tab) whereabouts() string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	address, _ := chromedp.Run(ctx, chromedp.Location())
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
	return address + "\n" + text
}

// GoTo opens an address, as if it had been typed.
func (b *Tab) GoTo(address string) { b.t.Helper(); b.Do(chromedp.Navigate(address)) }

// Back is the browser's own button.
func (b *Tab) Back() { b.t.Helper(); b.Do(chromedp.NavigateBack()) }

// Press clicks on what leads to another page, and waits until one has loaded.
func (b *Tab) Press(css string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patient)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(css))); err != nil {
		b.t.Fatalf("press %s: %v\nthe browser is at %s", css, err, b.whereabouts())
	}
}

// See waits until something is on the page.
func (b *Tab) See(css string) { b.t.Helper(); b.Do(chromedp.WaitVisible(chromedp.CSS(css))) }

// Has reports whether something is on the page now.
func (b *Tab) Has(css string) bool {
	b.t.Helper()
	return Run(b, chromedp.Evaluate[bool]("document.querySelector("+strconv.Quote(css)+") !== null"))
}

// Type fills a field of a form.
func (b *Tab) Type(css, text string) {
	b.t.Helper()
	b.Do(chromedp.SetValue(chromedp.CSS(css), text))
}

// Read is the text of something on the page.
func (b *Tab) Read(css string) string {
	b.t.Helper()
	return strings.TrimSpace(Run(b, chromedp.TextContent(chromedp.CSS(css))))
}

// Reads fails the test unless the page says so.
func (b *Tab) Reads(css, want string) {
	b.t.Helper()
	if got := b.Read(css); got != want {
		b.t.Errorf("%s reads %q, want %q", css, got, want)
	}
}

// Location is where the browser is.
func (b *Tab) Location() string { b.t.Helper(); return Run(b, chromedp.Location()) }

// WithoutJavaScript turns scripts off in the tab.
func (b *Tab) WithoutJavaScript() {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		b.t.Fatal(err)
	}
}
