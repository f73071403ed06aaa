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
	values map[string]json.RawMessage
	path   string    // of this object in the whole, with a dot at its end
	wrong  *[]string // paths of the fields that were not as documented, shared by the whole
}

// parseObject reads a body that should be one JSON object. A byte order mark is
// no reason to lose it.
func parseObject(body []byte) (*fields, bool) {
	f := &fields{wrong: new([]string)}
	err := json.Unmarshal(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), &f.values)
	return f, err == nil && f.values != nil
}

// text reads an optional string without the white space around it. null and
// absence are the empty string; so is another type, which is noted.
func (f *fields) text(name string) string { return strings.TrimSpace(f.exactText(name)) }

// exactText reads an optional string as it stands.
func (f *fields) exactText(name string) string {
	value := f.values[name]
	if text, ok := plain(value); ok {
		return text
	}
	var text string
	f.read(name, &text)
	return text
}

// plain is a JSON string in which every byte stands for itself, as most do.
func plain(value json.RawMessage) (text string, ok bool) {
	if len(value) < 2 || value[0] != '"' || bytes.IndexByte(value, '\\') >= 0 || !utf8.Valid(value) {
		return "", false
	}
	return string(value[1 : len(value)-1]), true
}

// object reads an optional object. Of another type than that it is empty.
func (f *fields) object(name string) *fields {
	inner := &fields{path: f.path + name + ".", wrong: f.wrong}
	f.read(name, &inner.values)
	return inner
}

// read decodes one field into target, or notes that it does not fit.
func (f *fields) read(name string, target any) {
	value, ok := f.values[name]
	if ok && json.Unmarshal(value, target) != nil {
		f.drop(name)
	}
}

func (f *fields) drop(name string) { *f.wrong = append(*f.wrong, f.path+name) }

// isWrong reports whether a field was there but not as documented.
func (f *fields) isWrong(name string) bool { return slices.Contains(*f.wrong, f.path+name) }

// dropped names the fields that were noted. The names are ours, not CM's.
func (f *fields) dropped() []string { return slices.Clone(*f.wrong) }
