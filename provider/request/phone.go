package request

import "strings"

// phoneNumber is a login_hint as an E.164 number: +32…, tel:+32… (RFC 3966),
// or a Belgian number as Belgians write it, 0471 23 45 67. Anything else is empty.
func phoneNumber(hint string) string {
	hint = strings.TrimPrefix(hint, "tel:")
	hint, _, _ = strings.Cut(hint, ";") // RFC 3966 parameters
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .-/()", r) {
			return -1 // what people and RFC 3966 §5.1.1 put between digits
		}
		return r
	}, hint)
	switch {
	case strings.HasPrefix(digits, "+"):
		digits = digits[1:]
	case strings.HasPrefix(digits, "00"):
		digits = digits[2:]
	case strings.HasPrefix(digits, "04") && len(digits) == len("0471234567"):
		digits = "32" + digits[1:]
	default:
		return ""
	}
	if len(digits) < 8 || len(digits) > 15 || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return "+" + digits
}
