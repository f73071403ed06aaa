package main

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const (
	page       = "../CAPACITY.md"
	operations = "../OPERATIONS.md"
)

// The page's tables are what the model says. UPDATE=1 writes them.
func TestThePageSaysWhatTheModelSays(t *testing.T) {
	var out strings.Builder
	write(&out)
	raw, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, table := range strings.Split(out.String(), "<!-- ")[1:] {
		name, is, _ := strings.Cut(table, " -->\n")
		there := regexp.MustCompile(`(?s)<!-- ` + name + ` -->\n(\|[^\n]*\n)+`)
		if !there.MatchString(text) {
			t.Fatalf("%s has no place for the table %s", page, name)
		}
		text = there.ReplaceAllLiteralString(text, "<!-- "+name+" -->\n"+is)
	}
	if text == string(raw) {
		return
	}
	if os.Getenv("UPDATE") == "" {
		t.Fatalf("%s says something else than the model; UPDATE=1 go test ./deploy/capacity writes it", page)
	}
	if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What the model calls measured is what the operators' guide says was measured.
func TestTheMeasuredFiguresAreThoseOfTheGuide(t *testing.T) {
	guide, err := os.ReadFile(operations)
	if err != nil {
		t.Fatal(err)
	}
	f := belgium()
	for row, want := range map[string][]figure{
		"memory of Redis for a login that waits for its person":                               {f.openBytes},
		"memory of Redis after a login; most of it goes within a day":                         {f.endBytes},
		"CPU of Redis for a login":                                                            {f.redisCPU},
		"the four requests of a login together, with Redis on the same machine: ES256, RS256": {f.es256, f.rs256},
	} {
		_, rest, ok := strings.Cut(string(guide), "| "+row+" | ")
		if !ok {
			t.Errorf("%s does not say: %s", operations, row)
			continue
		}
		cell, _, _ := strings.Cut(rest, " |")
		said := strings.Split(cell, ", ")
		for i, w := range want {
			if text := strconv.FormatFloat(w.value, 'f', -1, 64) + " " + w.unit; i >= len(said) || said[i] != text {
				t.Errorf("%s: the guide says %s, and the model %s", row, cell, text)
			}
		}
	}
}

// What the model says is set is set so.
func TestTheLimitsAreThoseOfTheCode(t *testing.T) {
	f := belgium()
	for file, words := range map[string]string{
		"../../provider/login/gates.go": "\tatOnce = " + strconv.Itoa(int(f.cmCalls.value)),
		"../../storage/options.go":      "usualPoolSize = " + strconv.Itoa(int(f.redisConnections.value)),
		"../../config.yaml":             "window: 1m",
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), words) {
			t.Errorf("%s does not say %q", file, words)
		}
	}
	if f.window.value != 60 {
		t.Error("the model has another window than the configuration")
	}
}

// Twice the people take twice of what counts people, and a slower signature takes more bridges and no more Redis.
func TestTheModelMultiplies(t *testing.T) {
	one, two := belgium(), belgium()
	two.peak.value *= 2
	two.people.value *= 2
	a, b := size(&one, 4), size(&two, 4)
	for name, of := range map[string]func(d *deployment) float64{
		"busy cores": func(d *deployment) float64 { return d.busyCores }, "memory": func(d *deployment) float64 { return d.memory },
		"POSTs": func(d *deployment) float64 { return d.posts }, "refused": func(d *deployment) float64 { return d.refused },
	} {
		if x, y := of(&a), of(&b); math.Abs(y-2*x) > 1e-6*y {
			t.Errorf("%s: %g, and for twice the people %g", name, x, y)
		}
	}
	if slow := size(&one, 17); slow.replicas <= a.replicas || slow.shards != a.shards {
		t.Errorf("with a slower signature %d replicas and %d shards, instead of %d and %d", slow.replicas, slow.shards, a.replicas, a.shards)
	}
	for _, d := range []deployment{a, b, size(&one, 17)} {
		if d.withoutZone > one.busyCores.value {
			t.Errorf("without a zone %g of the cores are busy", d.withoutZone)
		}
	}
}

func TestFiguresAreWrittenShort(t *testing.T) {
	for v, want := range map[float64]string{2000: "2 000", 14e6: "14 000 000", 13.33: "13", 1.234: "1.2", 0.6: "0.6", 3: "3", 0.0333: "0.033"} {
		if is := withUnit(v, ""); is != want {
			t.Errorf("%g: %q, and not %q", v, is, want)
		}
	}
}
