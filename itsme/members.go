package itsme

import (
	"bytes"
	"strings"
)

// member is one of a JSON object. Both are parts of what was read, and no copies, unless the
// name had to be decoded.
type member struct{ name, value []byte }

// space is what may stand between the parts of JSON (RFC 8259 §2).
const space = " \t\r\n"

// membersOf takes a JSON object apart. It must be valid, and begin with its brace: then a
// value ends where the brackets outside of its strings are closed, and a word where
// something begins that is no part of it.
func membersOf(object []byte) []member {
	all := make([]member, 0, 12) // as many as CM's answers have
	for rest := object[1:]; ; {
		name, after := next(rest)
		if len(name) == 0 {
			return all
		}
		value, after := next(after)
		inside, ok := plain(name)
		if !ok {
			text, _ := decoded(name) // it is valid
			inside = []byte(text)
		}
		all, rest = append(all, member{inside, value}), after
	}
}

// next is the value with which a text begins, behind what separates it from others; empty
// where the object ends.
func next(text []byte) (value, rest []byte) {
	text = bytes.TrimLeft(text, space+",:")
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++ // what is escaped ends nothing
		case c == '"':
			if quoted = !quoted; !quoted && depth == 0 {
				return text[:i+1], text[i+1:]
			}
		case quoted:
		case c == '{' || c == '[':
			depth++
		case depth == 0 && strings.IndexByte(space+",:}", c) >= 0:
			return text[:i], text[i:]
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return text[:i+1], text[i+1:]
			}
		}
	}
	return nil, nil
}
