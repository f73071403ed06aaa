package provider_test

import (
	"net/http"
	"testing"

	"itsme-bridge/provider"
)

// Only a person's top-level navigation starts a transaction (promise 8).
func TestWhoMayStart(t *testing.T) {
	const at, ask, refused = "at once", "after a click", "refused"
	for _, row := range []struct {
		name   string
		mode   provider.StartMode
		header map[string]string
		want   string
	}{
		{"a link in the address bar", provider.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, at},
		{"from another site", provider.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "cross-site"}, at},
		{"an image", provider.StartAuto, map[string]string{"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, refused},
		{"a frame", provider.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, refused},
		{"a script's fetch", provider.StartAuto, map[string]string{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, refused},
		{"a script", provider.StartAuto, map[string]string{"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}, refused},
		{"half of the metadata", provider.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate"}, refused},
		{"fetched ahead", provider.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Purpose": "prefetch"}, refused},
		{"rendered ahead", provider.StartAuto, map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Purpose": "prefetch;prerender"}, refused},
		{"fetched ahead, the old way", provider.StartAuto, map[string]string{"Purpose": "prefetch"}, refused},
		{"a browser without fetch metadata, or a preview bot", provider.StartAuto, nil, ask},
		{"ask everybody", provider.StartAsk, map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, ask},
		{"ask everybody, but an image", provider.StartAsk, map[string]string{"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, refused},
		{"direct", provider.StartDirect, nil, at},
	} {
		header := http.Header{}
		for name, value := range row.header {
			header.Set(name, value)
		}
		atOnce, err := provider.MayStart(row.mode, header)
		got := map[bool]string{true: at, false: ask}[atOnce]
		if err != nil {
			got = refused
		}
		if got != row.want {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
	}
}
