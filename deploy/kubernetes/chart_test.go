//go:build products

package kubernetes_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"itsme-bridge/deploy/internal/e2e"
)

// variants are files of values, each for another way to run it.
func variants(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d variants, %v", len(files), err)
	}
	return files
}

// helm runs it, and gives what it prints and what it complains of.
func helm(t *testing.T, args ...string) (out, complaint string) {
	t.Helper()
	command := exec.Command(filepath.Join(e2e.Tool(t, "helm"), "helm"), args...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil && stderr.Len() == 0 {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String()
}

// part is an object of a rendered chart, or a part of one.
type part map[string]any

// get is what stands at a path such as spec/containers/0/args (~1 for a slash in a name); nil for nothing.
func (p part) get(path string) any {
	var at any = p
	for key := range strings.SplitSeq(path, "/") {
		key = strings.ReplaceAll(key, "~1", "/")
		switch of := at.(type) {
		case part:
			at = of[key]
		case []any:
			at = nil
			for i, one := range of { // by its place, or by its name
				if named, _ := one.(part); key == string(rune('0'+i)) || named["name"] == key {
					at = one
					break
				}
			}
		default:
			return nil
		}
	}
	return at
}

func (p part) text(path string) string { s, _ := p.get(path).(string); return s }

func (p part) list(path string) []any { l, _ := p.get(path).([]any); return l }

func (p part) sub(path string) part { s, _ := p.get(path).(part); return s }

// release is a rendered chart.
type release []part

// render renders a chart with files of values; it must succeed.
func render(t *testing.T, chart string, values ...string) release {
	t.Helper()
	args := []string{"template", "--namespace", "login"}
	for _, file := range values {
		args = append(args, "--values", file)
	}
	out, complaint := helm(t, append(args, "bridge", chart)...)
	if complaint != "" {
		t.Fatal(complaint)
	}
	var all release
	for decoder := yaml.NewDecoder(strings.NewReader(out)); ; {
		var one part
		if err := decoder.Decode(&one); err != nil {
			break
		}
		all = append(all, one)
	}
	if !strings.HasSuffix(out, "\n") || len(all) != strings.Count("\n"+out, "\n---\n") {
		t.Fatalf("%d objects of\n%s", len(all), out)
	}
	return all
}

// of is the one object of a kind, whose name ends so.
func (r release) of(t *testing.T, kind, name string) part {
	t.Helper()
	var found part
	for _, one := range r {
		if one["kind"] == kind && strings.HasSuffix(one.text("metadata/name"), name) {
			if found == nil || len(one.text("metadata/name")) < len(found.text("metadata/name")) {
				found = one
			}
		}
	}
	if found == nil {
		t.Fatalf("there is no %s", kind)
	}
	return found
}

// all are the objects of a kind.
func (r release) all(kind string) release {
	var found release
	for _, one := range r {
		if one["kind"] == kind {
			found = append(found, one)
		}
	}
	return found
}

func TestHelmFindsNoFault(t *testing.T) {
	for _, file := range variants(t) {
		if out, complaint := helm(t, "lint", "--values", file, "chart"); complaint != "" || strings.Contains(out, "[WARNING]") {
			t.Errorf("%s: %s%s", file, out, complaint)
		}
	}
}

// Every object is one of the oldest Kubernetes that the chart is for, and of the newest; no field
// is one that its kind does not have. Those of the Prometheus Operator and of the Gateway API
// have been read as their Go types when they were rendered: here they must be known to be.
func TestEachObjectIsOneOfKubernetes(t *testing.T) {
	folder := filepath.Join(e2e.Tool(t, "kubernetes"), "schemas")
	versions, err := filepath.Glob(folder + "/v*-strict")
	if err != nil || len(versions) != 2 {
		t.Fatalf("%q, %v", versions, err)
	}
	kinds := map[string]int{}
	for _, version := range versions {
		c := jsonschema.NewCompiler()
		if err := c.AddResource("https://kubernetes.io/api/_definitions.json", document(t, filepath.Join(version, "_definitions.json"))); err != nil {
			t.Fatal(err)
		}
		for _, file := range variants(t) {
			for _, object := range render(t, "chart", file) {
				kinds[object.text("kind")]++
				group, _, grouped := strings.Cut(object.text("apiVersion"), "/")
				if strings.HasSuffix(group, ".coreos.com") || group == "gateway.networking.k8s.io" {
					continue
				}
				name := strings.ToLower(object.text("kind")) + "-" + object.text("apiVersion")
				if grouped {
					name = strings.ToLower(object.text("kind")) + "-" + strings.Split(group, ".")[0] + "-" + filepath.Base(object.text("apiVersion"))
				}
				schema, err := compiled(t, c, filepath.Join(version, name+".json"))
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if err := schema.Validate(plain(object)); err != nil {
					t.Errorf("%s, %s %s, %s: %v", file, object["kind"], object.text("metadata/name"), filepath.Base(version), err)
				}
			}
		}
	}
	for _, kind := range strings.Fields(`ConfigMap Deployment HTTPRoute HorizontalPodAutoscaler Ingress NetworkPolicy Pod
		PodDisruptionBudget Service ServiceAccount ServiceMonitor`) {
		if kinds[kind] == 0 {
			t.Errorf("no variant has a %s", kind)
		}
	}
}

func compiled(t *testing.T, c *jsonschema.Compiler, file string) (*jsonschema.Schema, error) {
	t.Helper()
	text := document(t, file)
	id := "https://kubernetes.io/api/" + filepath.Base(file)
	text.(map[string]any)["$id"] = id
	_ = c.AddResource(id, text) // it may be there already
	return c.Compile(id)
}

func document(t *testing.T, file string) any {
	t.Helper()
	text, err := jsonschema.UnmarshalJSON(bytes.NewReader(read(t, file)))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// plain is a part as the schemas take it.
func plain(v any) any {
	switch of := v.(type) {
	case part:
		all := map[string]any{}
		for key, value := range of {
			all[key] = plain(value)
		}
		return all
	case []any:
		all := make([]any, len(of))
		for i, value := range of {
			all[i] = plain(value)
		}
		return all
	}
	return v
}
