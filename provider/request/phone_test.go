package request_test

import (
	"testing"

	"itsme-bridge/provider/request"
)

func TestLoginHintBecomesPhoneNumber(t *testing.T) {
	for hint, want := range map[string]string{
		"+32471234567":                    "+32471234567",
		"+32 471 23 45 67":                "+32471234567",
		"tel:+32471234567":                "+32471234567",
		"tel:+32-471-23-45-67":            "+32471234567",
		"tel:+32471234567;ext=1":          "+32471234567",
		"0471 23 45 67":                   "+32471234567",
		"0471/23.45.67":                   "+32471234567",
		"0032471234567":                   "+32471234567",
		"+31612345678":                    "+31612345678",
		"":                                "",
		"lucas.maes@example.com":          "",
		"+":                               "",
		"+0471234567":                     "",
		"+3247123456789012":               "", // longer than E.164 allows
		"+32471":                          "",
		"02 123 45 67":                    "", // itsme is bound to a mobile
		"0471 23 45 6":                    "",
		"+32471x34567":                    "",
		"+32471234567\r\nX-Injected: yes": "",
	} {
		if got := request.PhoneNumber(hint); got != want {
			t.Errorf("login_hint %q: %q, want %q", hint, got, want)
		}
	}
}
