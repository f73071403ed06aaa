//go:build products

package docker_test

import (
	"archive/tar"
	"crypto/x509"
	"debug/elf"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"itsme-bridge/deploy/internal/e2e"
)

var platforms = []string{"linux/amd64", "linux/arm64"}

// version is what the images of these tests call themselves.
const version = "1.2.3-test"

// once is a build that all tests share. It outlives each of them.
var once = sync.OnceValues(func() (folder string, err error) {
	folder = filepath.Join(e2e.Root(), "bin/e2e/docker")
	return folder, build(folder)
})

func build(folder string) error {
	command := exec.Command(filepath.Join(e2e.Root(), "deploy/docker/build"), folder, "itsme-bridge", "itsme-sandbox")
	command.Env = append(os.Environ(), "VERSION="+version, "SOURCE=https://example.org/itsme-bridge")
	out, err := command.CombinedOutput()
	if err != nil {
		return &exec.Error{Name: string(out), Err: err}
	}
	return nil
}

// built is the folder of the images, made once.
func built(t *testing.T) string {
	t.Helper()
	folder, err := once()
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestTheSameCommitGivesTheSameDigest(t *testing.T) {
	first, second := built(t), t.TempDir()
	if err := build(second); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"itsme-bridge", "itsme-sandbox"} {
		one, _, _ := layout{t, filepath.Join(first, name)}.index()
		other, _, _ := layout{t, filepath.Join(second, name)}.index()
		if one == "" || one != other {
			t.Errorf("%s is %s, and %s the next time", name, one, other)
		}
	}
	// Not the digests alone: what people load and what lies beside.
	if out, err := exec.Command("diff", "-r", first, second).CombinedOutput(); err != nil {
		t.Errorf("diff: %v\n%s", err, out)
	}
}

func TestTheImageHoldsWhatItNeedsAndNothingElse(t *testing.T) {
	for _, row := range []struct {
		name string
		cmd  []string
	}{
		{"itsme-bridge", []string{"serve"}},
		{"itsme-sandbox", []string{"--listen", "0.0.0.0:8081", "--exposed"}},
	} {
		for _, platform := range platforms {
			t.Run(row.name+" "+platform, func(t *testing.T) {
				l, root := layout{t, filepath.Join(built(t), row.name)}, t.TempDir()
				_, m, c := l.image(platform)
				found := l.unpack(m, root)
				binary := "usr/bin/" + row.name
				want := []string{
					"etc/", "etc/group", "etc/itsme-bridge/", "etc/passwd", "etc/ssl/", "etc/ssl/certs/", "etc/ssl/certs/ca-certificates.crt",
					"usr/", "usr/bin/", binary,
				}
				if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
					t.Errorf("it holds %q", got)
				}
				for name, h := range found {
					mode := int64(0o644)
					if h.Typeflag == tar.TypeDir || name == binary {
						mode = 0o755 // no setuid, nothing that others may write
					}
					if h.Mode != mode || h.Uid != 0 || h.Gid != 0 || h.ModTime.Format("2006-01-02T15:04:05Z") != c.Created {
						t.Errorf("%s has mode %o, is of %d:%d, and of %s", name, h.Mode, h.Uid, h.Gid, h.ModTime)
					}
				}
				isStatic(t, filepath.Join(root, binary), platform)
				hasAuthorities(t, filepath.Join(root, "etc/ssl/certs/ca-certificates.crt"))
				if c.Config.User != "65532:65532" || !slices.Equal(c.Config.Entrypoint, []string{"/" + binary}) || !slices.Equal(c.Config.Cmd, row.cmd) || c.Config.StopSignal != "SIGTERM" {
					t.Errorf("it runs as %+v", c.Config)
				}
				passwd, err := os.ReadFile(filepath.Join(root, "etc/passwd"))
				if err != nil || !strings.Contains(string(passwd), "\nitsme-bridge:x:65532:65532:") {
					t.Errorf("%v %s", err, passwd)
				}
				for label, value := range map[string]string{"title": row.name, "version": version, "source": "https://example.org/itsme-bridge", "licenses": "Apache-2.0"} {
					if got := c.Config.Labels["org.opencontainers.image."+label]; got != value {
						t.Errorf("its label %s is %q", label, got)
					}
				}
				if len(c.Config.Labels["org.opencontainers.image.revision"]) != 40 {
					t.Errorf("it does not name its commit: %q", c.Config.Labels)
				}
			})
		}
	}
}

// isStatic: nothing but the kernel is needed.
func isStatic(t *testing.T, path, platform string) {
	t.Helper()
	binary, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	if machine := map[string]elf.Machine{"linux/amd64": elf.EM_X86_64, "linux/arm64": elf.EM_AARCH64}[platform]; binary.Machine != machine {
		t.Errorf("it is for %s", binary.Machine)
	}
	for _, part := range binary.Progs {
		if part.Type == elf.PT_INTERP {
			t.Error("it wants a dynamic linker")
		}
	}
}

// hasAuthorities: by these CM is believed.
func hasAuthorities(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) || strings.Count(string(text), "BEGIN CERTIFICATE") < 100 {
		t.Errorf("%s holds no authorities", path)
	}
}

func TestEachPlatformHasItsBillOfMaterials(t *testing.T) {
	l := layout{t, filepath.Join(built(t), "itsme-bridge")}
	_, _, beside := l.index()
	var of []string
	for _, d := range beside {
		var m manifest
		l.read(l.blob(d), &m)
		of = append(of, m.Subject.Digest)
		var bom struct {
			BomFormat string
			Metadata  struct {
				Component struct{ Name, Version string }
			}
			Components []struct{ Name string }
		}
		l.read(l.blob(m.Layers[0]), &bom)
		names := []string{}
		for _, c := range bom.Components {
			names = append(names, c.Name)
		}
		if bom.BomFormat != "CycloneDX" || bom.Metadata.Component.Version != version || !slices.Contains(names, "github.com/redis/go-redis/v9") || !slices.Contains(names, "std") {
			t.Errorf("the bill of materials is %s of %+v, with %d components", bom.BomFormat, bom.Metadata.Component, len(names))
		}
	}
	for _, platform := range platforms {
		if d, _, _ := l.image(platform); !slices.Contains(of, d.Digest) {
			t.Errorf("%s has none", platform)
		}
	}
}

func TestWhatDockerLoads(t *testing.T) {
	for _, platform := range platforms {
		name := filepath.Join(built(t), "itsme-bridge_"+version+"_"+strings.ReplaceAll(platform, "/", "_")+".tar")
		out, err := exec.Command("tar", "xOf", name, "manifest.json").Output()
		if err != nil {
			t.Fatal(err)
		}
		var images []struct {
			Config   string
			RepoTags []string
			Layers   []string
		}
		if err := json.Unmarshal(out, &images); err != nil || len(images) != 1 || !slices.Equal(images[0].RepoTags, []string{"itsme-bridge:" + version}) || len(images[0].Layers) != 2 {
			t.Fatalf("%v\n%s", err, out)
		}
		_, m, _ := layout{t, filepath.Join(built(t), "itsme-bridge")}.image(platform)
		if images[0].Config != m.Config.Digest {
			t.Errorf("%s is another image: %s", name, images[0].Config)
		}
	}
}
