package pages

import (
	"html/template"
	"slices"
	"time"
)

// view is a page in one language, as the template prints it.
type view struct {
	Kind          Kind
	Locale, Nonce string
	Mood          mood
	App           string
	Title         string
	Text          []string
	Note          string // below the ways on
	Reload        *reload
	Wait          *wait
	Ways          []way
	Submit        bool // the only way, at once, by script
	Switch        *tongues
	GetApp        *getApp

	Developer, Code, Description string // Developer is the label of the others
	ReferenceLabel, Reference    string
	TraceLabel, Trace            string

	Look outfit
}

// reload is a meta refresh; without a URL, of the same address.
type reload struct {
	Seconds int64
	URL     template.URL
}

// viewOf puts a page into words.
func viewOf(p Page, nonce string) view {
	lang := p.words()
	text := lang.of(p)
	say := lang.filler(p).Replace

	v := view{
		Kind:   p.Kind,
		Locale: lang.tag,
		Nonce:  nonce,
		Mood:   p.Kind.mood(),
		App:    p.App,
		Title:  say(text.title),
		Note:   say(text.note),
		Reload: p.reload(),
		Wait:   p.wait(lang),
		Ways:   p.ways(lang, say),
		Submit: p.Kind.submits(),
		Switch: p.tongues(lang),
		GetApp: p.getApp(lang),
	}
	v.Look = p.outfit(lang, say)
	if len(v.Ways) > 0 && v.Ways[0].ID == "primary" {
		v.Ways[0].Mark = v.Look.Mark
	}
	if p.Kind == Expired && p.Waited {
		text.what = lang.waited
	}
	v.Text = []string{say(text.what), say(p.next(lang, text, v.Ways))}
	if p.Kind == Unavailable && p.Kept {
		v.Text = append(v.Text, lang.kept)
	}
	if p.Kind == Waiting || p.Kind == Expired {
		v.Text = append(v.Text, say(lang.silent))
	}
	if len(v.Ways) == 0 && !p.Kind.stands() {
		v.Text = append(v.Text, say(lang.noWay))
	}
	if p.Kind == BadRequest || p.Kind == Logout || p.Kind == LoggedOut {
		v.Developer, v.Code, v.Description = lang.developer, p.Code, p.Description
	}
	if v.Mood != moving {
		v.ReferenceLabel, v.Reference = lang.reference, p.Reference
		v.TraceLabel, v.Trace = lang.trace, p.Trace
	}
	return v
}

// next is what the person can do, as far as this page offers it.
func (p Page) next(lang words, t text, ways []way) string {
	again := slices.ContainsFunc(ways, func(w way) bool { return w.ID == "primary" })
	switch {
	case p.Kind == Waiting && p.Limit > 0:
		return lang.limited
	case again && t.retry != "":
		return t.retry
	default:
		return t.back
	}
}

// submits reports whether the page posts its Fields by itself.
func (k Kind) submits() bool {
	return k == FormPost || k == Resubmit
}

// reload is how a page goes on by itself, if it does.
func (p Page) reload() *reload {
	switch p.Kind {
	case Waiting:
		return &reload{max(1, wholeSeconds(max(p.Refresh, p.Reload))), target(p.URL)}
	case Navigate:
		return &reload{0, target(p.URL)}
	default:
		return nil
	}
}

// wholeSeconds rounds up.
func wholeSeconds(d time.Duration) int64 {
	return int64((d + time.Second - 1) / time.Second)
}
