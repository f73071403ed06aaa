package pages

import (
	"html/template"
	"strings"
)

// LanguageParameter is how a person asks for a page in another language. It is none
// that clients send: what else a request says means the same with it and without.
const LanguageParameter = "page_lang"

// Switch is how the same page is asked for in another language: at an address, to
// which [LanguageParameter] is added, or by a form, which sends it with the Fields.
// Without a URL it is the address that the page has, without its query: so what is
// secret in an address need not stand on the page.
type Switch struct {
	URL    string
	Post   bool
	Fields []Field
}

// offered are the languages in the order in which a page offers them: in Belgium
// more people read the first.
var offered = []words{dutch, french, german, english}

// Speaks reports whether the pages speak a language.
func Speaks(tag string) bool {
	_, ok := spoken[tag]
	return ok
}

// tongues is the list of languages on a page.
type tongues struct {
	Label, Parameter string
	Post             bool
	URL              template.URL // of the form
	Fields           []Field
	Tongues          []tongue
}

// tongue is one of them. It is named in itself.
type tongue struct {
	Tag, Name string
	URL       template.URL // without a form
	Current   bool
}

// tongues lists the languages, unless the page goes on by itself before anybody
// could choose one.
func (p Page) tongues(lang words) *tongues {
	if p.Switch == nil || p.goesOn() || p.Switch.URL != "" && target(p.Switch.URL) == "" {
		return nil
	}
	list := &tongues{Label: lang.languages, Parameter: LanguageParameter, Post: p.Switch.Post}
	if list.Post {
		list.URL, list.Fields = target(p.Switch.URL), p.Switch.Fields
	}
	for _, w := range offered {
		one := tongue{Tag: w.tag, Name: w.name, Current: w.tag == lang.tag}
		if !list.Post {
			one.URL = template.URL(withLanguage(p.Switch.URL, w.tag)) //nolint:gosec // a target, or the page's own address
		}
		list.Tongues = append(list.Tongues, one)
	}
	return list
}

// goesOn reports whether the page leads on at once.
func (p Page) goesOn() bool {
	return p.Kind == Navigate || p.Kind.submits()
}

// withLanguage asks for a language at an address.
func withLanguage(address, tag string) string {
	before := "?"
	if strings.Contains(address, "?") {
		before = "&"
	}
	return address + before + LanguageParameter + "=" + tag
}
