package provider_test

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	. "itsme-bridge/provider/providertest"
)

// How a page is asked for in another language.
const (
	foundHere        = "a link to the same address"
	foundAtLogin     = "a link to where the login stands"
	bySealedRequest  = "the sealed request, posted"
	bySealedLogout   = "the sealed logout, posted"
	bySameRequest    = "the same request"         // a link
	byPosting        = "the same request, posted" // a form
	goesOn           = "not at all: it goes on by itself"
	comesBackNowhere = "not at all: nothing is there to come back to"
)

// switched is what becomes of a page whose language a person changes.
type switched struct {
	how  string
	page string // empty: the same one
	asks bool   // CM is asked once more, as by a reload
}

// ofAnswers is every page that a browser may get, by the names of the tables of them.
func ofAnswers() map[string]switched {
	return map[string]switched{
		"the way to itsme by a form":            {how: goesOn},
		"the Continue page":                     {how: bySealedRequest},
		"after Continue":                        {how: goesOn},
		"Continue without cookies":              {how: bySealedRequest},
		"above a ceiling":                       {how: bySealedRequest},
		"a code, by form_post":                  {how: goesOn},
		"itsme has not decided":                 {how: foundHere, asks: true},
		"cancelled":                             {how: foundHere},
		"failed":                                {how: foundHere},
		"expired":                               {how: foundHere},
		"no data":                               {how: foundHere},
		"CM does not answer":                    {how: foundHere, asks: true, page: "waiting"}, // the sandbox answers the second time
		"CM refuses":                            {how: foundHere},
		"after Try again":                       {how: goesOn},
		"after leaving":                         {how: goesOn},
		"where a login is":                      {how: goesOn},
		"after the deadline":                    {how: foundHere},
		"hours later":                           {how: foundHere},
		"once the code is used":                 {how: foundHere},
		"another browser's return":              {how: foundHere},
		"an error for the client, by form_post": {how: goesOn},
		"an error for the person":               {how: bySameRequest},
		"within a frame":                        {how: bySameRequest, page: "-"}, // nobody sees it: X-Frame-Options
		"fetched ahead":                         {how: bySameRequest, page: "-"}, // likewise
		"a form from another site":              {how: goesOn},
		"half a return address":                 {how: foundHere},
		"a form of nobody's":                    {how: comesBackNowhere},
		"a record that cannot be opened":        {how: foundHere},
		"Redis is away":                         {how: foundHere, page: "waiting", asks: true}, // it is back
		"the logout page":                       {how: bySealedLogout},
		"logged out":                            {how: bySealedLogout},
		"no such login":                         {how: foundHere},
		"no such address":                       {how: foundHere},
		"posted: an error for the person":       {how: byPosting},
		"posted: the logout page":               {how: bySealedLogout},
		"a long request":                        {how: byPosting},
		"Try again gets no transaction":         {how: foundAtLogin},
		"Try again above a ceiling":             {how: foundAtLogin, page: "cancelled"}, // the same login, with the same button
		"Try again in another browser":          {how: foundAtLogin},
		"Leave, of a login of long ago":         {how: foundAtLogin},
		"the login gets no transaction":         {how: foundAtLogin},
		"Redis is away at Try again":            {how: foundAtLogin, page: "cancelled"},
		"forgotten":                             {how: foundHere},
		"a pushed request once more":            {how: foundAtLogin},
	}
}

// ofSwitches are pages that the tables of all answers do not hold.
func ofSwitches() []response {
	stopped := sandbox.Script{Outcome: itsme.Cancelled}
	return []response{
		{name: "posted: an error for the person", page: "bad_request", get: func(v *visitor) *Answer { return v.post("/authorize", Request(del("client_id"))) }},
		{name: "posted: the logout page", page: "logout", get: func(v *visitor) *Answer {
			v.signIn()
			return v.post("/logout", url.Values{"client_id": {App}})
		}},
		{name: "a long request", page: "bad_request", get: func(v *visitor) *Answer {
			return v.authorize(all(del("client_id"), set("state", strings.Repeat("s", 600))))
		}},
		{name: "Try again gets no transaction", page: "unavailable", get: func(v *visitor) *Answer {
			page := v.returns(stopped)
			v.Sandbox.Next(sandbox.Script{StartFault: sandbox.HTML500})
			return v.submit(page, "/itsme/retry")
		}},
		{
			name: "Try again above a ceiling", page: "too_many", config: func(c *provider.Config) { c.Limits.Total = 1 },
			get: func(v *visitor) *Answer { return v.submit(v.returns(stopped), "/itsme/retry") },
		},
		{name: "Try again in another browser", page: "other_browser", get: func(v *visitor) *Answer {
			page := v.returns(stopped)
			v.forget()
			return v.submit(page, "/itsme/retry")
		}},
		{name: "Leave, of a login of long ago", page: "late", get: func(v *visitor) *Answer {
			page := v.returns(stopped)
			v.Advance(2 * time.Hour)
			return v.submit(page, "/itsme/leave")
		}},
		{name: "the login gets no transaction", page: "unavailable", get: func(v *visitor) *Answer {
			v.Sandbox.Next(sandbox.Script{StartFault: sandbox.HTML500})
			return v.authorize(nil)
		}},
		{name: "Redis is away at Try again", page: "unavailable", get: func(v *visitor) *Answer {
			page := v.returns(stopped)
			v.Faults().Down()
			defer v.Faults().Up()
			return v.submit(page, "/itsme/retry")
		}},
		{name: "forgotten", page: "forgotten", get: func(v *visitor) *Answer {
			back := v.begin(sandbox.Script{})
			v.Redis().FlushAll(v.t.Context())
			return v.get(back)
		}},
		{name: "a pushed request once more", page: "cancelled", get: func(v *visitor) *Answer {
			pushed := v.call("/par", Request(nil))
			address := "/authorize?" + url.Values{"client_id": {App}, "request_uri": {fmt.Sprint(pushed.JSON()["request_uri"])}}.Encode()
			v.Sandbox.Next(stopped)
			v.get(address)
			v.get(v.ReturnURL())
			return v.get(address)
		}},
	}
}

// Whoever changes the language of a page keeps the login, pays for no transaction, and
// has CM asked no more than a reload does. This holds for every page of every room.
func TestEveryPageIsFoundInAnotherLanguage(t *testing.T) {
	wants := ofAnswers()
	seen := map[string]bool{}
	for _, row := range append(append(ofLogins(), ofOthers()...), ofSwitches()...) {
		if row.page == "" {
			continue
		}
		want, ok := wants[row.name]
		if seen[row.page] = true; !ok {
			t.Errorf("nobody has said how %q is found in another language", row.name)
			continue
		}
		t.Run(row.name, func(t *testing.T) { checkSwitch(t, &row, want) })
	}
}

func checkSwitch(t *testing.T, row *response, want switched) {
	t.Helper()
	v := visiting(t, row.config)
	page := row.get(v)
	if page.Page() != row.page || !strings.Contains(page.Body, `<html lang="en">`) {
		t.Fatalf("page %q: %s", page.Page(), page.Body)
	}
	how, next := v.inLanguage(page, "fr")
	if how != want.how {
		t.Fatalf("found %s, want %s\n%s", how, want.how, page.Body)
	}
	if next == nil || want.page == "-" {
		return
	}
	started, fetched := v.cost()
	french := next()
	if becomes := or(want.page, row.page); french.Page() != becomes || !strings.Contains(french.Body, `<html lang="fr">`) {
		t.Errorf("becomes page %q: %s", french.Page(), french.Body)
	}
	again, fetchedAgain := v.cost()
	if again != started {
		t.Errorf("%d transactions started by a change of language", again-started)
	}
	if fetchedAgain > fetched && !want.asks {
		t.Errorf("CM was asked %d times", fetchedAgain-fetched)
	}
	if french.Page() == "navigate" {
		return
	}
	if _, next = v.inLanguage(french, "de"); next == nil {
		t.Fatalf("no way from French to German: %s", french.Body)
	}
	if german := next(); german.Page() != french.Page() || !strings.Contains(german.Body, `<html lang="de">`) {
		t.Errorf("German is page %q: %s", german.Page(), german.Body)
	}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// cost is what CM has been asked for.
func (v *visitor) cost() (started, fetched int) {
	for _, transaction := range v.Sandbox.Transactions() {
		fetched += v.Sandbox.Fetches(transaction.Token)
	}
	return v.Sandbox.Starts(), fetched
}

var ( // read only
	languages = regexp.MustCompile(`(?s)<nav class="languages" aria-label="[^"]+">(.*?)</nav>`)
	postTo    = regexp.MustCompile(`<form method="post" action="([^"]+)"`)
)

// inLanguage is how a page is found in another language, and what finds it there.
func (v *visitor) inLanguage(page *Answer, tag string) (how string, next func() *Answer) {
	v.t.Helper()
	nav := languages.FindStringSubmatch(page.Body)
	if nav == nil {
		switch page.Page() {
		case "navigate", "form_post", "resubmit":
			return goesOn, nil
		}
		return comesBackNowhere, nil
	}
	if strings.Count(nav[1], ` aria-current="true"`) != 1 {
		v.t.Errorf("not one language is the current one: %s", nav[1])
	}
	if to := postTo.FindStringSubmatch(nav[1]); to != nil {
		if !strings.Contains(nav[1], `<button name="page_lang" value="`+tag+`" lang="`+tag+`">`) {
			v.t.Errorf("no button for %s: %s", tag, nav[1])
		}
		_, fields, _ := (&Answer{Body: nav[1]}).Form("")
		fields.Set("page_lang", tag)
		how = map[string]string{"/itsme/continue": bySealedRequest, "/itsme/logout": bySealedLogout}[to[1]]
		return or(how, byPosting), func() *Answer { return v.post(to[1], fields) }
	}
	link := regexp.MustCompile(`<a href="([^"]+)" lang="` + tag + `" hreflang="` + tag + `">`).FindStringSubmatch(nav[1])
	if link == nil {
		v.t.Fatalf("no link for %s: %s", tag, nav[1])
	}
	from, err := url.Parse(v.at)
	if err != nil {
		v.t.Fatal(err)
	}
	to := from.ResolveReference(must(url.Parse(html.UnescapeString(link[1]))))
	switch {
	case link[1][0] == '?':
		how = foundHere
	case strings.HasPrefix(to.Path, "/itsme/login/"):
		how = foundAtLogin
	default:
		how = bySameRequest
	}
	return how, func() *Answer { return v.get(to.String()) }
}

func must(u *url.URL, err error) *url.URL {
	if err != nil {
		panic(err)
	}
	return u
}
