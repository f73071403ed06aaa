package itsme

import "strings"

// member is one of a JSON object. Its value is a part of what was read, and so is its name,
// unless that had to be decoded.
type member struct{ name, value string }

// space is what may stand between the parts of JSON (RFC 8259 §2).
const space = " \t\r\n"

// membersOf takes a JSON object apart. It must be valid, and begin with its brace: then a
// value ends where the brackets outside of its strings are closed, and a word where
// something begins that is no part of it.
func membersOf(object string) []member {
	all := make([]member, 0, min(1+strings.Count(object, ","), 16))
	for rest := object[1:]; ; {
		name, after := next(rest)
		if name == "" {
			return all
		}
		value, after := next(after)
		text, _ := textOf(name) // it is valid
		all, rest = append(all, member{text, value}), after
	}
}

// next is the value with which a text begins, behind what separates it from others; empty
// where the object ends.
func next(text string) (value, rest string) {
	text = strings.TrimLeft(text, space+",:")
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
	return "", ""
}
