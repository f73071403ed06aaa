//go:build products && chaos

package chaos_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"itsme-bridge/provider/providertest"
)

// step is what a browser does next: an address that it opens, or a form that it sends.
type step struct {
	address string
	form    url.Values // nil: it opens it
	after   time.Duration
}

var ( // read only
	refresh  = regexp.MustCompile(`<meta http-equiv="refresh" content="(\d+);`)
	postForm = regexp.MustCompile(`(?is)<form method="post" action="([^"]*)"[^>]*>(.*?)</form>`)
	hidden   = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
	button   = regexp.MustCompile(`<button id="([^"]*)"`)
	link     = regexp.MustCompile(`<a id="([^"]*)"[^>]* href="([^"]*)"`)
)

// waysOn are the buttons and links of a page, by their id.
func waysOn(a *providertest.Answer) map[string]step {
	ways := map[string]step{}
	for _, form := range postForm.FindAllStringSubmatch(a.Body, -1) {
		id := button.FindStringSubmatch(form[2])
		if id == nil {
			continue
		}
		fields := url.Values{}
		for _, input := range hidden.FindAllStringSubmatch(form[2], -1) {
			fields.Add(html.UnescapeString(input[1]), html.UnescapeString(input[2]))
		}
		ways[id[1]] = step{address: html.UnescapeString(form[1]), form: fields}
	}
	for _, a := range link.FindAllStringSubmatch(a.Body, -1) {
		ways[a[1]] = step{address: html.UnescapeString(a[2])}
	}
	return ways
}

// likeliest is the order in which people press what a page offers.
func likeliest() []string { return []string{"go", "primary", "check", "leave", "operator"} }

// onward is where a page leads: by itself, which may take a while, or by what the person presses.
func onward(a *providertest.Answer) (next step, pressed string, ok bool) {
	if to := a.Leads(); to != "" {
		return step{address: to, after: refreshAfter(a)}, "", true
	}
	ways := waysOn(a)
	for _, id := range likeliest() {
		if to, there := ways[id]; there {
			return to, id, true
		}
	}
	return step{}, "", false
}

// refreshAfter is how long a page stays before it goes on by itself.
func refreshAfter(a *providertest.Answer) time.Duration {
	found := refresh.FindStringSubmatch(a.Body)
	if found == nil {
		return 0
	}
	seconds, _ := strconv.Atoi(found[1])
	return time.Duration(seconds) * time.Second
}

// broken reports whether an answer is none of the bridge's: people reload then.
func broken(a *providertest.Answer, err error) bool {
	return err != nil || a.Page() == "" && a.Leads() == "" && a.Status >= http.StatusInternalServerError
}

// told is what a story may say of an answer.
func told(s step, a *providertest.Answer, err error) string {
	path, _, _ := strings.Cut(s.address, "?")
	path = returnPath(path)
	switch {
	case err != nil:
		return path + ": " + err.Error()
	case a.Page() != "":
		return path + ": " + http.StatusText(a.Status) + ", page " + a.Page()
	default:
		return path + ": " + http.StatusText(a.Status)
	}
}

// returnPath is a path without what stands in a return URL.
func returnPath(path string) string {
	if cut := strings.Index(path, "/itsme/return/"); cut >= 0 {
		return path[:cut] + "/itsme/return"
	}
	return path
}
