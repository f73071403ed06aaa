package pagetest

import (
	"fmt"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Stop is where the focus is after a Tab.
type Stop struct {
	ID    string  `json:"id"`    // of the control
	Place int     `json:"place"` // among the controls of the page, in the order in which they are read; -1: none of them
	Fault string  `json:"fault"` // why somebody who looks would not find it
	Ring  float64 `json:"ring"`  // how thick the outline is
}

// focused tells of the control that has the focus.
const focused = `(() => {
  const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")].filter(e => e.checkVisibility());
  const e = document.activeElement;
  if (!e || e === document.body) return {id: "", place: -1};
  const style = getComputedStyle(e), box = e.getClientRects()[0], ring = style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth);
  const rgb = c => c.match(/[\d.]+/g).slice(0, 3).map(Number).map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
  const light = c => { const [r, g, b] = rgb(c); return .2126 * r + .7152 * g + .0722 * b; };
  let behind = "rgb(255, 255, 255)";
  for (let p = e.parentElement; p; p = p.parentElement) {
    const c = getComputedStyle(p).backgroundColor;
    if (c.match(/[\d.]+/g).length === 3) { behind = c; break; }
  }
  const contrast = (Math.max(light(style.outlineColor), light(behind)) + .05) / (Math.min(light(style.outlineColor), light(behind)) + .05);
  let fault = "";
  if (ring < 2) fault = "its outline is " + ring + " pixels thick";
  else if (contrast < 3) fault = "its outline has a contrast of " + contrast.toFixed(2);
  else if (box.top < 0 || box.top >= innerHeight) fault = "it is not on the screen";
  return {id: e.id, place: all.indexOf(e), fault, ring};
})()`

// Tab presses the key once.
func (w *Window) Tab() Stop {
	w.t.Helper()
	w.Press(kb.Tab)
	return evaluate[Stop](w, focused)
}

// Press presses a key: kb.Enter, or a space.
func (w *Window) Press(key string) { w.t.Helper(); w.tab.Do(chromedp.KeyEvent(key)) }

// Stops tabs through the page, and says what is wrong with the way: each control once,
// in the order in which they are read, and seen. It returns the controls' ids.
func (w *Window) Stops() (ids, faults []string) {
	w.t.Helper()
	controls := evaluate[int](w, `[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")].filter(e => e.checkVisibility()).length`)
	for want := range controls {
		stop := w.Tab()
		ids = append(ids, stop.ID)
		if stop.Place != want {
			faults = append(faults, fmt.Sprintf("Tab %d goes to the control %d, #%s", want+1, stop.Place+1, stop.ID))
		}
		if stop.Fault != "" {
			faults = append(faults, fmt.Sprintf("the focus on #%s: %s", stop.ID, stop.Fault))
		}
	}
	return ids, faults
}
