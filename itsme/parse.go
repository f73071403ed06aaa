package itsme

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// fields is a JSON object of which nothing is certain. Names are compared
// exactly; encoding/json alone would take "USERID" for userId.
type fields struct {
	members []member
	in      *fields  // the object that this is a field of; nil: it is the whole
	name    string   // by which it is there
	wrong   []string // in the whole: paths of the fields that were not as documented
}

// parseObject reads a body that should be one JSON object. A byte order mark is
// no reason to lose it.
func parseObject(body []byte) (*fields, bool) {
	f := new(fields)
	body = bytes.Trim(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), space)
	if !json.Valid(body) || body[0] != '{' {
		return f, false
	}
	f.members = membersOf(string(body))
	return f, true
}

// value is a field as it was sent; empty: it was not. Of a repeated one the last counts.
func (f *fields) value(name string) string {
	for _, m := range slices.Backward(f.members) {
		if m.name == name {
			return m.value
		}
	}
	return ""
}

// text reads an optional string without the white space around it. null and
// absence are the empty string; so is another type, which is noted.
func (f *fields) text(name string) string { return strings.TrimSpace(f.exactText(name)) }

// exactText reads an optional string as it stands.
func (f *fields) exactText(name string) string {
	value := f.value(name)
	if value == "" {
		return ""
	}
	text, ok := textOf(value)
	if !ok {
		f.drop(name)
	}
	return text
}

// textOf is a JSON string, or null, as text.
func textOf(value string) (string, bool) {
	if text, ok := plain(value); ok {
		return text, true
	}
	var text string
	err := json.Unmarshal([]byte(value), &text)
	return text, err == nil
}

// plain is what a JSON string holds in which every byte stands for itself, as in most.
func plain(value string) (text string, ok bool) {
	if len(value) < 2 || value[0] != '"' || strings.IndexByte(value, '\\') >= 0 || !utf8.ValidString(value) {
		return "", false
	}
	return value[1 : len(value)-1], true
}

// object reads an optional object. Of another type than that it is empty.
func (f *fields) object(name string) *fields {
	inner := &fields{in: f, name: name}
	switch value := f.value(name); {
	case value == "", value == "null":
	case value[0] == '{':
		inner.members = membersOf(value)
	default:
		f.drop(name)
	}
	return inner
}

// pathOf is where a field of this object is in the whole.
func (f *fields) pathOf(name string) string {
	if f.in == nil {
		return name
	}
	return f.in.pathOf(f.name) + "." + name
}

func (f *fields) whole() *fields {
	for f.in != nil {
		f = f.in
	}
	return f
}

func (f *fields) drop(name string) { f.whole().wrong = append(f.whole().wrong, f.pathOf(name)) }

// isWrong reports whether a field was there but not as documented.
func (f *fields) isWrong(name string) bool { return slices.Contains(f.whole().wrong, f.pathOf(name)) }

// dropped names the fields that were noted. The names are ours, not CM's.
func (f *fields) dropped() []string { return slices.Clone(f.whole().wrong) }
