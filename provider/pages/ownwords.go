package pages

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words are our sentences with an operator's own in place of some. They are made once,
// and not for each page.
type Words struct{ languages map[string]words }

// WordsWith puts sentences in place of ours: by language, and by their keys. Each has
// passed [CheckSentence].
func WordsWith(own map[string]map[string]string) *Words {
	all := &Words{languages: map[string]words{}}
	for _, ours := range offered {
		mine := ours.clone()
		eachSentence(&mine, func(key, _ string, sentence *string) {
			*sentence = cmp.Or(own[ours.tag][key], *sentence)
		})
		all.languages[ours.tag] = mine.printed()
	}
	return all
}

// in is a language of them; English for any other.
func (w *Words) in(locale string) words {
	if w == nil {
		return wordsOf(locale)
	}
	if mine, ok := w.languages[locale]; ok {
		return mine
	}
	return w.languages[english.tag]
}

// words are those of the page's language, in an operator's own words where there are any.
func (p Page) words() words {
	if p.Look == nil {
		return wordsOf(p.Locale)
	}
	return p.Look.Words.in(p.Locale)
}

// Keys are the keys of all sentences.
func Keys() []string {
	var keys []string
	w := english.clone()
	eachSentence(&w, func(key, _ string, _ *string) { keys = append(keys, key) })
	return keys
}

// How long a sentence may be, in characters: what stands on a button, a heading, and
// whatever else. Ours are far shorter.
const (
	longestLabel    = 60
	longestTitle    = 90
	longestSentence = 400
)

func longest(key string) int {
	switch {
	case strings.HasPrefix(key, "label."), strings.HasPrefix(key, "unit."):
		return longestLabel
	case strings.HasSuffix(key, ".title"):
		return longestTitle
	default:
		return longestSentence
	}
}

// CheckSentence says what is wrong with an operator's own sentence; nil: nothing. It may
// say the same in another way. It cannot be empty, for then nobody would know what
// happened, or what to do; and it leaves open what ours does.
func CheckSentence(locale, key, sentence string) error {
	ours, known := "", false
	w := unprinted(locale)
	eachSentence(&w, func(k, _ string, s *string) {
		if k == key {
			ours, known = *s, true
		}
	})
	switch {
	case !known:
		return errors.New("is no sentence of the pages")
	case !utf8.ValidString(sentence):
		return errors.New("is not UTF-8")
	case strings.TrimSpace(sentence) == "":
		return errors.New("is empty, and people need what it says; say it in other words, or leave the key out")
	case !strings.HasPrefix(key, "unit.") && letters(sentence) < 2:
		return errors.New("says nothing; write words")
	case utf8.RuneCountInString(sentence) > longest(key):
		return fmt.Errorf("is longer than %d characters; people read it on a telephone", longest(key))
	case strings.ContainsFunc(sentence, invisible):
		return errors.New("has another line, or a character that nobody sees; write it on one line, in plain text")
	case strings.ContainsAny(sentence, "<>"):
		return errors.New("has < or >, and a sentence is no markup; write it without")
	}
	return checkPlaceholders(ours, sentence)
}

// unprinted is a language of ours as it is written, with what stands for its buttons.
func unprinted(locale string) words {
	for _, w := range offered {
		if w.tag == locale {
			return w.clone()
		}
	}
	return english.clone()
}

// invisible characters change how a text is read without being seen. A soft hyphen does not.
func invisible(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u00ad' || r == '\u2028' || r == '\u2029'
}

// letters is how many there are, beside what is filled in.
func letters(sentence string) int {
	n := 0
	for _, r := range placeholder.ReplaceAllString(sentence, "") {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// checkPlaceholders wants those of ours, and no other braces.
func checkPlaceholders(ours, sentence string) error {
	want, got := placeholders(ours), placeholders(sentence)
	if slices.Equal(want, got) && !strings.ContainsAny(placeholder.ReplaceAllString(sentence, ""), "{}") {
		return nil
	}
	if len(want) == 0 {
		return errors.New("has braces, and nothing is filled in here; write it without")
	}
	return fmt.Errorf("must hold %s, as it is written here, and no other braces", strings.Join(want, " and "))
}
