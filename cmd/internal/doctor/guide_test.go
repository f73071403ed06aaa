package doctor_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"itsme-bridge/cmd/internal/doctor"
)

// The guide lists the checks that there are, in their order, each with what helps.
func TestTheGuideListsTheChecks(t *testing.T) {
	text, err := os.ReadFile("../../../deploy/DOCTOR.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed [][2]string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_.]+)` \\| ([^|]+) \\| ([^|]{10,}) \\|$").FindAllStringSubmatch(string(text), -1) {
		listed = append(listed, [2]string{row[1], row[2]})
	}
	if rows := doctor.Rows(); !slices.Equal(listed, rows) {
		t.Errorf("the guide lists\n%v\nand the checks are\n%v", listed, rows)
	}
	seen := map[string]bool{}
	for _, row := range doctor.Rows() {
		if seen[row[0]] {
			t.Errorf("two checks are called %s", row[0])
		}
		seen[row[0]] = true
	}
}
