package pages

import (
	"html/template"
	"time"
)

// view is a page in one language, as the template prints it.
type view struct {
	Locale, Nonce string
	Mood          mood
	App           string
	Title         string
	Text          []string
	Live          bool // the text changes by itself: a screen reader is to say so
	Reload        *reload
	Submit        bool // at once, by script
	Ways          []way

	Developer         string // label of Code and Description
	Code, Description string
	ReferenceLabel    string
	Reference         string
}

// reload is a meta refresh. An empty URL means the same page.
type reload struct {
	Seconds int64
	URL     template.URL
}

// way is one way on: a link, or a form.
type way struct {
	Label  string
	URL    template.URL
	Post   bool
	Fields []Field
}

// mood is how the line above a page's title looks.
type mood string

const (
	still  mood = "still"  // it is the person's turn
	moving mood = "moving" // the page goes on by itself
	done   mood = "done"
)

// viewOf puts a page into words.
func viewOf(p Page, nonce string) view {
	lang := wordsOf(p.Locale)
	text, ok := lang.pages[p.Kind]
	if !ok {
		text = lang.pages[ServerError]
	}
	say := lang.filler(p).Replace

	v := view{
		Locale: lang.tag,
		Nonce:  nonce,
		Mood:   p.Kind.mood(),
		App:    p.App,
		Title:  say(text.title),
		Text:   []string{say(text.what)},
		Live:   p.Kind == Waiting,
		Reload: p.reload(),
		Submit: p.Kind == FormPost,
		Ways:   p.ways(lang, say),

		ReferenceLabel: lang.reference,
		Reference:      p.Reference,
	}
	switch {
	case p.Kind == Waiting && p.Limit > 0:
		v.Text = append(v.Text, say(lang.limited))
	case p.Primary != nil && text.retry != "":
		v.Text = append(v.Text, say(text.retry))
	default:
		v.Text = append(v.Text, say(text.back))
	}
	if p.Kind == BadRequest {
		v.Developer, v.Code, v.Description = lang.developer, p.Code, p.Description
	}
	return v
}

func (k Kind) mood() mood {
	switch k {
	case Waiting, Navigate, FormPost:
		return moving
	case Finished:
		return done
	default:
		return still
	}
}

// reload is how a page goes on by itself, if it does.
func (p Page) reload() *reload {
	if p.Kind != Waiting && p.Kind != Navigate {
		return nil
	}
	to, ok := parseTarget(p.URL)
	if !ok {
		to = target{}
	}
	if p.Kind == Navigate {
		return &reload{0, to.href()}
	}
	return &reload{max(1, wholeSeconds(p.Refresh)), to.href()}
}

// ways lists the ways on, the likeliest first.
func (p Page) ways(lang words, say func(string) string) []way {
	var ways []way
	to, ok := parseTarget(p.URL)
	switch {
	case p.Kind == Navigate:
		return []way{{Label: say(lang.goOn), URL: to.href()}}
	case p.Kind == FormPost:
		return []way{{Label: say(lang.goOnTo), URL: to.href(), Post: true, Fields: p.Fields}}
	case p.Kind == Waiting && (ok || p.URL == ""):
		ways = append(ways, way{Label: say(lang.check), URL: to.href()})
	case p.Kind == Continue:
		ways = appendForm(ways, lang.begin, p.Primary)
	default:
		ways = appendForm(ways, lang.again, p.Primary)
	}
	if p.Leave != nil {
		return appendForm(ways, say(lang.leave), p.Leave)
	}
	if home, ok := parseTarget(p.Home); ok {
		ways = append(ways, way{Label: say(lang.leave), URL: home.href()})
	}
	return ways
}

// appendForm adds a form, unless there is none or its action is no address.
func appendForm(ways []way, label string, f *Form) []way {
	if f == nil {
		return ways
	}
	to, ok := parseTarget(f.Action)
	if !ok {
		return ways
	}
	return append(ways, way{Label: label, URL: to.href(), Post: true, Fields: f.Fields})
}

// wholeSeconds rounds up.
func wholeSeconds(d time.Duration) int64 {
	return int64((d + time.Second - 1) / time.Second)
}
