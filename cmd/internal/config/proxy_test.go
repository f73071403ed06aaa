package config_test

import (
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/config"
	. "itsme-bridge/cmd/internal/config/configtest"
)

func TestProxy(t *testing.T) {
	proxy := func(name, put, want string) difference {
		return difference{name, "  url: production\n", "  url: production\n  proxy: '" + put + "'\n", want}
	}
	const none = "14: itsme.proxy: is not the URL of a proxy; write such as http://proxy.example.be:3128"
	refused(t, []difference{
		proxy("without a scheme", "proxy.example.be:3128", none),
		proxy("of another kind", "socks5://proxy.example.be", none),
		proxy("no host", "http://", none),
		proxy("with a path", "http://u:p@proxy.example.be/x", "14: itsme.proxy: holds a path, a query or a fragment; write such as http://proxy.example.be:3128"),
		{"with a simulator", "  url: production\n", "  url: http://127.0.0.1:8081/\n  proxy: http://127.0.0.1:3128\n", "14: itsme.proxy: is of no use with a simulator on this machine; leave it out"},
	})
	c := parse(t, Change(t, base, "  url: production\n", "  url: production\n  proxy: http://u:p@proxy.example.be:3128\n"))
	if c.Upstream.Proxy == nil || c.Upstream.Proxy.Host != "proxy.example.be:3128" {
		t.Error("the proxy is not what the file says")
	}
}

// A proxy that the environment names for other programs is not asked; who thinks so is told.
func TestAProxyInTheEnvironment(t *testing.T) {
	for _, row := range []struct {
		name, text string
		warned     bool
	}{
		{"alone", base, true},
		{"beside the setting", Change(t, base, "  url: production\n", "  url: production\n  proxy: http://proxy.example.be:3128\n"), false},
		{"beside a simulator", Change(t, base, "url: production", "url: http://127.0.0.1:8081/"), false},
	} {
		for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
			c, err := config.Parse("a.yaml", []byte(row.text), func(asked string) (string, bool) {
				if asked == name {
					return "http://user:password@proxy.example.be:3128", true
				}
				return Environment(asked)
			})
			if err != nil {
				t.Fatal(err)
			}
			var said string
			for _, p := range c.Warnings() {
				said += p.String()
			}
			if warned := strings.Contains(said, name+" in the environment counts for nothing here"); warned != row.warned || strings.Contains(said, "password") {
				t.Errorf("%s, %s: said %q", row.name, name, said)
			}
		}
	}
}
