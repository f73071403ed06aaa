package main

import (
	"errors"
	"go/format"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const example = `package p

const most = 3

func add(a, b int) int {
	return a + b
}

func say() { println("a") }
`

func parsed(t *testing.T, text string) []row {
	t.Helper()
	rows, err := parseTable(text)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestAMistakeStandsBesideWhatIsRight(t *testing.T) {
	rows := parsed(t, "id A f.go\nwhy w\n-a + b\n+a - b\n\nid B f.go\nwhy w\n-println(\"a\")\n+\n\nid C f.go\nwhy w\n-most = 3\n+most = 4\n")
	blended, alone, err := blend([]byte(example), rows)
	if err != nil {
		t.Fatal(err)
	}
	formatted, err := format.Source(blended)
	if err != nil {
		t.Fatalf("%v\n%s", err, blended)
	}
	const want = `package p

const most = 3

func add(a, b int) int {
	if mistakeThatIsMade == "A" {
		return a - b
	}

	return a + b
}

func say() {
	if mistakeThatIsMade == "B" {

		return
	}
	println("a")
}
`
	if string(formatted) != want {
		t.Errorf("blended:\n%s", formatted)
	}
	if len(alone) != 1 || alone[0].id != "C" {
		t.Errorf("to be built alone are %v", alone)
	}
}

func TestARowThatDoesNotFitIsRefused(t *testing.T) {
	for _, table := range []string{
		"id A f.go\nwhy w\n-a - b\n+a + b\n",     // not there
		"id A f.go\nwhy w\n-a\n+b\n",             // there more than once
		"id A f.go\nwhy w\n-return b\n+return\n", // not there
	} {
		if _, _, err := blend([]byte(example), parsed(t, table)); !errors.Is(err, errStale) {
			t.Errorf("%q: %v", table, err)
		}
	}
	for _, table := range []string{
		"id A f.go\nwhy w\n+b\n", "id A f.go\n-a\n+b\n", "id A\nwhy w\n-a\n+b\n", "id A f.go\nwhy w\n-a\n+a\n", "id A f.go\nwhat w\n-a\n+b\n",
	} {
		if rows, err := parseTable(table); err == nil {
			t.Errorf("%q: %v", table, rows)
		}
	}
}

func TestWhoNoticesIsWrittenIntoTheRow(t *testing.T) {
	table := filepath.Join(t.TempDir(), "t.txt")
	const text = "# c\n\nid A f.go\nwhy w\n-a\n+b\n\nid B f.go\nwhy w\nkill p TestOld\n-c\n+d\n"
	if err := os.WriteFile(table, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"A", "B"} {
		if err := record(row{id: id, table: table}, kill{"q", "TestNew"}); err != nil {
			t.Fatal(err)
		}
	}
	is, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(strings.ReplaceAll(text, "kill p TestOld\n", ""), "why w\n", "why w\nkill q TestNew\n")
	if string(is) != want {
		t.Errorf("the table says\n%s", is)
	}
}

func TestWhatTheTestsPrintedIsRead(t *testing.T) {
	failed := errors.New("exit status 1")
	for _, c := range []struct {
		out  string
		err  error
		want verdict
	}{
		{"PASS\n", nil, verdict{outcome: survived}},
		{"testing: warning: no tests to run\nPASS\n", nil, verdict{outcome: broken, detail: "p has no such test"}},
		{"--- FAIL: TestA (0.00s)\n    --- FAIL: TestA/b (0.00s)\nFAIL\n", failed, verdict{outcome: killed, by: kill{"p", "TestA"}}},
		{"--- FAIL: TestA (0.00s)\npanic: nil [recovered]\n", failed, verdict{outcome: killed, by: kill{"p", "TestA"}}},
		{"panic: test timed out after 1s\n\trunning tests:\n\t\tTestA (1s)\n", failed, verdict{outcome: timedOut, by: kill{"p", "TestA"}}},
		{"no memory", failed, verdict{outcome: broken, detail: "exit status 1: no memory"}},
	} {
		if is := judge("p", c.out, c.err); is != c.want {
			t.Errorf("%q: %+v", c.out, is)
		}
	}
}
