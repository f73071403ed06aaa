// Package monitoring tests that the pages and files of this folder fit the binary.
package monitoring_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"itsme-bridge/provider/audit"
	"itsme-bridge/provider/ledger"
	"itsme-bridge/provider/oauth"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// cells are those of the rows of a page's tables whose first cell is a word in
// backquotes; of the heading alone, if there is one.
func cells(page, heading string) (rows [][]string) {
	under := heading == ""
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "#") && heading != "" {
			under = strings.TrimSpace(strings.TrimLeft(line, "#")) == heading
		}
		if under && strings.HasPrefix(line, "| `") {
			var row []string
			for _, cell := range strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ") {
				row = append(row, strings.TrimSpace(cell))
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// backquoted are the words of a text that stand in backquotes.
func backquoted(text string) (words []string) {
	for _, found := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
		words = append(words, found[1])
	}
	return words
}

func firsts(rows [][]string) (names []string) {
	for _, row := range rows {
		names = append(names, backquoted(row[0])...)
	}
	return names
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	got, want = slices.Clone(got), slices.Clone(want)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s:\ngot  %q\nwant %q", what, got, want)
	}
}

// The page of the audit stream names every event, every member and every reason that
// there is, and no other.
func TestTheAuditPage(t *testing.T) {
	page := read(t, "AUDIT.md")
	same(t, "events", firsts(cells(page, "Events")), audit.Events())
	var attacks []string
	for _, attack := range oauth.Attacks() {
		attacks = append(attacks, string(attack))
	}
	same(t, "reasons", firsts(cells(page, "Reasons")), attacks)
	members := []string{"time", "stream", "version", "duration_ms"}
	for field := range reflect.TypeFor[audit.Event]().Fields() {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "-" {
			members = append(members, name)
		}
	}
	same(t, "members", firsts(cells(page, "Members")), members)
	for _, row := range cells(page, "Events") {
		for _, member := range backquoted(row[2]) {
			if !slices.Contains(members, member) {
				t.Errorf("%s has no member %s", row[0], member)
			}
		}
	}
}

// The SLO's page says of every outcome whether it counts, and the rules count the same.
func TestTheSLOPage(t *testing.T) {
	page := read(t, "SLO.md")
	rows := cells(page, "What counts")
	same(t, "outcomes", firsts(rows), ledger.Outcomes())
	var bad []string
	for _, row := range rows {
		if strings.Trim(row[1], "*") == "bad" {
			bad = append(bad, backquoted(row[0])...)
		}
	}
	slices.Sort(bad)
	for _, name := range []string{"SLO.md", "alerts.yaml", "dashboard.json"} {
		for _, found := range regexp.MustCompile(`logins_total\{outcome=~\\?"([a-z_|]+)\\?"`).FindAllStringSubmatch(read(t, name), -1) {
			counted := slices.DeleteFunc(strings.Split(found[1], "|"), func(o string) bool { return o == "success" })
			slices.Sort(counted)
			if !slices.Equal(counted, bad) {
				t.Errorf("%s counts %q, and the page %q", name, counted, bad)
			}
		}
	}
}

// Everything that stands in these files fits what the real binary exposes.
func TestWhatTheBinaryExposes(t *testing.T) {
	binary := built(t)
	known := exposed(t, binary)
	t.Run("METRICS.md", func(t *testing.T) { theMetricsPage(t, known) })
	t.Run("dashboard.json", func(t *testing.T) {
		var queries []string
		for _, e := range dashboard(t) {
			queries = append(queries, e)
			fits(t, known, e)
		}
		for name := range known {
			if strings.HasPrefix(name, "itsme_bridge_") && !strings.Contains(strings.Join(queries, "\n"), name) {
				t.Errorf("%s is on no panel", name)
			}
		}
	})
	t.Run("alerts.yaml", func(t *testing.T) {
		for _, rule := range rules(t) {
			fits(t, known, rule.Expr)
		}
	})
	t.Run("pages", func(t *testing.T) {
		for _, page := range []string{"RUNBOOK.md", "SLO.md"} {
			for _, e := range blocks(read(t, page), "promql") {
				fits(t, known, e)
			}
		}
	})
	t.Run("commands", func(t *testing.T) { theCommands(t, binary) })
}

// theMetricsPage has a row for each metric of ours, with its type and labels, in the order of their names.
func theMetricsPage(t *testing.T, known map[string]metric) {
	t.Helper()
	var want []string
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if m := known[name]; strings.HasPrefix(name, "itsme_bridge_") {
			want = append(want, fmt.Sprintf("| `%s` | %s | %s | %s |", name, m.kind, strings.Join(m.labels(), " "), m.help))
		}
	}
	var got []string
	for line := range strings.Lines(read(t, "METRICS.md")) {
		if strings.HasPrefix(line, "| `") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the table should be\n%s", strings.Join(want, "\n"))
	}
}

// ours is a metric in a query, and what stands in braces behind it; matcher is one of that.
var (
	ours    = regexp.MustCompile(`\b((?:itsme_bridge|go|process)_[a-z0-9_]+)\b(?:\{([^}]*)\})?`)
	matcher = regexp.MustCompile(`([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"`)
	by      = regexp.MustCompile(`\bby \(([^)]*)\)`)
)

// fits fails unless a query asks only for metrics, labels and values that there are.
func fits(t *testing.T, known map[string]metric, query string) {
	t.Helper()
	mine := map[string]bool{"job": true, "instance": true, "le": true} // job and instance are Prometheus's own
	for _, found := range ours.FindAllStringSubmatch(by.ReplaceAllString(query, ""), -1) {
		m, ok := known[found[1]]
		if !ok {
			m, ok = known[regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(found[1], "")]
		}
		if !ok {
			t.Errorf("there is no metric %s: %s", found[1], query)
			continue
		}
		for _, name := range m.labels() {
			mine[name] = true
		}
		for _, match := range matcher.FindAllStringSubmatch(found[2], -1) {
			name, value := match[1], match[3]
			values, there := m.values[name]
			switch {
			case name == "job" || name == "instance" || strings.HasPrefix(value, "$") || name == "status":
			case !there:
				t.Errorf("%s has no label %s: %s", found[1], name, query)
			default:
				for _, word := range strings.Split(value, "|") {
					if !values[word] {
						t.Errorf("%s never has %s=%q: %s", found[1], name, word, query)
					}
				}
			}
		}
	}
	for _, found := range by.FindAllStringSubmatch(query, -1) {
		for _, name := range strings.Split(found[1], ",") {
			if name = strings.TrimSpace(name); !mine[name] {
				t.Errorf("nothing has the label %s: %s", name, query)
			}
		}
	}
}

// dashboard are the queries of all panels.
func dashboard(t *testing.T) (queries []string) {
	t.Helper()
	var d struct {
		Panels []struct {
			Title   string
			Type    string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "dashboard.json")), &d); err != nil {
		t.Fatal(err)
	}
	for _, panel := range d.Panels {
		if panel.Type != "row" && len(panel.Targets) == 0 {
			t.Errorf("the panel %s asks for nothing", panel.Title)
		}
		for _, target := range panel.Targets {
			queries = append(queries, target.Expr)
		}
	}
	return queries
}

// rule is one of alerts.yaml.
type rule struct {
	Alert, Record, Expr string
	Labels, Annotations map[string]string
}

func rules(t *testing.T) (all []rule) {
	t.Helper()
	var file struct{ Groups []struct{ Rules []rule } }
	if err := yaml.Unmarshal([]byte(read(t, "alerts.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	for _, group := range file.Groups {
		all = append(all, group.Rules...)
	}
	return all
}

// promtool runs it. Without it the test is skipped, or fails when CI=true.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	if _, err := exec.LookPath("promtool"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("NOT TESTED WITH PROMETHEUS: %v; deploy/tools/setup brings it", err)
	}
	if out, err := exec.CommandContext(t.Context(), "promtool", args...).CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// What the README has an operator type about these files is right, and so are the files.
func TestTheFilesOfPrometheus(t *testing.T) {
	commands := 0
	for _, block := range blocks(read(t, "README.md"), "sh") {
		for line := range strings.Lines(block) {
			if args, ok := strings.CutPrefix(strings.TrimSpace(line), "promtool "); ok {
				commands++
				promtool(t, strings.Fields(args)...)
			}
		}
	}
	if commands != 3 {
		t.Errorf("%d commands of promtool were found", commands)
	}
}

// Every query is one that Prometheus can read, also those of the pages and the dashboard.
func TestQueriesAreRead(t *testing.T) {
	type recorded struct {
		Record string `yaml:"record"`
		Expr   string `yaml:"expr"`
	}
	var all []recorded
	variables := strings.NewReplacer("$__rate_interval", "5m", "$__range", "6h", "$client", ".+", "$job", ".+")
	for _, e := range slices.Concat(dashboard(t), blocks(read(t, "RUNBOOK.md"), "promql"), blocks(read(t, "SLO.md"), "promql")) {
		all = append(all, recorded{fmt.Sprintf("query:%d", len(all)), variables.Replace(e)})
	}
	text, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "queries", "rules": all}}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "queries.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "check", "rules", file)
}
