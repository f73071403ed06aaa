package document

import (
	"slices"
	"strings"
)

// nearest is the known word that a shortened one begins, or that a misspelt one
// comes closest to, if it is close enough.
func nearest(word string, known []string) (string, bool) {
	longer := func(candidate string) bool { return strings.HasPrefix(candidate, word+"_") }
	if i := slices.IndexFunc(known, longer); i >= 0 {
		return known[i], true
	}
	best, least := "", min(len(word)/2, 3)+1
	for _, candidate := range slices.Sorted(slices.Values(known)) {
		if d := distance(word, candidate); d < least {
			best, least = candidate, d
		}
	}
	return best, best != ""
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
