package itsme

import (
	"strings"
	"time"
)

// CM gives a person's data once. So whatever can be read of a field is read, also
// where the field is not quite as documented.

// number reads an optional text that may have been sent as a whole number.
func (f *fields) number(name string) string {
	if raw := f.value(name); raw != "" && isDigits(raw) {
		return raw
	}
	return f.text(name)
}

// objectOrText reads an optional object, or the text that stands in its place.
func (f *fields) objectOrText(name string) (*fields, string) {
	if strings.HasPrefix(f.value(name), `"`) {
		return &fields{in: f, name: name}, f.text(name)
	}
	return f.object(name), ""
}

// date reads a birth date. Clients rely on the form of OpenID Connect Core §5.1:
// YYYY-MM-DD, or YYYY where no more is known. Another form is not passed on.
func (f *fields) date(name string) string {
	text := f.number(name)
	date := dateOf(text)
	if text != "" && date == "" {
		f.drop(name)
	}
	return date
}

// dateOf is the date that a text tells, or the year if that is all; empty if it
// tells neither, or a day that never was.
func dateOf(text string) string {
	for _, layout := range []string{time.DateOnly, "2006-1-2", "2006/1/2", "20060102"} {
		if day, err := time.Parse(layout, text); err == nil {
			return day.Format(time.DateOnly)
		}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime, "2006-01-02T15:04", "2006-01-02Z07:00"} {
		if at, err := time.Parse(layout, text); err == nil {
			return dayOf(at)
		}
	}
	return yearOf(text)
}

// dayOf is the day of an instant. In the last hours of a day it may already be the
// next one for whoever meant midnight: then only the year is certain, if that.
func dayOf(at time.Time) string {
	switch next := at.Add(4 * time.Hour); {
	case next.Day() == at.Day():
		return at.Format(time.DateOnly)
	case next.Year() == at.Year():
		return at.Format("2006")
	default:
		return ""
	}
}

// yearOf is the year of a date without a day, or without a month either: YYYY,
// YYYY-MM, or with zeros for what is not known.
func yearOf(text string) string {
	parts := strings.Split(text, "-")
	year := parts[0]
	if len(year) != 4 || !isDigits(year) || year == "0000" || len(parts) > 3 {
		return ""
	}
	unknown := len(parts) < 3
	for i, part := range parts[1:] {
		most := [...]string{"12", "31"}[i]
		if len(part) != 2 || !isDigits(part) || part > most {
			return ""
		}
		unknown = unknown || part == "00"
	}
	if !unknown { // 1974-02-31
		return ""
	}
	return year
}

// phoneOf is a phone number in the form E.164, if it can be told; else as it stands.
func phoneOf(text string) string {
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \u00a0-./()", r) {
			return -1
		}
		return r
	}, strings.Replace(text, "(0)", "", 1))
	switch {
	case strings.HasPrefix(digits, "+"):
		digits = digits[1:]
	case strings.HasPrefix(digits, "00"):
		digits = digits[2:]
	case len(digits) < 10: // too short for a number that begins with a country
		return text
	}
	if len(digits) < 7 || len(digits) > 15 || !isDigits(digits) || digits[0] == '0' {
		return text
	}
	return "+" + digits
}

// localeOf is a language tag as it is commonly written (RFC 5646 §2.1.1): nl, nl-BE.
func localeOf(text string) string {
	language, region, there := strings.Cut(strings.ReplaceAll(text, "_", "-"), "-")
	language = strings.ToLower(language)
	switch {
	case !there:
		return language
	case len(region) == 2:
		return language + "-" + strings.ToUpper(region)
	default:
		return language + "-" + region
	}
}

// countryOf is a country's code in capital letters (ISO 3166-1); another text stays as it is.
func countryOf(text string) string {
	if len(text) > 3 {
		return text
	}
	return strings.ToUpper(text)
}

func isDigits(text string) bool { return strings.Trim(text, "0123456789") == "" }
