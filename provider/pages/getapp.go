package pages

import (
	"html/template"
	"strings"
)

// Where the itsme app is to be had: at its store for Android, which is told by the name
// of its package, and else from the page of itsme, which leads to every store. An iPad
// says that it is a Mac, so nobody can tell where its browser is.
const (
	playStore = "https://play.google.com/store/apps/details?id=be.bmid.itsme"
	itsmeHome = "https://www.itsme-id.com/"
)

// getApp leads to the app whoever has none.
type getApp struct {
	Question, Label string
	URL             template.URL
}

// getApp is on the pages whose reader may not have the app, or not where they are.
func (p Page) getApp(lang words) *getApp {
	switch p.Kind {
	case Continue, Failed, Expired:
	default:
		return nil
	}
	to := itsmeHome
	if strings.Contains(p.UserAgent, "Android") {
		to = playStore
	}
	return &getApp{lang.noApp, lang.getApp, target(to)}
}
