//go:build products

package kubernetes_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The plain manifests are what the chart makes of values.yaml beside them, less what Helm alone uses.
// UPDATE=1 makes them anew.
func TestTheManifestsAreThoseOfTheChart(t *testing.T) {
	out, complaint := helm(t, "template", "--namespace", "itsme-bridge", "--values", "manifests/values.yaml", "itsme-bridge", "chart")
	if complaint != "" {
		t.Fatal(complaint)
	}
	made := "# Made of the chart by make chart: change chart/ and values.yaml.\n"
	for document := range strings.SplitSeq(strings.TrimPrefix(out, "---\n"), "\n---\n") {
		if strings.Contains(document, "helm.sh/hook") {
			continue
		}
		for line := range strings.Lines(document) {
			if strings.Contains(line, "helm.sh/chart:") || strings.Contains(line, "managed-by: Helm") {
				continue
			}
			made += line
		}
		made = strings.TrimSuffix(made, "\n") + "\n---\n"
	}
	compare(t, "manifests/itsme-bridge.yaml", []byte(strings.TrimSuffix(made, "---\n")))
	if strings.Contains(made, "elm") {
		t.Error("they speak of Helm")
	}
}

// What an installation says names the commands for it, and whom the policy lets in.
func TestTheNotesSayWhatToDo(t *testing.T) {
	for file, want := range map[string][]string{
		"testdata/minimal.yaml": {
			"kubectl --namespace login rollout status deployment/bridge-itsme-bridge\n", "helm --namespace login test bridge ",
			"Neither ingress nor httpRoute is enabled: lead https://login.example.be to the Service bridge-itsme-bridge, port 80.\n", "Only networkPolicy.public may reach",
		},
		"testdata/ingress.yaml": {"itsme-bridge 0.0.0 is https://www.example.be/login.\n"},
		"testdata/dev.yaml":     {"networkPolicy.enabled is false: every pod of the cluster reaches /metrics.\n"},
	} {
		notes, complaint := helm(t, "template", "--notes", "--namespace", "login", "--values", file, "bridge", "chart")
		for _, line := range want {
			if !strings.Contains(notes, line) {
				t.Errorf("%s: no %q in\n%s%s", file, line, notes, complaint)
			}
		}
		if strings.Contains(notes, "Neither") != (file != "testdata/ingress.yaml") {
			t.Errorf("%s:\n%s", file, notes)
		}
	}
}

// A release packages the chart under its own version, twice the same.
func TestThePackageHasTheVersionOfItsRelease(t *testing.T) {
	var file string
	var packages [2][]byte
	for i := range packages {
		chart := filepath.Join(t.TempDir(), "chart") // fresh files, as in another clone
		if err := os.CopyFS(chart, os.DirFS("chart")); err != nil {
			t.Fatal(err)
		}
		out, complaint := helm(t, "package", "--version", "1.2.3", "--epoch", "1700000000", "--destination", t.TempDir(), chart)
		if file = strings.TrimSpace(out); complaint != "" || !strings.HasSuffix(file, "/itsme-bridge-1.2.3.tgz") {
			t.Fatalf("%s%s", out, complaint)
		}
		packages[i] = read(t, file)
		time.Sleep(time.Second) // what a time in it is counted in
	}
	if !bytes.Equal(packages[0], packages[1]) {
		t.Error("the same chart makes two packages")
	}
	for _, object := range render(t, file, "testdata/minimal.yaml").all("Deployment") {
		if got := object.text("spec/template/spec/containers/0/image"); got != "itsme-bridge:1.2.3" {
			t.Errorf("its image is %s", got)
		}
	}
	listed, err := exec.Command("tar", "--list", "--file", file).Output()
	if err != nil || !strings.Contains(string(listed), "itsme-bridge/values.schema.json\n") {
		t.Errorf("%v: it holds\n%s", err, listed)
	}
}
