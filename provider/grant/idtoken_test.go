package grant_test

import (
	"testing"

	"itsme-bridge/keys"
	"itsme-bridge/provider/grant"
)

// OpenID Connect Core appendices A.3 and A.4, letter by letter.
func TestPrintedHashes(t *testing.T) {
	for text, want := range map[string]string{
		"jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y":                "77QmUPtjPfzWtF2AnpK9RQ",
		"Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk": "LDktKdoQak3Pk0cnXxCltA",
	} {
		if got, err := grant.HashOf(text, keys.RS256); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %s", text, got, err, want)
		}
	}
}
