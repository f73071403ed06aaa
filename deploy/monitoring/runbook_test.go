package monitoring_test

import (
	"maps"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Each alert is tried where it fires and where it does not, says how urgent it is, and
// has an entry in the runbook that says what to look at and what to do.
func TestEachAlertIsTriedAndExplained(t *testing.T) {
	var tried struct {
		Tests []struct {
			AlertRuleTest []struct {
				Alertname string `yaml:"alertname"`
				ExpAlerts []any  `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "alerts_test.yaml")), &tried); err != nil {
		t.Fatal(err)
	}
	fires, silent := map[string]int{}, map[string]int{}
	for _, test := range tried.Tests {
		for _, c := range test.AlertRuleTest {
			if len(c.ExpAlerts) > 0 {
				fires[c.Alertname]++
			} else {
				silent[c.Alertname]++
			}
		}
	}
	var alerts []string
	for _, r := range rules(t) {
		if r.Alert == "" {
			continue
		}
		alerts = append(alerts, r.Alert)
		if fires[r.Alert] == 0 || silent[r.Alert] == 0 {
			t.Errorf("%s fires in %d tests and is silent in %d", r.Alert, fires[r.Alert], silent[r.Alert])
		}
		if s := r.Labels["severity"]; s != "page" && s != "ticket" {
			t.Errorf("%s is of severity %q", r.Alert, s)
		}
		if want := "RUNBOOK.md#" + strings.ToLower(r.Alert); r.Annotations["runbook_url"] != want || r.Annotations["summary"] == "" {
			t.Errorf("%s: %v, want %s", r.Alert, r.Annotations, want)
		}
	}
	var entries []string
	for _, entry := range strings.Split(read(t, "RUNBOOK.md"), "\n## ")[1:] {
		name, _, _ := strings.Cut(entry, "\n")
		entries = append(entries, name)
		for _, part := range []string{"**People feel:**", "**Look:**", "**Do:**"} {
			if !strings.Contains(entry, part) {
				t.Errorf("the entry of %s has no %s", name, part)
			}
		}
	}
	same(t, "entries of the runbook", entries, alerts)
}

// blocks are the fenced blocks of a page in a language, as they would be typed.
func blocks(page, language string) (found []string) {
	for _, block := range regexp.MustCompile("(?ms)^( *)```"+language+"\n(.*?)^ *```").FindAllStringSubmatch(page, -1) {
		var lines []string
		for line := range strings.Lines(block[2]) {
			lines = append(lines, strings.TrimPrefix(line, block[1]))
		}
		found = append(found, strings.TrimSpace(strings.Join(lines, "")))
	}
	return found
}

// theCommands: each of ours that a page has somebody type is one that the binary knows, with
// its flags, and each address of the operations listener is there.
func theCommands(t *testing.T, binary string) {
	t.Helper()
	page := read(t, "RUNBOOK.md") + read(t, "README.md")
	commands := map[string]bool{}
	for _, found := range regexp.MustCompile("(?m)(?:`|^ *)itsme-bridge ((?:[a-z]+ )+)((?:--[a-z]+[^`\n]*)?)").FindAllStringSubmatch(page, -1) {
		commands[strings.TrimSpace(found[1])] = true
		help, err := exec.CommandContext(t.Context(), binary, append([]string{"help"}, strings.Fields(found[1])...)...).CombinedOutput()
		if err != nil {
			t.Errorf("itsme-bridge %s: %v\n%s", found[1], err, help)
			continue
		}
		for _, flag := range regexp.MustCompile(`--[a-z]+`).FindAllString(found[2], -1) {
			if !strings.Contains(string(help), flag) {
				t.Errorf("itsme-bridge %s has no flag %s", found[1], flag)
			}
		}
	}
	for _, want := range []string{"check", "keys list", "keys rotate", "revoke", "usage"} {
		if !commands[want] {
			t.Errorf("no page was found to name itsme-bridge %s: is it read right? %v", want, slices.Sorted(maps.Keys(commands)))
		}
	}
	for _, found := range regexp.MustCompile(`http://127\.0\.0\.1:9090(/[a-z]*)`).FindAllStringSubmatch(page, -1) {
		if !slices.Contains([]string{"/livez", "/readyz", "/health", "/metrics"}, found[1]) {
			t.Errorf("the operations listener has no %s", found[1])
		}
	}
}
