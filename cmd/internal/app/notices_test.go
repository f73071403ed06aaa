package app_test

import (
	"net/url"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/storage/storagetest"
)

// A logout is told of while the process runs, and that does not keep it from ending.
func TestLogoutsAreTold(t *testing.T) {
	world := storagetest.New(t)
	b := prepare(t, world, nil, func(c *config.Config) {
		c.Provider.Session.TTL = time.Hour
		c.Clients[0].BackChannelLogoutURI = "http://127.0.0.1:1/logout" // nobody is there
	})
	b.furnish()
	b.start()
	b.ready()
	browser := b.Browser()
	back := browser.Begin(nil)
	b.Approve()
	code := b.Response(browser.Get(back)).Get("code")
	hint, _ := b.Exchange(code, nil).JSON()["id_token"].(string)
	if page := browser.Get("/logout?" + url.Values{"id_token_hint": {hint}}.Encode()).Page(); page != "logged_out" {
		t.Fatal(page)
	}
	if said := b.journal.await(t, "logout notice"); said["client"] != "app" || said["result"] != "failed" {
		t.Errorf("%v", said)
	}
	b.stop()
	if err := b.end(); err != nil {
		t.Error(err)
	}
}
