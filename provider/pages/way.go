package pages

import (
	"html/template"
	"strings"
)

// way is one way on from a page: a link, or a form.
type way struct {
	ID     string // in the page, the same in every language
	Label  string
	URL    template.URL
	Post   bool
	Fields []Field
	Main   bool // what most people will want
	Mark   *picture
}

// ways lists the ways on, the likeliest first.
func (p Page) ways(lang words, say func(string) string) []way {
	switch p.Kind {
	case Navigate:
		return []way{{ID: "go", Label: lang.goOn, URL: target(p.URL)}}
	case FormPost:
		return []way{{ID: "go", Label: say(lang.goOnTo), URL: target(p.URL), Post: true, Fields: p.Fields}}
	case Resubmit:
		return []way{{ID: "go", Label: lang.goOn, URL: target(p.URL), Post: true, Fields: p.Fields}}
	default:
	}

	var ways []way
	if p.Kind == Waiting {
		ways = append(ways, way{ID: "check", Label: lang.check, URL: target(p.URL)})
		if p.More != nil && target(p.More.Action) != "" {
			ways = append(ways, p.More.way("more", lang.wait.more))
		}
	}
	if p.Primary != nil && target(p.Primary.Action) != "" {
		ways = append(ways, p.Primary.way("primary", lang.primary(p.Kind)))
	} else if again := target(p.URL); again != "" && p.Kind != Waiting {
		ways = append(ways, way{ID: "primary", Label: lang.primary(p.Kind), URL: again})
	}
	if p.Leave != nil && target(p.Leave.Action) != "" {
		ways = append(ways, p.Leave.way("leave", say(lang.leave)))
	} else if home := target(p.Home); home != "" {
		label := lang.leave
		if p.Kind == Front { // nobody has come from there
			label = strings.ReplaceAll(lang.visit, "{operator}", "{app}")
		}
		ways = append(ways, way{ID: "leave", Label: say(label), URL: home})
	} else if p.Look != nil && p.Look.Name != "" && outside(p.Look.Home) != "" {
		ways = append(ways, way{ID: "operator", Label: say(lang.visit), URL: outside(p.Look.Home)})
	}
	if len(ways) > 0 && p.Kind != Waiting {
		ways[0].Main = true
	}
	return ways
}

// stands reports whether a page is an end in itself: nobody need go on from there. Every
// other one leads on, or says what to do where nobody knows an address.
func (k Kind) stands() bool { return k == LoggedOut || k == Front }

func (f *Form) way(id, label string) way {
	return way{ID: id, Label: label, URL: target(f.Action), Post: true, Fields: f.Fields}
}
