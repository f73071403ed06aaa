package authorize_test

import (
	"net/http"
	"testing"

	"itsme-bridge/provider/authorize"
)

// Only a person's top-level navigation starts a transaction (promise 8).
func TestWhoMayStart(t *testing.T) {
	const at, ask, refused = "at once", "after a click", "refused"
	for _, row := range []struct {
		name   string
		mode   authorize.StartMode
		header map[string]string
		want   string
	}{
		{"a link in the address bar", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, at},
		{"from another site", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "cross-site"}, at},
		{"an image", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, refused},
		{"a frame", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, refused},
		{"a script's fetch", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, refused},
		{"a script", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}, refused},
		{"half of the metadata", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate"}, ask},
		{"the other half", authorize.StartAuto, map[string]string{"Sec-Fetch-Dest": "document"}, ask},
		{"half of the metadata, of an image", authorize.StartAuto, map[string]string{"Sec-Fetch-Dest": "image"}, refused},
		{"half of the metadata, of a script", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "cors"}, refused},
		{"a person's act alone", authorize.StartAuto, map[string]string{"Sec-Fetch-User": "?1"}, ask},
		{"capitals", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "Navigate", "Sec-Fetch-Dest": "DOCUMENT"}, at},
		{"with parameters", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate;x=1", "Sec-Fetch-Dest": " document "}, at},
		{"an image in capitals", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "IMAGE"}, refused},
		{"a frame, as it was called once", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "nested-navigate", "Sec-Fetch-Dest": "document"}, refused},
		{"a destination that nobody knows", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "hologram"}, ask},
		{"a mode that nobody knows", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "teleport", "Sec-Fetch-Dest": "document"}, ask},
		{"fetched ahead, in capitals", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Purpose": "Prefetch;Prerender"}, refused},
		{"looked at ahead, by Safari", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "X-Purpose": "preview"}, refused},
		{"likewise, without the X", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Purpose": "Preview"}, refused},
		{"fetched ahead, by Firefox", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "X-Moz": "prefetch"}, refused},
		{"fetched ahead, and nothing else is known", authorize.StartAsk, map[string]string{"X-Moz": "PREFETCH"}, refused},
		{"a purpose that nobody knows", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Purpose": "curiosity"}, ask},
		{"fetched ahead", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Purpose": "prefetch"}, refused},
		{"rendered ahead", authorize.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Purpose": "prefetch;prerender"}, refused},
		{"fetched ahead, the old way", authorize.StartAuto, map[string]string{"Purpose": "prefetch"}, refused},
		{"a browser without fetch metadata, or a preview bot", authorize.StartAuto, nil, ask},
		{"ask everybody", authorize.StartAsk, map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, ask},
		{"ask everybody, but an image", authorize.StartAsk, map[string]string{"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, refused},
		{"direct", authorize.StartDirect, nil, at},
	} {
		header := http.Header{}
		for name, value := range row.header {
			header.Set(name, value)
		}
		atOnce, err := row.mode.MayStart(header)
		got := map[bool]string{true: at, false: ask}[atOnce]
		if err != nil {
			got = refused
		}
		if got != row.want {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
	}
}
