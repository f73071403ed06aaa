package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A bench is where test binaries are built and run.
type bench struct {
	root    string            // of the module, absolute
	scratch string            // for what is made
	built   map[string]string // package → its binary, with every blended mistake
	overlay string            // the file that go build is given
	seconds int               // that the tests of a mistake may take
	quick   bool              // not all tests of the packages that put everything together
}

// prepare blends the rows into the module, and says which must be built alone.
func (b *bench) prepare(rows []row) (alone []row, err error) {
	byFile := map[string][]row{}
	var files []string
	for _, r := range rows {
		if byFile[r.file] == nil {
			files = append(files, r.file)
		}
		byFile[r.file] = append(byFile[r.file], r)
	}
	replace := map[string]string{}
	for i, file := range files {
		source, err := os.ReadFile(filepath.Join(b.root, file))
		if err != nil {
			return nil, err
		}
		blended, rest, err := blend(source, byFile[file])
		if err != nil {
			return nil, err
		}
		alone = append(alone, rest...)
		if err := b.put(replace, file, fmt.Sprintf("blend-%d.go", i), blended); err != nil {
			return nil, err
		}
		chooser := fmt.Sprintf("package %s\n\nimport \"os\"\n\nvar %s = os.Getenv(\"MUTANT\")\n", packageName(source), chosen)
		if err := b.put(replace, path.Join(path.Dir(file), "mistake_that_is_made.go"), fmt.Sprintf("choose-%d.go", i), []byte(chooser)); err != nil {
			return nil, err
		}
	}
	b.overlay, err = b.writeOverlay("all", replace)
	return alone, err
}

func (b *bench) put(replace map[string]string, file, name string, text []byte) error {
	place := filepath.Join(b.scratch, name)
	replace[filepath.Join(b.root, file)] = place
	return os.WriteFile(place, text, 0o600)
}

func (b *bench) writeOverlay(name string, replace map[string]string) (string, error) {
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	place := filepath.Join(b.scratch, name+".json")
	return place, os.WriteFile(place, text, 0o600)
}

// packageName is what the package clause of a Go source says.
func packageName(source []byte) string {
	for line := range strings.SplitSeq(string(source), "\n") {
		if name, ok := strings.CutPrefix(line, "package "); ok {
			return strings.Fields(name)[0]
		}
	}
	return ""
}

// check compiles all mistakes that are blended, and says what the compiler says.
func (b *bench) check(ctx context.Context, rows []row) error {
	if _, err := b.prepare(rows); err != nil {
		return err
	}
	args := []string{"build", "-gcflags=-e", "-overlay", b.overlay}
	for _, r := range rows {
		args = append(args, "./"+path.Dir(r.file))
	}
	build := exec.CommandContext(ctx, "go", slices.Compact(args)...)
	build.Dir = b.root
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w:\n%s", err, out)
	}
	return nil
}

// binary is the test binary of a package with all blended mistakes, built at the first call.
func (b *bench) binary(ctx context.Context, home string) (string, error) {
	if built := b.built[home]; built != "" {
		return built, nil
	}
	built, err := b.compile(ctx, home, b.overlay, "all")
	if err == nil {
		b.built[home] = built
	}
	return built, err
}

// binaryAlone is the one of a package with one mistake.
func (b *bench) binaryAlone(ctx context.Context, home string, r row) (string, error) {
	source, err := os.ReadFile(filepath.Join(b.root, r.file))
	if err != nil {
		return "", err
	}
	changed, err := r.apply(source)
	if err != nil {
		return "", err
	}
	replace := map[string]string{}
	if err := b.put(replace, r.file, "alone.go", changed); err != nil {
		return "", err
	}
	overlay, err := b.writeOverlay("alone", replace)
	if err != nil {
		return "", err
	}
	return b.compile(ctx, home, overlay, "alone")
}

func (b *bench) compile(ctx context.Context, home, overlay, kind string) (string, error) {
	place := filepath.Join(b.scratch, kind+"-"+strings.ReplaceAll(home, "/", "-")+".test")
	build := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay", overlay, "-o", place, "./"+home)
	build.Dir = b.root
	if out, err := build.CombinedOutput(); err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return "", fmt.Errorf("building %s: %w: %s", home, err, strings.Join(lines[:min(len(lines), 12)], "\n  "))
	}
	return place, nil
}

// homes are the packages whose tests may notice a mistake in a file: its own, and the one that puts its rooms together.
func (b *bench) homes(file string) []string {
	homes := []string{path.Dir(file)}
	if strings.HasPrefix(file, "provider/") || strings.HasPrefix(file, "storage/") || strings.HasPrefix(file, "itsme/") || strings.HasPrefix(file, "keys/") {
		homes = append(homes, "provider", "cmd/internal/app")
	}
	homes = slices.Compact(homes)
	return slices.DeleteFunc(homes, func(home string) bool {
		tests, _ := filepath.Glob(filepath.Join(b.root, home, "*_test.go"))
		return len(tests) == 0
	})
}
