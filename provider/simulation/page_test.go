package simulation_test

import (
	"html"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"itsme-bridge/provider/providertest"
)

// way is one way on from a page of ours.
type way struct {
	id, address string
	form        url.Values // nil: a link
}

var ( // read only
	waysPart  = regexp.MustCompile(`(?s)<div class="ways">(.*?)</div>`)
	formWay   = regexp.MustCompile(`(?s)<form method="post" action="([^"]*)"[^>]*>(.*?)<button id="([^"]*)"`)
	linkWay   = regexp.MustCompile(`<a id="([^"]*)"[^>]* href="([^"]*)"`)
	hidden    = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
	reloading = regexp.MustCompile(`<meta http-equiv="refresh" content="(\d+);url=([^"]*)">`)
)

// waysOf lists the ways on from a page.
func waysOf(a *providertest.Answer) (ways []way) {
	part := waysPart.FindString(a.Body)
	for _, found := range linkWay.FindAllStringSubmatch(part, -1) {
		ways = append(ways, way{id: found[1], address: html.UnescapeString(found[2])})
	}
	for _, found := range formWay.FindAllStringSubmatch(part, -1) {
		fields := url.Values{}
		for _, field := range hidden.FindAllStringSubmatch(found[2], -1) {
			fields.Add(html.UnescapeString(field[1]), html.UnescapeString(field[2]))
		}
		ways = append(ways, way{id: found[3], address: html.UnescapeString(found[1]), form: fields})
	}
	return ways
}

// wayOf is the way with this id.
func wayOf(ways []way, id string) (way, bool) {
	for _, w := range ways {
		if w.id == id {
			return w, true
		}
	}
	return way{}, false
}

// leadOf is where an answer leads a browser by itself, and after what time.
func leadOf(a *providertest.Answer) (address string, after time.Duration) {
	if to := a.Location(); to != "" {
		return to, 0
	}
	if found := reloading.FindStringSubmatch(a.Body); found != nil {
		seconds, _ := strconv.Atoi(found[1])
		return html.UnescapeString(found[2]), time.Duration(seconds) * time.Second
	}
	return "", 0
}

// isStanding reports whether an answer is for the script of a page that waits.
func isStanding(a *providertest.Answer) bool {
	return a.Header.Get("Content-Type") == "application/json"
}

// standingOf is what the script of a page that waits is told: whether the page has something else to say, or when to ask again.
func standingOf(a *providertest.Answer) (done bool, after time.Duration) {
	told := a.JSON()
	done, _ = told["done"].(bool)
	seconds, _ := told["wait"].(float64)
	return done, time.Duration(seconds) * time.Second
}
