package edge

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"itsme-bridge/provider/pages"
)

// A person changes the language of a page by asking for the page once more, with
// [pages.LanguageParameter]. That must cost nothing that a reload does not cost. So
// a page that answers a form of ours leads to where the login is shown; the form
// itself would do again what the person did.

// Chosen is the language that a person asks for with this request; empty where they
// ask for none of ours. Of a POST it is known once its form has been read.
func Chosen(r *http.Request) string {
	if r.Method == http.MethodPost {
		return EventOf(r.Context()).chosen
	}
	return languageIn(r.URL.RawQuery)
}

// languageIn is the language that a query or a form asks for.
func languageIn(text string) string {
	if !strings.Contains(text, pages.LanguageParameter) {
		return ""
	}
	values, _ := Decode(text, []string{pages.LanguageParameter})
	if tag := values.Get(pages.LanguageParameter); pages.Speaks(tag) {
		return tag
	}
	return ""
}

// Speak says who knows which language was chosen for what the request is about, before
// now. They are asked once there is a page to be shown.
func (e *Event) Speak(chosen func() string) { e.language = chosen }

// spoken is that language; empty where none of ours was chosen.
func (e *Event) spoken() string {
	if e.language == nil {
		return ""
	}
	tag := e.language()
	if !pages.Speaks(tag) {
		tag = ""
	}
	e.language = func() string { return tag }
	return tag
}

// Language is the language of the pages that answer this request: what the person
// asks for now, or has asked for before, or else what the request itself says.
func Language(r *http.Request, otherwise string) string {
	return cmp.Or(Chosen(r), EventOf(r.Context()).spoken(), otherwise)
}

// HereAgain is [Here] for a page that comes back by itself, or leads to itself: where
// [Event.FoundAt] says, if it does, and without a language that is remembered, so that
// it is chosen once and not each time.
func HereAgain(r *http.Request) string {
	e := EventOf(r.Context())
	if e.found != "" {
		return e.found
	}
	query := encodedAnew(r.URL.RawQuery)
	if languageIn(query) == e.spoken() {
		query = withoutLanguage(query)
	}
	return addressOf(r, query)
}

// FoundAt says where the pages that answer this request are found again without
// doing anything: an address of ours. An authorization request that comes again by
// itself could begin another login, for which nobody has done anything.
func (e *Event) FoundAt(address string) { e.found = address }

// Repeatable is a handler whose POST says no more than a GET of the same address:
// its form may be sent again for a page in another language.
func Repeatable(h Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		EventOf(r.Context()).repeatable = true
		return h(w, r)
	}
}

// inTheirLanguage gives a page the language that the person has chosen, and lets
// them choose another one.
func inTheirLanguage(r *http.Request, page *pages.Page) {
	page.Locale = Language(r, page.Locale)
	if page.Switch == nil {
		page.Switch = onceMore(r)
	}
}

// Keeps names a parameter of the query without which the page of this request would
// not be found again. It may be a secret: so say it only of a request that has shown
// that it is allowed to bring it.
func (e *Event) Keeps(name string) { e.keeps = name }

// longestHere is the most bytes of an address that stands on a page once for each language.
const longestHere = 512

// onceMore is how a request is made once more; nil where nobody should.
func onceMore(r *http.Request) *pages.Switch {
	e := EventOf(r.Context())
	post := r.Method == http.MethodPost
	switch {
	case e.found != "":
		return &pages.Switch{URL: e.found}
	case post && e.repeatable && r.PostForm != nil:
		return &pages.Switch{URL: r.URL.Path, Post: true, Fields: Fields(r.PostForm, slices.Sorted(maps.Keys(r.PostForm)))}
	case post:
		return nil
	case e.repeatable:
		return sameRequest(r)
	case e.keeps != "":
		kept, _ := Decode(r.URL.RawQuery, []string{e.keeps})
		return &pages.Switch{URL: addressOf(r, kept.Encode())}
	default: // strangers' words, and whatever CM has appended, are not repeated
		return &pages.Switch{}
	}
}

// sameRequest is a GET with all that it says. One that is long is made by a form: that
// holds it once, and not once for each language.
func sameRequest(r *http.Request) *pages.Switch {
	query := withoutLanguage(encodedAnew(r.URL.RawQuery))
	if here := addressOf(r, query); len(here) <= longestHere {
		return &pages.Switch{URL: here}
	}
	return &pages.Switch{URL: r.URL.Path, Post: true, Fields: fieldsOf(query)}
}

// withoutLanguage is a query of [encodedAnew] that asks for no language.
func withoutLanguage(query string) string {
	pairs := strings.Split(query, "&")
	return strings.Join(slices.DeleteFunc(pairs, func(pair string) bool {
		return strings.HasPrefix(pair, pages.LanguageParameter+"=") || pair == pages.LanguageParameter
	}), "&")
}

// fieldsOf are the parameters of a query of [encodedAnew], as a form sends them.
func fieldsOf(query string) []pages.Field {
	var fields []pages.Field
	for pair := range strings.SplitSeq(query, "&") {
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, _ := url.QueryUnescape(rawName)
		value, _ := url.QueryUnescape(rawValue)
		fields = append(fields, pages.Field{Name: name, Value: value})
	}
	return fields
}
