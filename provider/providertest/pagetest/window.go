package pagetest

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"itsme-bridge/provider/providertest/chromium"
)

// patient is how long one look may take.
const patient = 30 * time.Second

// Screen is what a page is seen on, and how.
type Screen struct {
	Kind, Name    string // small, phone or desktop; and with all that it is besides
	Width, Height int64
	Dark          bool
	Forced        bool  // forced colours, as in Windows' high contrast
	Still         bool  // prefers-reduced-motion
	Text          int64 // per cent; zero: as it is
}

// The screens that pages are looked at on.
var (
	Small   = Screen{Kind: "small", Name: "small", Width: 320, Height: 568}
	Phone   = Screen{Kind: "phone", Name: "phone", Width: 390, Height: 844}
	Desktop = Screen{Kind: "desktop", Name: "desktop", Width: 1280, Height: 800}
)

// InTheDark is the screen with the dark scheme.
func (s Screen) InTheDark() Screen { s.Name, s.Dark = s.Name+", dark", true; return s }

// ForcedColours is the screen with the few colours that its owner has chosen.
func (s Screen) ForcedColours() Screen { s.Name, s.Forced = s.Name+", forced colours", true; return s }

// LargeText is the screen with text twice as large (WCAG 2.2 §1.4.4).
func (s Screen) LargeText() Screen { s.Name, s.Text = s.Name+", text at 200 %", 200; return s }

// WithoutMotion is the screen of somebody whom motion makes ill.
func (s Screen) WithoutMotion() Screen { s.Name, s.Still = s.Name+", reduced motion", true; return s }

// Window is a tab of a browser that looks at pages. A look that cannot be had fails the test.
type Window struct {
	t     testing.TB
	tab   *chromium.Tab
	axe   string // the source of axe-core; empty where the test does not need it
	world runtime.ExecutionContextID
}

// Open starts a browser that lives as long as the test.
func Open(t testing.TB, axe string) *Window {
	t.Helper()
	return Look(t, chromium.Open(t), axe)
}

// Look looks at pages in a tab that is open already.
func Look(t testing.TB, tab *chromium.Tab, axe string) *Window {
	t.Helper()
	return &Window{t: t, tab: tab, axe: axe}
}

// On makes the window another screen. The page that is open adapts itself.
func (w *Window) On(s Screen) {
	w.t.Helper()
	call(w, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: s.Width, Height: s.Height, DeviceScaleFactor: 1})
	chosen := func(yes bool, name string) string {
		if yes {
			return name
		}
		return ""
	}
	scheme := "light"
	if s.Dark {
		scheme = "dark"
	}
	call(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme},
		{Name: "forced-colors", Value: chosen(s.Forced, "active")},
		{Name: "prefers-reduced-motion", Value: chosen(s.Still, "reduce")},
	}})
	size := int64(16)
	if s.Text != 0 {
		size = size * s.Text / 100
	}
	call(w, page.SetFontSizes, page.SetFontSizesParams{FontSizes: &page.FontSizes{Standard: size, Fixed: size * 13 / 16}})
}

// GoTo opens an address. The page before may be going on by itself just then, which
// breaks it off: it is opened again.
func (w *Window) GoTo(address string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.tab.Context(), patient)
	defer cancel()
	err := chromedp.Do(ctx, chromedp.Navigate(address))
	for err != nil && strings.Contains(err.Error(), "ERR_ABORTED") {
		err = chromedp.Do(ctx, chromedp.Navigate(address))
	}
	if err != nil {
		w.t.Fatalf("%s: %v", address, err)
	}
	w.Here()
}

// Here looks at the page to which somebody else has led the tab.
func (w *Window) Here() {
	w.t.Helper()
	frame := call(w, page.GetFrameTree, cdp.Empty{}).FrameTree.Frame.ID
	w.world = call(w, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: frame, WorldName: "pagetest"}).ExecutionContextID
}

// call sends one command to the tab.
func call[P, R any](w *Window, command cdp.Command[P, R], params P) R {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.tab.Context(), patient)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	if err != nil {
		w.t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

// evaluate runs a script beside those of the page, and waits for its promise.
func evaluate[T any](w *Window, script string) T {
	w.t.Helper()
	yes := true
	result := call(w, runtime.Evaluate, runtime.EvaluateParams{Expression: script, ContextID: w.world, ReturnByValue: &yes, AwaitPromise: &yes})
	var value T
	if result.ExceptionDetails != nil {
		w.t.Fatalf("a script of the test failed: %v", result.ExceptionDetails)
	}
	if raw := []byte(result.Result.Value); len(raw) > 0 {
		if err := json.Unmarshal(raw, &value); err != nil {
			w.t.Fatalf("a script of the test answered %s: %v", raw, err)
		}
	}
	return value
}
