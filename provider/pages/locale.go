package pages

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// Locale is the first language of the preferences that the pages speak, else
// en. A preference is a list of BCP 47 tags, as in ui_locales (OpenID Connect
// Core §3.1.2.1) or Accept-Language (RFC 9110 §12.5.4); the first that names
// one of our languages decides. Tags that mean nothing are passed over.
func Locale(preferences ...string) string {
	for _, preference := range preferences {
		for _, tag := range wanted(preference) {
			base, _ := tag.Base()
			if _, ok := spoken[base.String()]; ok {
				return base.String()
			}
		}
	}
	return english.tag
}

// wanted lists the tags of a preference, the dearest first.
func wanted(preference string) []language.Tag {
	type choice struct {
		tag    language.Tag
		weight float32
	}
	var choices []choice
	for _, entry := range entries(preference) {
		// one by one, since a single bad tag spoils a whole list
		tags, weights, err := language.ParseAcceptLanguage(entry)
		if err != nil || len(tags) != 1 {
			continue
		}
		choices = append(choices, choice{tags[0], weights[0]})
	}
	slices.SortStableFunc(choices, func(a, b choice) int { return cmp.Compare(b.weight, a.weight) })

	tags := make([]language.Tag, len(choices))
	for i, c := range choices {
		tags[i] = c.tag
	}
	return tags
}

// How much of a preference is read. Browsers send a handful of tags, and RFC 5646
// §4.4.1 knows none that needs more than 35 characters.
const (
	maxPreference = 512 // bytes
	maxEntries    = 16
)

// entries splits a list of ui_locales, which has spaces between the tags, and
// one of Accept-Language, which has commas. An entry that is cut short is none.
func entries(preference string) []string {
	cut := len(preference) > maxPreference
	if cut {
		preference = preference[:maxPreference]
	}
	var list []string
	if strings.ContainsAny(preference, ",;") {
		list = strings.Split(preference, ",")
	} else {
		list = strings.Fields(preference)
	}
	if cut && len(list) > 0 {
		list = list[:len(list)-1]
	}
	return list[:min(len(list), maxEntries)]
}
