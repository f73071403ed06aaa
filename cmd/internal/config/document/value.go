package document

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Value is the entry of a key or of a list, with its place; or the place where
// one could be.
type Value struct {
	document *Document
	path     string
	line     int
	node     *yaml.Node // nil: not there
	silent   bool       // what is around it has been complained of
	secret   string     // the path of the key beside which this names a file; empty: it does not
}

// There reports whether the value is in the document.
func (v Value) There() bool { return v.node != nil }

// Line is where the value stands.
func (v Value) Line() int { return v.line }

// Or is the value, or another where it is not there.
func (v Value) Or(other Value) Value {
	if v.There() {
		return v
	}
	return other
}

// Wrong complains: what is wrong; what would be right.
func (v Value) Wrong(format string, args ...any) {
	if !v.silent {
		v.document.wrong(v.line, v.path, format, args...)
	}
}

// Warn says what had better be known.
func (v Value) Warn(format string, args ...any) {
	if !v.silent {
		v.document.warn(v.line, v.path, format, args...)
	}
}

// Missing complains that the value is not there, if so, and says what would be right.
func (v Value) Missing(right string) bool {
	if v.document.shapes != nil {
		v.document.shape(cmp.Or(v.secret, v.path)).Required = true
	}
	if !v.There() {
		v.Wrong("is missing; %s", right)
	}
	return !v.There()
}

// Problem is one at the value, for what is found out when everything has been read.
func (v Value) Problem(format string, args ...any) Problem {
	return Problem{v.document.name, v.line, v.path, fmt.Sprintf(format, args...)}
}

// variable is a value that stands in the environment.
var variable = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)

// Text is the value as it is written, or what the environment holds for ${NAME}.
// Empty where there is none.
func (v Value) Text() string {
	text, _ := v.Read()
	return text
}

// Read is Text. Not ok: there is no value, or it has been complained of.
func (v Value) Read() (text string, ok bool) {
	v.note(KindText)
	return v.read()
}

// read is Read for whoever has noted what the value is read as.
func (v Value) read() (text string, ok bool) {
	switch {
	case v.node == nil || v.node.Kind == yaml.AliasNode: // surveyed
		return "", false
	case empty(v.node):
		v.Wrong("has no value; write one, or leave the key out")
		return "", false
	case v.node.Kind != yaml.ScalarNode:
		v.Wrong("is %s; write a single value", kind(v.node))
		return "", false
	}
	if name := v.fromEnvironment(); name != "" {
		return v.expand(name)
	}
	text = withoutBreak(v.node.Value)
	if strings.Contains(text, "${") {
		v.Wrong("holds ${ within other text; a value comes from the environment as a whole, as ${NAME}, or not at all")
		return "", false
	}
	return text, true
}

// withoutBreak is a text without the line break that an editor, a shell or a block
// of YAML has put at its end: wherever a value comes from, it is the same.
func withoutBreak(text string) string { return strings.TrimRight(text, "\r\n") }

// fromEnvironment is the name of the variable that the value is taken from.
func (v Value) fromEnvironment() string {
	if v.node == nil || v.node.Kind != yaml.ScalarNode {
		return ""
	}
	if found := variable.FindStringSubmatch(withoutBreak(v.node.Value)); found != nil {
		return found[1]
	}
	return ""
}

func (v Value) expand(name string) (text string, ok bool) {
	text, ok = v.document.environment(name)
	text = withoutBreak(text)
	switch {
	case !ok:
		v.Wrong("the environment variable %s is not set; set it, or write the value here", name)
	case text == "":
		v.Wrong("the environment variable %s is empty; give it a value", name)
	}
	return text, text != ""
}

// Quoted is the value for a message; not what came from the environment, which
// may be a secret in the wrong place.
func (v Value) Quoted() string {
	if name := v.fromEnvironment(); name != "" {
		return "the value of ${" + name + "}"
	}
	text, _ := v.read()
	if len(text) > 80 {
		text = text[:80] + "…"
	}
	return strconv.Quote(text)
}

// Choice is one of the allowed words.
func (v Value) Choice(fallback string, allowed ...string) string {
	text, known, ok := v.Among(allowed...)
	if !ok {
		return fallback
	}
	if !known {
		v.Wrong("is %s; %swrite %s", v.Quoted(), likely(text, allowed), alternatives(allowed))
		return fallback
	}
	return text
}

// Among is Read, and whether the text is one of the allowed words, for whoever has
// more to say of others.
func (v Value) Among(allowed ...string) (text string, known, ok bool) {
	v.note(KindChoice, func(s *Shape) {
		for _, word := range allowed {
			if !slices.Contains(s.Choices, word) {
				s.Choices = append(s.Choices, word)
			}
		}
	})
	text, ok = v.read()
	return text, ok && slices.Contains(allowed, text), ok
}

// likely names the word of a long list that was meant.
func likely(text string, allowed []string) string {
	const readAtAGlance = 6
	if nearest, sure := Nearest(text, allowed); sure && len(allowed) > readAtAGlance {
		return "did you mean " + nearest + "? Or "
	}
	return ""
}

// alternatives is "a, b or c".
func alternatives(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// Flag is true or false.
func (v Value) Flag(fallback bool) bool {
	v.note(KindFlag)
	text, ok := v.read()
	if !ok {
		return fallback
	}
	if text != "true" && text != "false" {
		v.Wrong("is %s; write true or false", v.Quoted())
		return fallback
	}
	return text == "true"
}

// Count is a whole number from least to most.
func (v Value) Count(fallback, least, most int64) int64 {
	v.note(KindCount, func(s *Shape) { s.Least, s.Most = least, most })
	text, ok := v.read()
	if !ok {
		return fallback
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		v.Wrong("is %s; write a number from %d to %d", v.Quoted(), least, most)
		return fallback
	}
	return n
}

// Texts is a list of texts. Empty ones are complained of and left out.
func (v Value) Texts() []string {
	texts := make([]string, 0)
	for _, item := range v.Items() {
		if text := item.Text(); text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}

// Items are the entries of a list of single values.
func (v Value) Items() []Value {
	items := v.Parts()
	for _, item := range items {
		if text, ok := item.read(); ok && text == "" {
			item.Wrong("is empty; write something, or take the entry away")
		}
	}
	return items
}

// Parts are the entries of a list, whatever they are.
func (v Value) Parts() []Value {
	v.note(KindList)
	return v.parts()
}

func (v Value) parts() []Value {
	if v.node == nil || v.node.Kind == yaml.AliasNode {
		return nil
	}
	if v.node.Kind != yaml.SequenceNode {
		v.Wrong("is %s; write a list, as [a, b] or with one - a line", kind(v.node))
		return nil
	}
	items := make([]Value, len(v.node.Content))
	for i, n := range v.node.Content {
		items[i] = Value{v.document, v.path + "[" + strconv.Itoa(i) + "]", n.Line, n, v.silent, ""}
	}
	return items
}

// List reports whether the value is a list.
func (v Value) List() bool {
	v.note(KindList)
	return v.isList()
}

func (v Value) isList() bool { return v.node != nil && v.node.Kind == yaml.SequenceNode }
