//go:build e2e

package main_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// patient is how long one step in the browser may take.
const patient = 30 * time.Second

// chromium is the one browser process of all tests. Each test has a profile of
// its own in it, as another person's browser would be.
var chromium = sync.OnceValues(func() (context.Context, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], // disable-background-networking among them
		chromedp.NoSandbox, // the tests may run as root; what they open is ours
		chromedp.Flag("lang", "en"), chromedp.Env("LANG=en_US.UTF-8"),
	)
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	browser, _ := chromedp.NewContext(allocator)
	atEnd = append(atEnd, end)
	return browser, chromedp.Do(browser)
})

// tab is a tab of a browser.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// browser is a tab in a profile of its own.
func browser(t *testing.T) tab {
	t.Helper()
	needsChromium(t)
	first, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	return open(t, first, chromedp.WithNewBrowserContext())
}

// another is one more tab of the same browser.
func (b tab) another() tab {
	b.t.Helper()
	return open(b.t, b.ctx)
}

func open(t *testing.T, parent context.Context, options ...chromedp.ContextOption) tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, options...)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return tab{t, ctx}
}

// needsChromium skips a test without a browser to run in, and fails it in CI.
func needsChromium(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		"headless_shell", "headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
	} {
		if _, err := exec.LookPath(name); err == nil {
			return
		}
	}
	const missing = "NOT TESTED IN A BROWSER: there is no Chromium here (apt-get install chromium)"
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
}

// do takes steps, each bounded.
func (b tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for _, step := range steps {
		run(b, step)
	}
}

// run takes one step and returns what it finds.
func run[T any](b tab, step chromedp.Action[T]) T {
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
func (b tab) whereabouts() string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	address, _ := chromedp.Run(ctx, chromedp.Location())
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
	return address + "\n" + text
}

func (b tab) goTo(address string) { b.t.Helper(); b.do(chromedp.Navigate(address)) }

// press clicks on what leads to another page, and waits until one has loaded.
func (b tab) press(css string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patient)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(css))); err != nil {
		b.t.Fatalf("press %s: %v\nthe browser is at %s", css, err, b.whereabouts())
	}
}

// see waits until something is on the page.
func (b tab) see(css string) { b.t.Helper(); b.do(chromedp.WaitVisible(chromedp.CSS(css))) }

// read is the text of something on the page.
func (b tab) read(css string) string {
	b.t.Helper()
	return strings.TrimSpace(run(b, chromedp.TextContent(chromedp.CSS(css))))
}

// reads fails the test unless the page says so.
func (b tab) reads(css, want string) {
	b.t.Helper()
	if got := b.read(css); got != want {
		b.t.Errorf("%s reads %q, want %q", css, got, want)
	}
}

func (b tab) location() string { b.t.Helper(); return run(b, chromedp.Location()) }

// withoutJavaScript turns scripts off in the tab.
func (b tab) withoutJavaScript() {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		b.t.Fatal(err)
	}
}
