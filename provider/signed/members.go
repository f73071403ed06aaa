package signed

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// object is a JSON object. Its names are compared letter by letter, unlike those of a Go struct.
type object map[string]json.RawMessage

// readObject reads one, and refuses what two readers could understand differently: a member that is there twice, at
// any depth, a number that no float64 holds, bytes that are not UTF-8, and anything behind the object (RFC 7519 §4,
// RFC 8259 §4, §6 and §8.1, RFC 8725 §2.6).
func readObject(data []byte) (object, bool) {
	var o object
	if !utf8.Valid(data) || json.Unmarshal(data, &o) != nil || o == nil {
		return nil, false
	}
	if !unambiguous(json.NewDecoder(bytes.NewReader(data))) {
		return nil, false
	}
	return o, true
}

// unambiguous reads one value to its end. How deep it is, Unmarshal has bounded.
func unambiguous(d *json.Decoder) bool {
	token, err := d.Token()
	if err != nil {
		return false
	}
	open, nested := token.(json.Delim)
	if !nested {
		return true
	}
	seen := map[json.Token]bool{}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil || seen[name] {
				return false
			}
			seen[name] = true
		}
		if !unambiguous(d) {
			return false
		}
	}
	_, err = d.Token() // the closing bracket
	return err == nil
}

func (o object) has(name string) bool {
	_, ok := o[name]
	return ok
}

// text is a member that is a string.
func (o object) text(name string) (value string, ok bool) {
	var s *string // null leaves it nil
	if json.Unmarshal(o[name], &s) != nil || s == nil {
		return "", false
	}
	return *s, true
}
