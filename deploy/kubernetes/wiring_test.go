//go:build products

package kubernetes_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// selects reports whether labels are among those that a selector wants.
func selects(selector, labels part) bool {
	for key, value := range selector {
		if labels[key] != value {
			return false
		}
	}
	return len(selector) > 0
}

// What refers to something else in the release refers to something that is there.
func TestTheObjectsFindEachOther(t *testing.T) {
	for _, file := range variants(t) {
		t.Run(file, func(t *testing.T) {
			r := render(t, "chart", file)
			deployment, check := r.of(t, "Deployment", ""), r.of(t, "Pod", "-check")
			pods, checks := deployment.sub("spec/template/metadata/labels"), check.sub("metadata/labels")
			public, operations := r.of(t, "Service", ""), r.of(t, "Service", "-operations")
			selector := deployment.sub("spec/selector/matchLabels")
			if !selects(selector, pods) || selects(selector, checks) {
				t.Errorf("the Deployment selects %v", selector)
			}
			for _, service := range []part{public, operations} {
				if s := service.sub("spec/selector"); !selects(s, pods) || selects(s, checks) {
					t.Errorf("the Service %s selects %v, and its pods are %v", service.text("metadata/name"), s, pods)
				}
				name := service.text("spec/ports/0/targetPort")
				if deployment.get("spec/template/spec/containers/0/ports/"+name) == nil {
					t.Errorf("no port of the pods is called %q", name)
				}
			}
			if operations.get("spec/clusterIP") != "None" || public.get("spec/ports/operations") != nil {
				t.Error("the operations port is for the world")
			}
			for _, policy := range r.all("NetworkPolicy") {
				if s := policy.sub("spec/podSelector/matchLabels"); !selects(s, pods) || !selects(s, checks) {
					t.Errorf("the NetworkPolicy selects %v", s)
				}
			}
			for _, budget := range r.all("PodDisruptionBudget") {
				if s := budget.sub("spec/selector/matchLabels"); !selects(s, pods) || selects(s, checks) {
					t.Errorf("the PodDisruptionBudget selects %v", s)
				}
			}
			for _, monitor := range r.all("ServiceMonitor") {
				if s := monitor.sub("spec/selector/matchLabels"); !selects(s, operations.sub("metadata/labels")) || selects(s, public.sub("metadata/labels")) {
					t.Errorf("the ServiceMonitor selects %v", s)
				}
				if name := monitor.text("spec/endpoints/0/port"); operations.get("spec/ports/"+name) == nil {
					t.Errorf("no port of the Service is called %q", name)
				}
			}
			for _, scaler := range r.all("HorizontalPodAutoscaler") {
				if scaler.get("spec/scaleTargetRef/name") != deployment.get("metadata/name") || deployment.get("spec/replicas") != nil {
					t.Error("the autoscaler scales another Deployment, or one that says how many pods it has")
				}
			}
			entrances(t, r, public)
		})
	}
}

// entrances looks at what leads people in: to the port of the Service, for the host and the path of the issuer.
func entrances(t *testing.T, r release, public part) {
	t.Helper()
	issuer := newPod(t, r, r.of(t, "Deployment", "").sub("spec/template/spec")).settings(t)
	scheme, address, _ := strings.Cut(issuer.text("issuer"), "://")
	host, path, _ := strings.Cut(address, "/")
	for _, ingress := range r.all("Ingress") {
		rule := ingress.sub("spec/rules/0")
		if scheme != "https" || rule["host"] != host {
			t.Errorf("the Ingress is for %v", rule["host"])
		}
		paths := rule.list("http/paths")
		if first := paths[0].(part); first["path"] != "/"+path || first["pathType"] != "Prefix" {
			t.Errorf("its path is %v", first)
		}
		if metadata := paths[len(paths)-1].(part); path != "" && metadata["path"] != "/.well-known/oauth-authorization-server/"+path {
			t.Errorf("RFC 8414's path is %v", metadata)
		}
		for _, one := range paths {
			backend := one.(part).sub("backend/service")
			if backend["name"] != public.get("metadata/name") || public.get("spec/ports/"+backend.text("port/name")) == nil {
				t.Errorf("it leads to %v", backend)
			}
		}
		if ingress.get("spec/tls/0/hosts/0") != host {
			t.Errorf("its certificate is for %v", ingress.get("spec/tls"))
		}
	}
	for _, route := range r.all("HTTPRoute") {
		backend := route.sub("spec/rules/0/backendRefs/0")
		if backend["name"] != public.get("metadata/name") || backend["port"] != public.get("spec/ports/0/port") || fmt.Sprint(route.get("spec/hostnames")) != "["+host+"]" {
			t.Errorf("the HTTPRoute leads from %v to %v", route.get("spec/hostnames"), backend)
		}
		if route.get("spec/rules/0/matches/0/path/value") != "/"+path {
			t.Errorf("the HTTPRoute is for %v", route.get("spec/rules/0/matches"))
		}
	}
}

// What keeps somebody from harm is there in every variant.
func TestThePodsAreProtected(t *testing.T) {
	deployment := [][2]any{
		{"spec/strategy/type", "RollingUpdate"},
		{"spec/strategy/rollingUpdate/maxUnavailable", 0},
		{"spec/strategy/rollingUpdate/maxSurge", 1},
	}
	pod := [][2]any{
		{"automountServiceAccountToken", false},
		{"enableServiceLinks", false},
		{"securityContext/runAsNonRoot", true},
		{"securityContext/runAsUser", 65532},
		{"securityContext/runAsGroup", 65532},
		{"securityContext/fsGroup", 65532},
		{"securityContext/seccompProfile/type", "RuntimeDefault"},
		{"volumes/secrets/projected/defaultMode", 0o440},
		{"hostNetwork", nil},
		{"hostPID", nil},
		{"containers/0/securityContext/runAsNonRoot", true},
		{"containers/0/securityContext/runAsUser", 65532},
		{"containers/0/securityContext/allowPrivilegeEscalation", false},
		{"containers/0/securityContext/readOnlyRootFilesystem", true},
		{"containers/0/securityContext/capabilities/drop/0", "ALL"},
		{"containers/0/securityContext/capabilities/add", nil},
		{"containers/0/securityContext/privileged", nil},
		{"containers/0/volumeMounts/secrets/readOnly", true},
	}
	probes := [][2]any{ // one that asked /readyz would end a process that waits for Redis
		{"containers/0/startupProbe/httpGet/path", "/livez"},
		{"containers/0/startupProbe/httpGet/port", "operations"},
		{"containers/0/livenessProbe/httpGet/path", "/livez"},
		{"containers/0/livenessProbe/httpGet/port", "operations"},
		{"containers/0/readinessProbe/httpGet/path", "/readyz"},
		{"containers/0/readinessProbe/httpGet/port", "operations"},
	}
	for _, file := range variants(t) {
		r := render(t, "chart", file)
		d := r.of(t, "Deployment", "")
		demand(t, file, d, deployment)
		demand(t, file, d.sub("spec/template/spec"), append(pod, probes...))
		demand(t, file+", helm test", r.of(t, "Pod", "-check").sub("spec"), pod)
		for _, account := range r.all("ServiceAccount") {
			demand(t, file, account, [][2]any{{"automountServiceAccountToken", false}})
		}
		spread := d.list("spec/template/spec/topologySpreadConstraints")
		for _, one := range spread {
			if !selects(one.(part).sub("labelSelector/matchLabels"), d.sub("spec/template/metadata/labels")) {
				t.Errorf("%s: it spreads others: %v", file, one)
			}
		}
		if len(spread) == 0 || len(r.all("PodDisruptionBudget")) != 1 && !strings.HasSuffix(file, "dev.yaml") {
			t.Errorf("%s: nothing keeps the pods apart, or some of them up", file)
		}
	}
}

func demand(t *testing.T, file string, of part, rows [][2]any) {
	t.Helper()
	for _, row := range rows {
		if got := of.get(row[0].(string)); got != row[1] {
			t.Errorf("%s: %s is %v, want %v", file, row[0], got, row[1])
		}
	}
}

// The kubelet waits for as long as the bridge may take to end: see app.Run. A configuration that
// says nothing has the defaults of config.yaml.
func TestThePodsMayTakeTheirTimeToEnd(t *testing.T) {
	for _, row := range []struct {
		name, config string
		want         time.Duration
	}{
		{"the chart's own", "locale: nl", (10 + 25 + 30 + 15 + 5) * time.Second},
		{"a longer drain", "timeouts: {drain: 5m}", 10*time.Second + 5*time.Minute + (30+15+5)*time.Second},
		{"no delay", "timeouts: {drain_delay: 0s}", (25 + 30 + 15 + 5) * time.Second},
		{"no delay, as a number", "timeouts: {drain_delay: 0}", (25 + 30 + 15 + 5) * time.Second},
		{"half seconds count as whole ones", "timeouts: {drain_delay: 1500ms, drain: 1m0.5s}", (2 + 61 + 30 + 15 + 5) * time.Second},
		{"CM is waited for", "itsme: {status_timeout: 1m}\n  lifetimes: {lease: 40s}", (10 + 25 + 60 + 40 + 5) * time.Second},
		{"hours and days", "timeouts: {drain_delay: 1h, drain: 1d2h}", 27*time.Hour + (30+15+5)*time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			more := filepath.Join(t.TempDir(), "more.yaml")
			if err := os.WriteFile(more, []byte("config:\n  "+row.config+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			got := render(t, "chart", "testdata/minimal.yaml", more).of(t, "Deployment", "").get("spec/template/spec/terminationGracePeriodSeconds")
			if got != int(row.want.Seconds()) {
				t.Errorf("%v s, want %v", got, row.want)
			}
		})
	}
}

// Go is told of the memory that there is, less a tenth.
func TestGoKnowsItsMemory(t *testing.T) {
	for _, row := range []struct{ memory, want string }{
		{"256Mi", "241591910"}, {"1Gi", "966367641"}, {"100000000", "90000000"}, {"512000Ki", "471859200"},
	} {
		more := filepath.Join(t.TempDir(), "more.yaml")
		if err := os.WriteFile(more, []byte("resources: {limits: {memory: '"+row.memory+"'}}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		d := render(t, "chart", "testdata/minimal.yaml", more).of(t, "Deployment", "")
		if got := d.get("spec/template/spec/containers/0/env/GOMEMLIMIT/value"); got != row.want {
			t.Errorf("of %s: %v, want %s", row.memory, got, row.want)
		}
	}
}

// Another configuration makes other pods; other labels of a Service do not.
func TestAChangeOfTheConfigurationMakesNewPods(t *testing.T) {
	sum := func(values string) any {
		more := filepath.Join(t.TempDir(), "more.yaml")
		if err := os.WriteFile(more, []byte(values), 0o600); err != nil {
			t.Fatal(err)
		}
		return render(t, "chart", "testdata/minimal.yaml", more).of(t, "Deployment", "").get("spec/template/metadata/annotations/checksum~1config")
	}
	usual := sum("{}")
	if usual == nil || sum("config: {locale: nl}") == usual || sum("files: {app.json: '{}'}") == usual {
		t.Error("the pods stay")
	}
	if sum("service: {port: 8080}") != usual || sum("replicas: 5") != usual {
		t.Error("the pods go for nothing")
	}
}

// publicAddresses are those of the Internet alone: what is on a network of one's own is allowed by its own rule.
const publicAddresses = "0.0.0.0/0 but [10.0.0.0/8 100.64.0.0/10 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16] ::/0 but [fc00::/7 fe80::/10]"

// Only who is named gets in, and the bridge gets out only where it must.
func TestThePolicyNamesWhoMayComeAndGo(t *testing.T) {
	for _, row := range []struct{ file, ingress, egress string }{
		{
			"minimal", "[public: namespaceSelector kubernetes.io/metadata.name=ingress-nginx] [operations: namespaceSelector kubernetes.io/metadata.name=monitoring]",
			"[53 53: anywhere] [6379: anywhere] [443: " + publicAddresses + "]",
		},
		{
			"everything", "[public: 10.4.0.0/16]",
			"[53 53: anywhere] [6379 26379 26380: podSelector app=redis] [443: " + publicAddresses + "] [: 10.20.0.0/16 10.30.0.7/32 fd00:20::7/128] [3128: 10.9.0.1/32]",
		},
	} {
		policy := render(t, "chart", "testdata/"+row.file+".yaml").of(t, "NetworkPolicy", "")
		if got := fmt.Sprint(policy.get("spec/policyTypes")); got != "[Ingress Egress]" {
			t.Errorf("%s: it is for %s", row.file, got)
		}
		if got := rules(policy.list("spec/ingress"), "from"); got != row.ingress {
			t.Errorf("%s: in come %s; want %s", row.file, got, row.ingress)
		}
		if got := rules(policy.list("spec/egress"), "to"); got != row.egress {
			t.Errorf("%s: out goes %s; want %s", row.file, got, row.egress)
		}
	}
}

// rules are those of a policy, as words.
func rules(all []any, peers string) string {
	var said []string
	for _, rule := range all {
		var ports, whom []string
		for _, port := range rule.(part).list("ports") {
			ports = append(ports, fmt.Sprint(port.(part)["port"]))
		}
		for _, peer := range rule.(part).list(peers) {
			for kind, of := range peer.(part) {
				word := of.(part).text("cidr")
				if except := of.(part).list("except"); except != nil {
					word += fmt.Sprint(" but ", except)
				}
				for label, value := range of.(part).sub("matchLabels") {
					word = fmt.Sprintf("%s %s=%s", kind, label, value)
				}
				whom = append(whom, word)
			}
		}
		if rule.(part)[peers] == nil {
			whom = []string{"anywhere"}
		}
		said = append(said, "["+strings.Join(ports, " ")+": "+strings.Join(whom, " ")+"]")
	}
	return strings.Join(said, " ")
}
