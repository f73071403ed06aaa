package pages

import (
	"strconv"
	"strings"
	"time"
)

// words are all that the pages say in one language. In them, {app} stands for
// the application's name, {operator} for that of who runs the service, and {limit}
// for a length of time.
type words struct {
	tag  string
	name string // of the language, in itself

	// nameless replaces {app}, together with the words around it, where the
	// application has no name: pairs of old and new, the longest first.
	nameless []string

	pages  map[Kind]text
	logout map[Kind]text // in their place where the page is about a logout

	// Labels of the ways on.
	begin, end, again, leave, check, goOn, goOnTo string

	limited                     string    // Waiting with a limit: in place of text.back
	waited                      string    // Expired, in place of text.what, where it was we who stopped waiting
	kept                        string    // Unavailable, where an approval is not lost
	wait                        waitWords // of the waiting page, and of its script
	seconds, minutes            [2]string // one, several
	noApp, getApp               string    // a question, and the label of a link to the app
	silent                      string    // what to do where the phone shows nothing
	noWay                       string    // what to do where the page cannot lead there
	languages                   string    // what the list of languages is called
	developer, reference, trace string    // labels of what is in small print

	// Of an operator: the way to his home, whom to ask and how that is called, and what
	// else is at the foot of a page.
	visit, help, contact, contactUs, privacy, accessibility string
}

// waitWords are what the waiting page says besides its text. Each is said once, and
// stays true for as long as it stands there.
type waitWords struct {
	more     string // label of the way to wait for longer
	still    string // once, when it has been asked for the first time
	soon     string // shortly before the end, where it can wait for longer
	last     string // and where it cannot
	extended string // it waits for longer
	offline  string // we do not answer
	online   string // we do again
}

// text is what one page says.
type text struct {
	title string // what happened
	what  string // what it means
	retry string // what to do next, where the page can try again; empty: as back
	back  string // what to do next, where it has not
	note  string // what a few must know besides; mostly empty
}

// spoken holds our languages, as pages print them.
var spoken = map[string]words{
	english.tag: english.printed(),
	dutch.tag:   dutch.printed(),
	french.tag:  french.printed(),
	german.tag:  german.printed(),
}

// printed is a language as pages print it. A sentence that names a button names it as the
// button does. No line ends within the name of the app: the hyphen of "itsme®-app" is one
// that does not break (U+2011).
func (w words) printed() words {
	w = w.clone()
	w.wait.soon = strings.ReplaceAll(w.wait.soon, button, w.wait.more)
	for kind, label := range map[Kind]string{Navigate: w.goOn, FormPost: w.goOnTo, Resubmit: w.goOn} {
		t := w.pages[kind]
		t.back = strings.ReplaceAll(t.back, button, label)
		w.pages[kind] = t
	}
	eachSentence(&w, func(_, _ string, sentence *string) {
		*sentence = strings.ReplaceAll(*sentence, "itsme®-", "itsme®\u2011")
	})
	return w
}

// button stands in a sentence for what is written on the button that it tells of.
const button = "{button}"

// wordsOf is a language of ours; English for any other.
func wordsOf(locale string) words {
	if w, ok := spoken[locale]; ok {
		return w
	}
	return spoken[english.tag]
}

// of is what a page says.
func (w words) of(p Page) text {
	if t, ok := w.logout[p.Kind]; ok && p.Logout {
		return t
	}
	return w.pages[p.Kind]
}

// primary is what it is called to try once more, or for the first time, or to
// put an end to it.
func (w words) primary(k Kind) string {
	switch k {
	case Continue:
		return w.begin
	case Logout:
		return w.end
	default:
		return w.again
	}
}

// filler replaces what a text leaves open, in one pass: a name that looks like
// a placeholder stays a name.
func (w words) filler(p Page) *strings.Replacer {
	pairs := []string{"{limit}", w.span(p.Limit)}
	if p.Look != nil {
		pairs = append(pairs, "{operator}", p.Look.Name)
	}
	if p.App != "" {
		return strings.NewReplacer(append(pairs, "{app}", p.App)...)
	}
	return strings.NewReplacer(append(pairs, w.nameless...)...)
}

// span says a length of time, rounded up: in seconds up to a minute and a half,
// in minutes beyond.
func (w words) span(d time.Duration) string {
	n, unit := wholeSeconds(d), w.seconds
	if n > 90 {
		n, unit = (n+59)/60, w.minutes
	}
	if n == 1 {
		return "1 " + unit[0]
	}
	return strconv.FormatInt(n, 10) + " " + unit[1]
}
