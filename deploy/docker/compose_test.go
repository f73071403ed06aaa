//go:build products

package docker_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"itsme-bridge/deploy/internal/e2e"
)

// service is one of compose.yaml, as far as we look.
type service struct {
	User        string            `json:"user"`
	Restart     string            `json:"restart"`
	Entrypoint  []string          `json:"entrypoint"`
	Command     []string          `json:"command"`
	CapDrop     []string          `json:"cap_drop"`
	SecurityOpt []string          `json:"security_opt"`
	Tmpfs       []string          `json:"tmpfs"`
	ReadOnly    bool              `json:"read_only"`
	MemLimit    string            `json:"mem_limit"`
	Environment map[string]string `json:"environment"`
	Networks    map[string]any    `json:"networks"`
	Ports       []struct {
		HostIP    string `json:"host_ip"`
		Published string `json:"published"`
	} `json:"ports"`
	Volumes []struct {
		Source   string `json:"source"`
		Target   string `json:"target"`
		ReadOnly bool   `json:"read_only"`
	} `json:"volumes"`
	Secrets []struct {
		Source string `json:"source"`
	} `json:"secrets"`
}

type project struct {
	Services map[string]service
	Secrets  map[string]struct{ File string }
	Networks map[string]struct{ Internal bool }
}

// compose reads a Compose file with the library of its specification, which holds it to the schema.
func compose(t *testing.T, file string, environment []string, profiles ...string) (p project, said string, err error) {
	t.Helper()
	command := exec.Command("go", append([]string{"-C", filepath.Join(e2e.Root(), "deploy/tools/compose"), "run", ".", file}, profiles...)...)
	command.Env = append(os.Environ(), environment...)
	var complaints strings.Builder
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		return p, complaints.String(), err
	}
	if err := json.Unmarshal(out, &p); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return p, "", nil
}

func TestComposeHoldsToItsSchemaAndConfinesEverything(t *testing.T) {
	file, err := filepath.Abs("compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, profiles := range [][]string{nil, {"simulator"}, {"keycloak"}, {"simulator", "keycloak"}} {
		p, said, err := compose(t, file, []string{"RUN_AS=1000:1000"}, profiles...)
		if err != nil || len(p.Services) != 2+len(profiles) {
			t.Fatalf("%q: %v, %d services\n%s", profiles, err, len(p.Services), said)
		}
		for name, s := range p.Services {
			ours := name != "keycloak"
			if strings.Join(s.CapDrop, " ") != "ALL" || strings.Join(s.SecurityOpt, " ") != "no-new-privileges:true" || s.MemLimit == "" {
				t.Errorf("%s may too much: %+v", name, s)
			}
			if ours && (!s.ReadOnly || s.User != "1000:1000" || s.Restart != "unless-stopped") {
				t.Errorf("%s may write, or is somebody else: %+v", name, s)
			}
			if name != "bridge" && len(s.Ports) > 0 {
				t.Errorf("%s publishes a port", name)
			}
			for _, port := range s.Ports {
				if port.HostIP != "127.0.0.1" || port.Published == "9090" {
					t.Errorf("%s publishes %s at %q", name, port.Published, port.HostIP)
				}
			}
		}
		if redis := p.Services["redis"].Networks; len(redis) != 1 || !p.Networks["inside"].Internal {
			t.Errorf("Redis is in %v", redis)
		}
	}
	if _, said, err := compose(t, file, nil); err == nil || !strings.Contains(said, "RUN_AS") {
		t.Errorf("nobody has said whose the files are: %v %s", err, said)
	}
}
