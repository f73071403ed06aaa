package pages

import (
	"maps"
	"regexp"
	"slices"
)

// A language is a set of sentences. Each has a key, which stays the same from release to
// release: continue.title is what the page Continue is called, logout.bad_request.what
// what BadRequest says of a logout, and label.try_again what stands on a button.

// kindsInOrder are the pages in the order in which people may meet them, and when they do.
var kindsInOrder = []struct {
	kind Kind
	when string
}{
	{Continue, "before a login begins, where the person must ask for it"},
	{NoCookies, "before a login begins, where the browser keeps no cookie"},
	{TooMany, "where more logins begin than are allowed at once"},
	{Waiting, "while itsme has not decided yet"},
	{Cancelled, "after the person has stopped the login in the itsme app"},
	{Failed, "after itsme has said no"},
	{Expired, "after nobody has approved in time"},
	{NoData, "after an approval that came without data"},
	{Unavailable, "while itsme, or a part of this service, does not answer"},
	{Refused, "after itsme has refused the request of this service"},
	{OtherBrowser, "in a browser other than the one where the login began"},
	{Finished, "after a login is complete"},
	{Late, "after a login has been left for too long"},
	{Forgotten, "after this service has lost a login"},
	{BadRequest, "after a request that cannot be used"},
	{ServerError, "after a fault of this service"},
	{NotFound, "at an address where nothing is"},
	{Front, "at the address of the service itself"},
	{Logout, "before a logout, where the person must ask for it"},
	{LoggedOut, "after a logout"},
	{Navigate, "for a moment, on the way to another page"},
	{FormPost, "for a moment, on the way back to the application"},
	{Resubmit, "for a moment, on the way to another page"},
}

// clone is a language that can be changed without changing this one.
func (w words) clone() words {
	w.pages, w.logout = maps.Clone(w.pages), maps.Clone(w.logout)
	return w
}

// eachSentence shows every sentence to f, with its key and where it stands. f may change it. What
// is empty is no sentence: the page has no such part.
func eachSentence(w *words, f func(key, where string, sentence *string)) {
	for _, page := range kindsInOrder {
		eachPart(w.pages, page.kind, string(page.kind), page.when, f)
	}
	for _, page := range kindsInOrder {
		eachPart(w.logout, page.kind, "logout."+string(page.kind), page.when+", of a logout", f)
	}
	for _, one := range othersOf(w) {
		f(one.key, one.where, one.sentence)
	}
}

// eachPart does so for the parts of one page.
func eachPart(of map[Kind]text, kind Kind, key, when string, f func(key, where string, sentence *string)) {
	t, ok := of[kind]
	if !ok {
		return
	}
	for _, part := range []struct {
		name, where string
		sentence    *string
	}{
		{"title", "heading, and title of the window", &t.title},
		{"what", "what happened", &t.what},
		{"retry", "what to do next, where the page can try again", &t.retry},
		{"back", "what to do next, where it cannot", &t.back},
		{"note", "what some must know besides", &t.note},
	} {
		if *part.sentence != "" {
			f(key+"."+part.name, "Page "+string(kind)+" ("+when+"): "+part.where, part.sentence)
		}
	}
	of[kind] = t
}

// other is a sentence that is not the text of one page.
type other struct {
	key, where string
	sentence   *string
}

// othersOf are those of a language.
func othersOf(w *words) []other {
	const script = "Page waiting, said once by a screen reader and shown: "
	return []other{
		{"waiting.limited", "Page waiting: how long it goes on", &w.limited},
		{"waiting.still", script + "nothing has changed", &w.wait.still},
		{"waiting.soon", script + "shortly before the end, where it can wait for longer", &w.wait.soon},
		{"waiting.last", script + "shortly before the end, where it cannot", &w.wait.last},
		{"waiting.extended", script + "it waits for longer", &w.wait.extended},
		{"waiting.offline", script + "the connection is lost", &w.wait.offline},
		{"waiting.online", script + "the connection is back", &w.wait.online},
		{"unit.second", "How long, in {limit}: one", &w.seconds[0]},
		{"unit.seconds", "How long, in {limit}: several", &w.seconds[1]},
		{"unit.minute", "How long, in {limit}: one", &w.minutes[0]},
		{"unit.minutes", "How long, in {limit}: several", &w.minutes[1]},
		{"hint.stopped_waiting", "Page expired, where this service has stopped waiting for itsme: what happened", &w.waited},
		{"hint.approval_kept", "Page unavailable, where itsme can be asked again for an approval", &w.kept},
		{"hint.no_notification", "Pages waiting and expired", &w.silent},
		{"hint.no_way", "Pages that know no address to lead to: what to do all the same", &w.noWay},
		{"hint.no_app", "Pages continue, failed and expired, before the link to the app", &w.noApp},
		{"hint.need_help", "Foot of pages where something went wrong, before whom to ask", &w.help},
		{"label.continue_with_itsme", "Button of the page continue", &w.begin},
		{"label.log_out", "Button of the page logout", &w.end},
		{"label.try_again", "Button of pages that can try again", &w.again},
		{"label.back_to_app", "Button or link back to the application", &w.leave},
		{"label.check_now", "Link of the page waiting", &w.check},
		{"label.more_time", "Button of the page waiting", &w.wait.more},
		{"label.continue", "Button or link of pages that go on by themselves", &w.goOn},
		{"label.continue_to_app", "Button of the page form_post", &w.goOnTo},
		{"label.get_app", "Link of the pages continue, failed and expired", &w.getApp},
		{"label.visit_operator", "Button of pages without an application", &w.visit},
		{"label.contact_operator", "Link at the foot: whom to ask", &w.contact},
		{"label.contact_us", "Link at the foot: whom to ask, where nobody is named", &w.contactUs},
		{"label.privacy", "Link at the foot", &w.privacy},
		{"label.accessibility", "Link at the foot", &w.accessibility},
		{"label.languages", "What the list of languages is called, for a screen reader", &w.languages},
		{"small_print.developer", "Foot of pages about a wrong request, before the error", &w.developer},
		{"small_print.reference", "Foot, before the reference", &w.reference},
		{"small_print.trace", "Foot, before the trace ID", &w.trace},
	}
}

// Sentence is one of the pages, in all languages.
type Sentence struct {
	Key          string
	Where        string            // on which page it stands, and when
	Placeholders []string          // what is filled in: {app}, {limit}, {operator} or {button}
	Texts        map[string]string // by language
}

// LanguageTags are the languages of the pages, in the order in which they are offered.
func LanguageTags() []string {
	tags := make([]string, len(offered))
	for i, w := range offered {
		tags[i] = w.tag
	}
	return tags
}

// LanguageName is a language of ours, named in itself.
func LanguageName(tag string) string { return wordsOf(tag).name }

// Sentences are all that the pages say, in our words.
func Sentences() []Sentence {
	var all []Sentence
	at := map[string]int{}
	for _, w := range offered {
		w := w.clone()
		eachSentence(&w, func(key, where string, sentence *string) {
			i, known := at[key]
			if !known {
				i, at[key] = len(all), len(all)
				all = append(all, Sentence{Key: key, Where: where, Placeholders: placeholders(*sentence), Texts: map[string]string{}})
			}
			all[i].Texts[w.tag] = *sentence
		})
	}
	return all
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// placeholders are those of a sentence, each once, in order of the alphabet.
func placeholders(sentence string) []string {
	return slices.Compact(slices.Sorted(slices.Values(placeholder.FindAllString(sentence, -1))))
}
