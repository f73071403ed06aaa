// Package pagetest looks at pages in a real browser, as people with many kinds of
// screen, sight and hands do, for tests.
//
//	w := pagetest.Open(t, axe)
//	w.On(pagetest.Phone.InTheDark())
//	w.GoTo(page)
//	for _, fault := range w.Axe() { … }
//
// What looks:
//
//	window.go   a tab, and the screens that it can be
//	axe.go      axe-core, which make setup has from npm (testdata/axe)
//	layout.go   what is cut off, covered, too small or below the fold (layout.js)
//	keys.go     the way of somebody who has only a keyboard
//	tree.go     what a screen reader is told
//	gallery.go  pictures of all pages, in one file that needs nothing (gallery.html)
//
// Nothing of it is put into the page: it runs in a world of its own beside the
// page's scripts, under the page's own Content-Security-Policy.
package pagetest
