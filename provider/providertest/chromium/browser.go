package chromium

import (
	"context"
	"os"
	"os/exec"
	"testing"

	"github.com/chromedp/chromedp"
)

// Browser is a Chromium process.
type Browser struct {
	ctx context.Context
	end context.CancelFunc
}

// Start starts a Chromium that several tests share. Whoever starts it closes it.
func Start(flags ...chromedp.ExecAllocatorOption) (*Browser, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], // disable-background-networking among them
		chromedp.NoSandbox, // the tests may run as root; what they open is ours
		// As by default, and nothing is kept for "back": chromedp does not see a page that comes without loading.
		chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,BackForwardCache"),
		chromedp.DisableGPU, chromedp.Flag("lang", "en"), chromedp.Env("LANG=en_US.UTF-8"),
	)
	allocator, end := chromedp.NewExecAllocator(context.Background(), append(options, flags...)...)
	ctx, _ := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil {
		end()
		return nil, err
	}
	return &Browser{ctx: ctx, end: end}, nil
}

// Close ends the process, and waits until it has gone.
func (b *Browser) Close() { b.end() }

// Tab is a tab in a profile of its own, as another person's browser would be.
func (b *Browser) Tab(t testing.TB) *Tab {
	t.Helper()
	return open(t, b.ctx, chromedp.WithNewBrowserContext())
}

// Open starts a Chromium that lives as long as the test, and is a tab of it. Where
// there is none, the test is skipped, or fails when CI=true.
func Open(t testing.TB, flags ...chromedp.ExecAllocatorOption) *Tab {
	t.Helper()
	Needed(t)
	b, err := Start(flags...)
	if err != nil {
		t.Fatalf("chromium: %v", err)
	}
	t.Cleanup(b.Close)
	return open(t, b.ctx)
}

// Needed skips a test without a browser to run in, and fails it when CI=true.
func Needed(t testing.TB) {
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
