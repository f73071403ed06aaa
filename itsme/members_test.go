package itsme_test

import (
	"encoding/json"
	"maps"
	"testing"

	"itsme-bridge/itsme"
)

// An object taken apart by us has the members that encoding/json finds in it.
func FuzzMembers(f *testing.F) {
	for _, object := range []string{
		lucas, created, `{}`, "{ \r\n\t}", `{"a":1}`, `{"a":1,"b":-2.5e+7 , "c" : true,"d":null}`,
		`{"a":{"b":{"c":"}"}},"d":[{"e":"]"},[[]]],"f":""}`,
		`{"a\"b":"c\"d","e\\":"f\\","\u0067":"\ud83d\ude00"}`,
		`{"a":"{","b":"[","c":":,"," ":" "}`,
		"{\"\xff\":\"\xff\"}",
		`{"a":1,"a":"again","A":2}`,
	} {
		f.Add([]byte(object))
	}
	f.Fuzz(func(t *testing.T, object []byte) {
		var want map[string]json.RawMessage
		if len(object) == 0 || object[0] != '{' || json.Unmarshal(object, &want) != nil {
			t.Skip("no object")
		}
		names, values := itsme.MembersOf(string(object))
		got := map[string]json.RawMessage{}
		for i, name := range names { // of a repeated one the last counts
			got[name] = json.RawMessage(values[i])
		}
		if !maps.EqualFunc(got, want, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
			t.Errorf("%q has %q, want %q", object, got, want)
		}
	})
}
