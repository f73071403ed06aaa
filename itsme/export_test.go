package itsme

import "net/http"

// NewTransport makes what carries calls to CM where nothing else is configured.
func NewTransport() *http.Transport { return newTransport(nil) }

// Plain is a JSON string that needs no decoder.
var Plain = plain // read only

// MembersOf takes a valid JSON object apart: names, and values as they were sent.
func MembersOf(object string) (names, values []string) {
	for _, m := range membersOf(object) {
		names, values = append(names, m.name), append(values, m.value)
	}
	return names, values
}
