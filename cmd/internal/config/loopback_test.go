package config_test

import (
	"strings"
	"testing"

	. "itsme-bridge/cmd/internal/config/configtest"
)

const localhost = "names localhost, and is taken with no other port than its own (RFC 8252 §8.3); " +
	"for an application that listens on any port write http://127.0.0.1 or http://[::1] without a port, and the path"

// RFC 8252 §7.3 and §8.3: what is said of the redirect URIs of an application on a person's own machine.
func TestRedirectURIsOnLoopback(t *testing.T) {
	const public, secret, sector = "    auth_method: none\n", secretLine, "    sector_identifier: example.be\n"
	for _, row := range []struct{ name, of, uri, more, problem, warning string }{
		{"any port", public, "http://127.0.0.1/cb", sector, "", ""},
		{"any port, for CM's own subjects", public, "http://127.0.0.1/cb", "    subject: public\n", "", ""},
		{"localhost", public, "http://localhost/cb", "", "", "20: clients[0].redirect_uris[0]: " + localhost},
		{"localhost with a port", public, "http://localhost:3000/cb", "", "", "20: clients[0].redirect_uris[0]: " + localhost},
		{"LOCALHOST", public, "http://LOCALHOST/cb", "", "", "20: clients[0].redirect_uris[0]: " + localhost},
		{"localhost by https", public, "https://localhost/cb", "", "", ""},
		{"localhost of a client with a secret", secret, "http://localhost/cb", "", "", ""},
		{"a client with a secret", secret, "http://127.0.0.1/cb", "", "", ""},
		{"a port", public, "http://127.0.0.1:3000/cb", "", "", ""},
		{
			"every machine is that host", public, "http://127.0.0.1/cb", "",
			"16: clients[0].sector_identifier: is missing, and the redirect URIs have no host of the application's own " +
				"(a client that ran without this keeps its subjects with 127.0.0.1); write a host name that stays, such as example.be", "",
		},
		{
			"every machine is that host, by IPv6", public, "http://[::1]/cb", "",
			"16: clients[0].sector_identifier: is missing, and the redirect URIs have no host of the application's own " +
				"(a client that ran without this keeps its subjects with ::1); write a host name that stays, such as example.be", "",
		},
		{"as it was before", public, "http://[::1]/cb", "    sector_identifier: '::1'\n", "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := Change(t, base, secretLine+redirectLine+scopesLine, row.of+"    redirect_uris: [\""+row.uri+"\"]\n"+scopesLine+row.more)
			if row.problem != "" {
				refused(t, []difference{{row.name, base, text, row.problem}})
				return
			}
			var lines []string
			for _, p := range parse(t, text).Warnings() {
				lines = append(lines, strings.TrimPrefix(p.String(), "a.yaml:"))
			}
			if got := strings.Join(lines, "\n"); got != row.warning {
				t.Errorf("got\n%s\nwant\n%s", got, row.warning)
			}
		})
	}
}
