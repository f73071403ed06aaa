package pages

import (
	"html/template"
	"net/url"
	"regexp"
	"strings"
)

// outside is a web address of an operator's own that a page may link to. Unlike [target]
// it takes no address of an application's own scheme: nobody waits for that there.
func outside(raw string) template.URL {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return ""
	}
	return target(raw)
}

// phone is the address (RFC 3966) of a telephone number as people write it; empty where it
// is none.
func phone(number string) template.URL {
	if !IsPhone(number) {
		return ""
	}
	dialled := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, number)
	return template.URL("tel:" + dialled) //nolint:gosec // G203: digits, as this function has made sure
}

// mail is the address (RFC 6068) of a mailbox; empty where it is none.
func mail(address string) template.URL {
	if !IsMail(address) {
		return ""
	}
	return template.URL("mailto:" + address) //nolint:gosec // G203: without a question mark, which begins a header, or a percent sign
}

var (
	phoneNumber = regexp.MustCompile(`^\+?[0-9](?:[ ./()-]{0,2}[0-9]){2,18}$`)
	mailbox     = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9._+-]{0,62}[A-Za-z0-9])?@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}$`)
)

// IsPhone reports whether people can dial a text: digits, and what they write between them.
func IsPhone(text string) bool { return phoneNumber.MatchString(text) }

// IsMail reports whether a text is a plain mail address.
func IsMail(text string) bool { return len(text) <= 254 && mailbox.MatchString(text) }
