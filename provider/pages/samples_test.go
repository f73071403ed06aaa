package pages_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/pages"
)

// A sample is a page as it can be shown. What looks at pages looks at these: axe, the
// keyboard, the accessibility trees, the layout and the gallery.
type sample struct {
	name  string
	page  pages.Page
	usual bool // as the bridge shows it; the others are variants
}

// Names of applications: one that fits a line of a small phone, and one that needs two.
const (
	shortName = "Stad Gent"
	longName  = "Intergemeentelijke Vereniging Afvalbeheer Vlaanderen"
)

const (
	sampleReference = "7KQ2-M4XD"
	sampleTrace     = "0af7651916cd43dd8448eb211c80319c"
)

// samples are every page: of each kind one as the bridge shows it, one with all that it
// can hold, in an operator's look and for an application with a long name, one that knows
// nothing of an application, and those that differ besides.
func samples(t *testing.T) []sample {
	t.Helper()
	var all []sample
	look := sampleLook(t)
	for _, kind := range kinds(t) {
		usual := usually(kind)
		crowded := usual
		crowded.App, crowded.Trace, crowded.Home, crowded.Look = longName, sampleTrace, home, look
		crowded.Switch = &pages.Switch{URL: "/itsme/language", Post: true, Fields: again.Fields}
		if !slices.Contains(byItself, kind) {
			crowded.Primary = again
		}
		all = append(all, sample{string(kind), usual, true}, sample{string(kind) + "-crowded", crowded, false}, sample{string(kind) + "-alone", alone(usual), false})
	}
	return append(all, special()...)
}

// sampleLook is a look with everything, and a logo that can be seen.
func sampleLook(t *testing.T) *pages.Look {
	t.Helper()
	look := branded(t)
	look.Logo = picture(t, []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="132" height="40" viewBox="0 0 132 40"><path fill="#c60c30" d="M4 4h28v16q0 12-14 18Q4 32 4 20z"/><path fill="#8a9095" d="M44 10h84v6H44zM44 24h56v6H44z"/></svg>`))
	look.LogoDark = nil
	return look
}

// usually is a page as callers fill it in.
func usually(kind pages.Kind) pages.Page {
	page := pages.Page{Kind: kind, App: shortName, Home: home, Reference: sampleReference, Switch: &pages.Switch{}}
	switch kind {
	case pages.Continue, pages.Cancelled, pages.Failed, pages.Expired, pages.NoData, pages.TooMany:
		page.Primary, page.Leave = again, leave
	case pages.Unavailable:
		page.URL, page.Leave = "/itsme/return", leave
	case pages.Forgotten, pages.NoCookies:
		page.URL = "/authorize?client_id=app"
	case pages.Refused:
		page.Leave = leave
	case pages.Waiting:
		page.URL, page.Leave, page.More, page.Refresh, page.Limit = "/itsme/return", leave, again, time.Hour, 4*time.Minute
	case pages.BadRequest:
		page.Code, page.Description = "invalid_request", "The parameter redirect_uri is not one of those registered for this client."
	case pages.Logout:
		page.Primary = again
	case pages.LoggedOut:
		page.Code, page.Description = "invalid_request", "The parameter post_logout_redirect_uri is not registered."
	case pages.Navigate, pages.FormPost, pages.Resubmit:
		page.URL = onward(pages.Resubmit)
		page.Fields = []pages.Field{{Name: "state", Value: "s"}}
	case pages.OtherBrowser, pages.Finished, pages.Late, pages.ServerError, pages.NotFound, pages.Front:
	}
	return page
}

// alone is a page that nobody knows whose it is, and which leads nowhere but on.
func alone(page pages.Page) pages.Page {
	page.App, page.Home, page.Primary, page.Leave, page.More, page.Switch, page.Code, page.Description = "", "", nil, nil, nil, nil, "", ""
	if !slices.Contains(byItself, page.Kind) {
		page.URL = ""
	}
	return page
}

// special are the pages that differ from the usual one of their kind.
func special() []sample {
	change := func(name string, kind pages.Kind, how func(*pages.Page)) sample {
		page := usually(kind)
		how(&page)
		return sample{name, page, false}
	}
	return []sample{
		change("waiting-unlimited", pages.Waiting, func(p *pages.Page) { p.Limit, p.Leave, p.More = 0, nil, nil }),
		change("continue-again", pages.Continue, func(p *pages.Page) { p.Primary, p.Leave, p.URL = nil, nil, "/authorize?client_id=app" }),
		change("too_many-again", pages.TooMany, func(p *pages.Page) { p.Primary, p.Leave, p.URL = nil, nil, "/authorize?client_id=app" }),
		change("expired-last", pages.Expired, func(p *pages.Page) { p.Primary = nil }),
		change("unavailable-logout", pages.Unavailable, func(p *pages.Page) { p.Logout, p.Leave = true, nil }),
		change("bad_request-logout", pages.BadRequest, func(p *pages.Page) { p.Logout = true }),
		change("logged_out-plain", pages.LoggedOut, func(p *pages.Page) { p.Code, p.Description = "", "" }),
		change("server_error-traced", pages.ServerError, func(p *pages.Page) { p.Trace = sampleTrace }),
	}
}

// inLanguage is a sample as a person reads it.
func (s sample) inLanguage(locale string) pages.Page {
	page := s.page
	page.Locale = locale
	return page
}

// serveSamples shows a sample at /LANGUAGE/NAME, changed where somebody wants it changed.
// Any other address answers that there is nothing new, so that a page which goes on by
// itself stays; or, to who wants to know what was asked for, with a page that says #asked.
func serveSamples(t *testing.T, all []sample, change func(*pages.Page), asked chan<- string) (address func(s sample, locale string) string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, rest, _ := strings.Cut(r.URL.Path, "/")
		locale, name, _ := strings.Cut(rest, "/")
		if picture := pictureOf(all, r.URL.Path); picture != nil {
			picture.Write(w, r)
			return
		}
		i := slices.IndexFunc(all, func(s sample) bool { return s.name == name })
		if i < 0 || !slices.Contains(pages.Languages, locale) {
			if asked == nil || r.URL.Path == "/favicon.ico" {
				w.WriteHeader(http.StatusNoContent)
				return
			}
			asked <- r.Method + " " + r.URL.Path
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, `<!doctype html><title>asked</title><p id="asked">asked`)
			return
		}
		page := all[i].inLanguage(locale)
		if change != nil {
			change(&page)
		}
		pages.Write(w, http.StatusOK, page)
	}))
	t.Cleanup(server.Close)
	return func(s sample, locale string) string { return server.URL + "/" + locale + "/" + s.name }
}

// pictureOf finds a picture of the samples' looks at its address.
func pictureOf(all []sample, address string) *pages.Image {
	for _, s := range all {
		if s.page.Look == nil {
			continue
		}
		for _, picture := range s.page.Look.Pictures() {
			if address == s.page.Look.Images+picture.Name {
				return picture
			}
		}
	}
	return nil
}

func TestSamplesHoldEveryKind(t *testing.T) {
	all := samples(t)
	names := map[string]bool{}
	for _, s := range all {
		if names[s.name] {
			t.Errorf("two samples are called %s", s.name)
		}
		names[s.name] = true
		if answer, body := show(t, 200, s.page); answer.StatusCode != 200 || !strings.Contains(body, `data-page="`+string(s.page.Kind)+`"`) {
			t.Errorf("the sample %s is no page of its kind, status %d", s.name, answer.StatusCode)
		}
	}
	for _, kind := range kinds(t) {
		for _, name := range []string{string(kind), string(kind) + "-crowded", string(kind) + "-alone"} {
			if !names[name] {
				t.Errorf("there is no sample %s", name)
			}
		}
	}
}
