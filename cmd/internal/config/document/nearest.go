package document

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// Nearest is the known word that an unknown one was meant to be, as far as it can be
// told: the same in another spelling, shortened or with a word more, or misspelt.
// Sure is false for one that is merely the nearest.
func Nearest(word string, known []string) (nearest string, sure bool) {
	word, known = spelt(word), slices.Sorted(slices.Values(known))
	for _, alike := range []func(candidate string) bool{
		func(candidate string) bool { return candidate == word },
		func(candidate string) bool { return strings.HasPrefix(candidate, word+"_") },
		func(candidate string) bool {
			return strings.HasPrefix(word, candidate+"_") || strings.HasSuffix(word, "_"+candidate)
		},
	} {
		if i := slices.IndexFunc(known, alike); i >= 0 {
			return known[i], true
		}
	}
	if len(known) == 0 {
		return "", false
	}
	nearest = slices.MinFunc(known, func(a, b string) int { return cmp.Compare(distance(word, a), distance(word, b)) })
	return nearest, distance(word, nearest) <= min(len(word)/2, 3)
}

// spelt is a word in our spelling: redirectURIs and redirect-uris are redirect_uris.
func spelt(word string) string {
	var b strings.Builder
	small := false // the letter before
	for _, r := range word[:min(len(word), 60)] {
		if unicode.IsUpper(r) && small {
			b.WriteByte('_')
		}
		small = unicode.IsLower(r) || unicode.IsDigit(r)
		if r == '-' || r == ' ' || r == '.' {
			r = '_'
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// distance is how many letters must be put in, taken out or changed (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
