// Package chromium drives a real browser through a login, for tests.
//
//	b := chromium.Open(t)
//	b.GoTo(application)
//	b.Press("#login")
//	b.Approve()
//	b.See("#hello")
//
// browser.go is the process, tab.go a tab of it, itsme.go what a person does on the
// pages of the simulator and of the bridge. Every step is bounded, and fails its test.
package chromium
