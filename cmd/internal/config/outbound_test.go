package config_test

import (
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/config"
	. "itsme-bridge/cmd/internal/config/configtest"
)

func TestOutbound(t *testing.T) {
	reach := func(name, put, want string) difference {
		return difference{name, "clients:\n", "outbound: {reachable: ['" + put + "']}\nclients:\n", "15: outbound.reachable[0]: " + want}
	}
	const wide = " is more than any private network; write the ranges that are meant, such as 10.20.0.0/16"
	refused(t, []difference{
		reach("everything", "0.0.0.0/0", `"0.0.0.0/0"`+wide),
		reach("half of it", "128.0.0.0/1", `"128.0.0.0/1"`+wide),
		reach("wider than private networks are", "10.0.0.0/7", `"10.0.0.0/7"`+wide),
		reach("everything of IPv6", "::/0", `"::/0"`+wide),
		reach("wider than private networks of IPv6 are", "fc00::/6", `"fc00::/6"`+wide),
		reach("a name", "intranet.example", `"intranet.example" is neither an IP address nor a range; write such as 10.0.0.7 or 10.0.0.0/8`),
		reach("IPv4 as IPv6", "::ffff:10.0.0.0/112", `"::ffff:10.0.0.0/112" is an IPv4 range in IPv6's clothes; write it as IPv4`),
		reach("nothing", "", "is empty; write something, or take the entry away"),
		{"no authority", "clients:\n", "outbound: {ca_file: config.go}\nclients:\n", "15: outbound.ca_file: holds no certificate; write a PEM file of certificate authorities"},
	})
}

// Only what is listed, and this machine where nobody else is served.
func TestWhatIsReachable(t *testing.T) {
	here := strings.NewReplacer("https://login.example.be", "http://127.0.0.1:8080", "0.0.0.0:8443", "127.0.0.1:8080").Replace(base)
	for _, row := range []struct {
		name, text, reachable, address string
		want                           bool
	}{
		{"a private address", base, "[]", "https://10.20.0.1/", false},
		{"a listed one", base, "[10.20.0.0/16]", "https://10.20.0.1/", true},
		{"one of all private ones", base, "[10.0.0.0/8, 'fc00::/7']", "https://[fd12::1]/", true},
		{"one beside the list", base, "[10.20.0.0/16]", "https://10.21.0.1/", false},
		{"in IPv6's clothes", base, "[]", "https://[::ffff:10.20.0.1]/", false},
		{"listed, in IPv6's clothes", base, "[10.20.0.0/16]", "https://[::ffff:10.20.0.1]/", true},
		{"no address", base, "[]", "https://0.0.0.0/", false},
		{"link-local", base, "[]", "https://[fe80::1]/", false},
		{"a public address", base, "[]", "https://1.1.1.1/", true},
		{"a name", base, "[]", "https://keys.internal/", true}, // what it leads to is seen then
		{"this machine, for the world", base, "[]", "http://127.0.0.1/", false},
		{"this machine by name, for the world", base, "[]", "https://LOCALHOST/", false},
		{"this machine, listed", base, "[127.0.0.1]", "http://127.0.0.1/", true},
		{"this machine by name, listed", base, "[127.0.0.1]", "http://localhost/", true},
		{"this machine, for itself", here, "[]", "http://127.0.0.1/", true},
		{"this machine by name, for itself", here, "[]", "http://localhost/", true},
		{"this machine by IPv6, for itself", here, "[]", "http://[::1]/", true},
		{"a private address, for itself", here, "[]", "https://10.20.0.1/", false},
		{"this machine, listening for all", Change(t, here, "listen: 127.0.0.1:8080", "listen: 0.0.0.0:8080"), "[]", "http://127.0.0.1/", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := Change(t, row.text, "clients:\n", "outbound: {reachable: "+row.reachable+"}\nclients:\n")
			_, err := config.Parse("a.yaml", []byte(text+"    jwks_uri: '"+row.address+"'\n"), Environment)
			if got := Problems(t, err); (got == "") != row.want {
				t.Errorf("said: %q", got)
			}
		})
	}
}
