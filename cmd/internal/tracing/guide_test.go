package tracing_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/cmd/internal/tracing"
)

// guide is deploy/monitoring/TRACING.md.
func guide(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../../deploy/monitoring/TRACING.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The guide's table is what leaves the process: no attribute more, and none less.
func TestTheGuideListsEveryAttribute(t *testing.T) {
	_, table, _ := strings.Cut(guide(t), "| attribute | on | values |")
	table, _, _ = strings.Cut(table, "\n\n")
	var listed, told []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(table, -1) {
		listed = append(listed, row[1])
	}
	for _, key := range tracing.Keys() {
		told = append(told, string(key))
	}
	slices.Sort(listed)
	slices.Sort(told)
	if !slices.Equal(listed, told) {
		t.Errorf("the guide lists\n%q\nand what leaves is\n%q", listed, told)
	}
}

// What the guide has one write into the configuration is taken, and without a word of doubt.
func TestTheGuidesConfigurationsAreTaken(t *testing.T) {
	folder := t.TempDir()
	configtest.PutFile(t, filepath.Join(folder, "otlp-headers"), "Authorization: Bearer a-token-of-a-collector\n", 0o600)
	server := httptest.NewTLSServer(http.NotFoundHandler())
	server.Close()
	putAuthority(t, filepath.Join(folder, "collector-ca.pem"), server)
	const base = `issuer: https://login.example.be
listen: 127.0.0.1:8443
trusted_proxies: [127.0.0.1]
redis: {mode: single, addresses: ["127.0.0.1:6379"]}
master_key: {current: "${MASTER_KEY}"}
subjects: {salt: "${SALT}", fingerprint: 76b2c85d07ca9801}
itsme: {url: production, token: "${CM_TOKEN}"}
clients: [{id: app, name: The app, home: https://www.example.be/, secret: "${CLIENT_SECRET}", redirect_uris: ["https://sso.example.be/"], scopes: [profile]}]
`
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(guide(t), -1)
	for _, block := range blocks {
		text := base
		if strings.Contains(block[1], "trusted_proxies:") {
			text = strings.Replace(text, "trusted_proxies: [127.0.0.1]\n", "", 1)
		}
		c, err := config.Parse(filepath.Join(folder, "a.yaml"), []byte(text+block[1]), configtest.Environment)
		if err != nil {
			t.Errorf("%s\n%v", block[1], err)
			continue
		}
		if c.Tracing.Endpoint == "" || len(c.Warnings()) != 0 {
			t.Errorf("%s\n%v", block[1], c.Warnings())
		}
	}
	if len(blocks) != 4 {
		t.Errorf("the guide has %d configurations", len(blocks))
	}
}

// The metrics that the guide names are those that there are.
func TestTheGuideNamesTheMetrics(t *testing.T) {
	text := guide(t)
	for _, name := range []string{sent, dropped, "queue_full", "not_sent", "shutdown"} {
		if !strings.Contains(text, "`"+name) {
			t.Errorf("the guide does not name %s", name)
		}
	}
}
