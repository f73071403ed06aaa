package storagetest

import "testing"

// Varies draws some hundred times, and fails unless what is drawn has so many positions,
// and is random in each of them: it takes most letters of the alphabet, which has so
// many, and no position follows another.
func Varies(t testing.TB, positions, letters int, draw func() string) {
	t.Helper()
	all := make([]string, 8*letters) // so that a position shows all of 32 letters, and 255 of 256
	for i := range all {
		if all[i] = draw(); len(all[i]) != positions {
			t.Fatalf("%q has %d positions, not %d", all[i], len(all[i]), positions)
		}
	}
	for i := range all[0] {
		seen := map[byte]bool{}
		for _, text := range all {
			seen[text[i]] = true
		}
		if len(seen) > letters || len(seen) < letters*3/4 {
			t.Errorf("position %d of %q has %d letters, of %d", i, all[0], len(seen), letters)
		}
		for j := range i {
			if follows(all, i, j) {
				t.Errorf("position %d of %q follows position %d", i, all[0], j)
			}
		}
	}
}

// follows reports whether one letter in a position always goes with the same letter in another.
func follows(all []string, i, j int) bool {
	goesWith := map[byte]byte{}
	for _, text := range all {
		if with, ok := goesWith[text[j]]; ok && with != text[i] {
			return false
		}
		goesWith[text[j]] = text[i]
	}
	return true
}
