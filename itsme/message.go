package itsme

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMessage is how much of CM's words is kept, in bytes.
const maxMessage = 256

// A mask takes something out of CM's words, wherever it stands.
type mask struct {
	pattern *regexp.Regexp
	instead string
}

// Order matters: a URL may hold all that follows.
var masks = []mask{
	{regexp.MustCompile(`<[^>]*>`), " "},
	{regexp.MustCompile(`(?i)https?(:|%3A)\S*`), "[url]"},
	{regexp.MustCompile(`\S*(@|%40)\S*`), "[email]"},
	{regexp.MustCompile(`\+?\d[\d ./()-]{4,}\d`), "[number]"},
	{regexp.MustCompile(`[\pL\pN+/=_.~%-]{24,}`), "[secret]"},
}

// message makes CM's words about what we sent fit for a log: the values that we
// sent are taken out, then whatever looks like a secret or a person, then it
// is cut. Cutting comes last, or half a secret would no longer be recognized.
func message(body []byte, sent ...string) string {
	text := strings.ToValidUTF8(string(body), "?")
	if answer, ok := parseObject(body); ok && answer.text("message") != "" {
		text = answer.text("message")
	}
	for _, value := range sent {
		if value != "" {
			text = strings.ReplaceAll(text, value, "[sent]")
		}
	}
	for _, m := range masks {
		text = m.pattern.ReplaceAllString(text, m.instead)
	}
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	}), " ")
	return cut(text, maxMessage)
}

// cut shortens text to at most size bytes, between characters.
func cut(text string, size int) string {
	if len(text) <= size {
		return text
	}
	for size > 0 && !utf8.RuneStart(text[size]) {
		size--
	}
	return text[:size]
}
