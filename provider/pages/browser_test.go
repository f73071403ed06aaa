//go:build e2e

package pages_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"itsme-bridge/provider/pages"
	"itsme-bridge/provider/providertest/chromium"
)

// browser starts a Chromium that lives as long as the test.
func browser(t *testing.T, flags ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(chromium.Open(t, flags...).Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

var withoutScripts = chromedp.Flag("blink-settings", "scriptEnabled=false")

// site is an origin that tells who came. Its answer is a redirect to next, or
// nothing, which leaves the browser where it is.
func site(t *testing.T, name, next string, came chan<- string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		came <- fmt.Sprint(name, " ", r.Method, " ", r.URL.Path, " ", r.PostForm.Encode())
		if next == "" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		http.Redirect(w, r, next, http.StatusSeeOther)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// bridge shows a page at every path but /again.
func bridge(t *testing.T, page pages.Page, came chan<- string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/again" {
			came <- "bridge again"
		}
		pages.Write(w, http.StatusOK, page)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func wantArrivals(t *testing.T, ctx context.Context, came <-chan string, want ...string) {
	t.Helper()
	for _, w := range want {
		select {
		case got := <-came:
			if got != w {
				t.Errorf("came: %s\nwant: %s", got, w)
			}
		case <-ctx.Done():
			t.Fatalf("nobody came, want: %s", w)
		}
	}
}

// An application may answer a form post with a redirect to another origin, as
// Auth0 does. A form-action that names only the application breaks that login.
func TestFormPostArrivesAndSurvivesARedirect(t *testing.T) {
	fields := []pages.Field{{Name: "code", Value: "c.d-e_f~"}, {Name: "state", Value: `"'<&>é+%20`}, {Name: "submit", Value: "action"}}
	posted := url.Values{}
	for _, f := range fields {
		posted.Add(f.Name, f.Value)
	}
	tests := []struct {
		name  string
		flags []chromedp.ExecAllocatorOption
		steps []chromedp.Action[chromedp.Void]
	}{
		{"by script", nil, nil},
		{"by hand", []chromedp.ExecAllocatorOption{withoutScripts}, []chromedp.Action[chromedp.Void]{chromedp.Click(chromedp.ID("go"))}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			came := make(chan string, 10)
			beyond := site(t, "beyond", "", came)
			application := site(t, "application", beyond+"/home", came)
			ours := bridge(t, pages.Page{Kind: pages.FormPost, URL: application + "/cb", Fields: fields}, came)

			ctx := browser(t, test.flags...)
			if err := chromedp.Do(ctx, append([]chromedp.Action[chromedp.Void]{chromedp.Navigate(ours)}, test.steps...)...); err != nil {
				t.Fatal(err)
			}
			wantArrivals(t, ctx, came, "application POST /cb "+posted.Encode(), "beyond GET /home ")
		})
	}
}

func TestPagesGoOnWithoutScripts(t *testing.T) {
	came := make(chan string, 10)
	application := site(t, "application", "", came)
	tests := []struct {
		page pages.Page
		want string
	}{
		{pages.Page{Kind: pages.Navigate, URL: application + "/cb?code=c"}, "application GET /cb "},
		{pages.Page{Kind: pages.Waiting, URL: "/again", Refresh: time.Second}, "bridge again"},
	}
	window := browser(t, withoutScripts)
	for _, test := range tests {
		t.Run(string(test.page.Kind), func(t *testing.T) {
			ctx, cancel := chromedp.NewContext(window) // a tab of its own: the page before may still be going on
			t.Cleanup(cancel)
			if err := chromedp.Do(ctx, chromedp.Navigate(bridge(t, test.page, came))); err != nil {
				t.Fatal(err)
			}
			wantArrivals(t, ctx, came, test.want)
		})
	}
}

// elsewhere is a page of another site (to a browser, localhost and 127.0.0.1 are
// two) with a form that posts to an address of ours.
func elsewhere(t *testing.T, to string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, `<form method="post" action="%s"><input type="hidden" name="submit" value="a&quot;b"><button id="send">x</button></form>`, to)
	}))
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
}

// endSession sets a cookie, posts again what comes without it, and leads from what
// comes with it to the application.
func endSession(t *testing.T, application string, came chan<- string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := r.Cookie("session")
		if r.Method != http.MethodPost {
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "s", Path: "/", SameSite: http.SameSiteLaxMode})
			pages.Write(w, http.StatusOK, pages.Page{Kind: pages.LoggedOut})
			return
		}
		came <- fmt.Sprint("cookie ", err == nil, " ", r.FormValue("submit"))
		page := pages.Page{Kind: pages.Navigate, URL: application + "/bye"}
		if err != nil {
			page = pages.Page{Kind: pages.Resubmit, URL: r.URL.Path, Fields: []pages.Field{{Name: "submit", Value: r.FormValue("submit")}}}
		}
		pages.Write(w, http.StatusOK, page)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestResubmitBringsTheCookieAlong(t *testing.T) {
	tests := []struct {
		name  string
		flags []chromedp.ExecAllocatorOption
		steps []chromedp.Action[chromedp.Void]
	}{
		{"by script", nil, nil},
		{"by hand", []chromedp.ExecAllocatorOption{withoutScripts}, []chromedp.Action[chromedp.Void]{chromedp.Click(chromedp.ID("go"))}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			came := make(chan string, 10)
			ours := endSession(t, site(t, "application", "", came), came)
			steps := []chromedp.Action[chromedp.Void]{chromedp.Navigate(ours), chromedp.Navigate(elsewhere(t, ours+"/logout")), chromedp.Click(chromedp.ID("send"))}

			ctx := browser(t, test.flags...)
			if err := chromedp.Do(ctx, append(steps, test.steps...)...); err != nil {
				t.Fatal(err)
			}
			wantArrivals(t, ctx, came, `cookie false a"b`, `cookie true a"b`, "application GET /bye ")
		})
	}
}

// What a person asks for is posted to us, and the policy lets it.
func TestLogoutIsAskedForByHand(t *testing.T) {
	came := make(chan string, 10)
	form := &pages.Form{Action: "/again", Fields: again.Fields}
	ours := bridge(t, pages.Page{Kind: pages.Logout, Primary: form, Home: site(t, "application", "", came)}, came)
	ctx := browser(t, withoutScripts)
	if err := chromedp.Do(ctx, chromedp.Navigate(ours), chromedp.Click(chromedp.ID("primary"))); err != nil {
		t.Fatal(err)
	}
	wantArrivals(t, ctx, came, "bridge again")
	if err := chromedp.Do(ctx, chromedp.Click(chromedp.ID("leave"))); err != nil {
		t.Fatal(err)
	}
	wantArrivals(t, ctx, came, "application GET / ")
}
