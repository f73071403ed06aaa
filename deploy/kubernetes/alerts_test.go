//go:build products

package kubernetes_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The alerts of a PrometheusRule are those of deploy/monitoring, with their own templates left alone. A chart
// cannot reach files outside of it, so it has a copy; UPDATE=1 makes it anew. Without alerts there is no rule.
func TestTheAlertsAreThoseOfTheMonitoring(t *testing.T) {
	more := filepath.Join(t.TempDir(), "more.yaml")
	if err := os.WriteFile(more, []byte("monitoring: {prometheusRule: {enabled: true, labels: {release: prometheus}}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../monitoring/alerts.yaml")
	if errors.Is(err, fs.ErrNotExist) {
		_, complaint := helm(t, "template", "--values", "testdata/minimal.yaml", "--values", more, "bridge", "chart")
		if !strings.Contains(complaint, "monitoring.prometheusRule: this chart has no alerts; make chart copies those of deploy/monitoring") {
			t.Errorf("it says %q", complaint)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("chart/files", 0o755); err != nil {
		t.Fatal(err)
	}
	compare(t, "chart/files/alerts.yaml", text)
	rule := render(t, "chart", "testdata/minimal.yaml", more).of(t, "PrometheusRule", "")
	var want part
	if err := yaml.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	made, _ := yaml.Marshal(rule.get("spec/groups"))
	wanted, _ := yaml.Marshal(want["groups"])
	if string(made) != string(wanted) || len(want.list("groups")) == 0 || rule.get("metadata/labels/release") != "prometheus" {
		t.Errorf("the rule has\n%s\nand the monitoring\n%s", made, wanted)
	}
}
