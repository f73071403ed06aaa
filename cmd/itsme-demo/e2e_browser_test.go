//go:build e2e

package main_test

import (
	"sync"
	"testing"

	"itsme-bridge/provider/providertest/chromium"
)

// chrome is the one browser process of all tests. Each test has a profile of
// its own in it, as another person's browser would be.
var chrome = sync.OnceValues(func() (*chromium.Browser, error) {
	browser, err := chromium.Start()
	if err == nil {
		atEnd = append(atEnd, browser.Close)
	}
	return browser, err
})

// browser is a tab in a profile of its own.
func browser(t *testing.T) *chromium.Tab {
	t.Helper()
	chromium.Needed(t)
	first, err := chrome()
	if err != nil {
		t.Fatal(err)
	}
	return first.Tab(t)
}
