// What is wrong with how the page lies on this screen, as sentences. With fold, the
// first control of main must be seen without scrolling.
(fold) => {
  const faults = [];
  const name = element => (element.id ? "#" + element.id : element.tagName.toLowerCase()) + " “" + element.textContent.trim().slice(0, 40) + "”";
  const shown = element => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
  const root = document.documentElement;
  const scale = parseFloat(getComputedStyle(root).fontSize) / 16;

  const paper = getComputedStyle(root).backgroundColor;
  const rgb = colour => (colour.match(/[\d.]+/g) || []).map(Number);
  const light = colour => rgb(colour).slice(0, 3).map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const solid = colour => rgb(colour).length === 3 || rgb(colour)[3] === 1;
  const under = element => { // the colour behind an element
    for (let e = element; e; e = e.parentElement) if (solid(getComputedStyle(e).backgroundColor)) return getComputedStyle(e).backgroundColor;
    return solid(paper) ? paper : "rgb(255, 255, 255)";
  };
  const contrast = (a, b) => (Math.max(light(a), light(b)) + .05) / (Math.min(light(a), light(b)) + .05);

  scrollTo(0, 0);
  if (root.scrollWidth > innerWidth) faults.push(`the page is ${root.scrollWidth} pixels wide, the screen ${innerWidth}`);
  for (const element of document.body.querySelectorAll("*")) {
    if (!shown(element)) continue;
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    if (box.right > innerWidth + .5 || box.left < -.5) faults.push(`${name(element)} sticks out of the screen`);
    const clips = style.overflowX !== "visible" || style.overflowY !== "visible";
    const boxed = clips || element.matches("button, .ways a");
    if (boxed && (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1)) faults.push(`${name(element)} is cut off`);
    const text = [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const least = element.closest("main, input, select, textarea") ? 16 : 14;
    if (text && parseFloat(style.fontSize) < least * scale - .01) faults.push(`${name(element)} has text of ${style.fontSize}`);
    if (text && element.matches("body")) faults.push(`${name(element)} is text outside of everything`);
  }

  const controls = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")].filter(shown);
  const first = controls.find(control => control.closest("main"));
  if (fold && first && first.getBoundingClientRect().bottom > innerHeight) {
    faults.push(`${name(first)} is below the fold: it ends at ${Math.ceil(first.getBoundingClientRect().bottom)} of ${innerHeight}`);
  }
  for (const control of controls) {
    control.scrollIntoView({ block: "center", behavior: "instant" });
    const box = control.getClientRects()[0];
    const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    if (!hit || hit !== control && !control.contains(hit) && !hit.closest("label")?.contains(control)) faults.push(`${name(control)} is covered by ${hit ? name(hit) : "nothing of the page"}`);
    const target = (control.closest("label") || control).getBoundingClientRect();
    const inSentence = getComputedStyle(control).display === "inline" && control.parentElement.textContent.trim() !== control.textContent.trim();
    if (!inSentence && (target.height < 43.9 || target.width < 43.9)) faults.push(`${name(control)} is a target of ${Math.round(target.width)} × ${Math.round(target.height)}`);
    const style = getComputedStyle(control), behind = under(control.parentElement);
    const bordered = style.borderTopStyle !== "none" && parseFloat(style.borderTopWidth) >= 1 && solid(style.borderTopColor);
    const edges = [bordered && style.borderTopColor, solid(style.backgroundColor) && style.backgroundColor].filter(Boolean);
    const best = Math.max(1, ...edges.map(edge => contrast(edge, behind)));
    if (control.matches("button, input[type=text], input[type=tel], input[type=number], select, textarea") && best < 3 && !control.matches("[aria-current]") && !style.textDecorationLine.includes("underline")) {
      faults.push(`${name(control)} has an edge of ${best.toFixed(2)}:1`);
    }
    if (control.matches("a") && (bordered || solid(style.backgroundColor))) faults.push(`${name(control)} is a link that looks like a button`);
    if (control.matches("a:not([aria-current])") && !style.textDecorationLine.includes("underline") && !control.querySelector("img, svg")) faults.push(`${name(control)} is a link that does not look like one`);
  }
  for (const glyph of document.querySelectorAll("svg")) {
    const box = glyph.getBoundingClientRect(), colour = getComputedStyle(glyph).color;
    if (glyph.getAttribute("aria-hidden") !== "true" && glyph.getAttribute("role") !== "img") faults.push("a glyph is neither hidden nor named");
    if (box.width < 12 || box.height < 24) faults.push(`a glyph is ${box.width} × ${box.height}`);
    if (contrast(colour, under(glyph)) < 3) faults.push(`a glyph of ${colour} on ${under(glyph)} is hard to see`);
  }
  scrollTo(0, 0);
  return faults;
}
