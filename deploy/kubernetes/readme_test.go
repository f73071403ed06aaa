//go:build products

package kubernetes_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/deploy/internal/guidetest"
)

// kubectl keeps Secrets as folders, and knows the other commands of the guide.
const kubectl = `#!/bin/sh
case "$*" in
*"create secret generic itsme-bridge "*)
	mkdir -p secrets
	for word; do
		case $word in --from-file=*) word=${word#*=}; cp "${word#*=}" "secrets/${word%%=*}" ;; esac
	done ;;
"create namespace itsme-bridge" | "--namespace itsme-bridge rollout status deployment/itsme-bridge") ;;
*) echo "kubectl: not in this test: $*" >&2; exit 1 ;;
esac`

// helm renders what it would install.
const helmStandIn = `#!/bin/sh
case "$*" in
"upgrade --install itsme-bridge deploy/kubernetes/chart --namespace itsme-bridge --values values.yaml --values clients.yaml --wait")
	HELM template --namespace itsme-bridge --values values.yaml --values clients.yaml itsme-bridge CHART > rendered.yaml ;;
"--namespace itsme-bridge test itsme-bridge") grep -q 'name: itsme-bridge-check$' rendered.yaml ;;
*) echo "helm: not in this test: $*" >&2; exit 1 ;;
esac`

// Who follows the guide gets pods that the bridge runs in: its commands are run, with stand-ins for the cluster.
func TestTheGuideLeadsToARunningBridge(t *testing.T) {
	folder, commands := t.TempDir(), t.TempDir()
	chart, err := filepath.Abs("chart")
	if err != nil {
		t.Fatal(err)
	}
	stand := strings.NewReplacer("HELM", filepath.Join(e2e.Tool(t, "helm"), "helm"), "CHART", chart).Replace(helmStandIn)
	for name, text := range map[string]string{"kubectl": kubectl, "helm": stand} {
		if err := os.WriteFile(filepath.Join(commands, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	put(t, folder, "merchant-token", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9")
	put(t, folder, "redis-password", "a-password-of-redis")
	guidetest.Follow(t, "README.md", "", guidetest.Place{Folder: folder, Path: []string{filepath.Dir(e2e.Binary(t)), commands}})

	// What the guide says to write down from grep.
	fingerprint := regexp.MustCompile(`fingerprint: "([0-9a-f]{16})"`).FindSubmatch(read(t, filepath.Join(folder, "bridge/config.yaml")))
	values := strings.Replace(string(read(t, filepath.Join(folder, "values.yaml"))), "0123456789abcdef", string(fingerprint[1]), 1)
	put(t, folder, "values.yaml", values)
	r := render(t, "chart", filepath.Join(folder, "values.yaml"), filepath.Join(folder, "clients.yaml"))
	p := newPod(t, r, r.of(t, "Deployment", "").sub("spec/template/spec"))
	for _, name := range []string{"master-key", "salt", "cm-token", "redis-password"} {
		put(t, p.secrets, name, string(read(t, filepath.Join(folder, "secrets", name))))
	}
	args := p.args("--offline")
	args[0] = "check"
	if out, err := exec.Command(e2e.Binary(t), args...).CombinedOutput(); err != nil || !strings.Contains(string(out), "is fine") {
		t.Errorf("%v\n%s", err, out)
	}
	if text := string(read(t, filepath.Join(p.config, "config.yaml"))); !strings.Contains(text, "for: keycloak") {
		t.Errorf("the client is not there:\n%s", text)
	}
}
