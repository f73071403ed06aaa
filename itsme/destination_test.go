package itsme_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"itsme-bridge/itsme"
)

func TestWhereABrowserMayBeSent(t *testing.T) {
	for _, row := range []struct {
		name     string
		hosts    []string
		loopback bool
		url      string
		allowed  bool
	}{
		{"any https host", nil, false, "https://merchant.itsme.be/start?a=b", true},
		{"any port of it", nil, false, "https://merchant.itsme.be:8443/", true},
		{"plain http", nil, false, "http://merchant.itsme.be/", false},
		{"plain http, where loopback is allowed", nil, true, "http://merchant.itsme.be/", false},
		{"loopback", nil, true, "http://127.0.0.1:8081/app", true},
		{"loopback by name", nil, true, "http://localhost:8081/app", true},
		{"loopback, IPv6", nil, true, "http://[::1]:8081/app", true},
		{"loopback beside a list", []string{"itsme.be"}, true, "http://127.0.0.1:8081/app", true},
		{"loopback where it is not allowed", nil, false, "http://127.0.0.1:8081/app", false},
		{"what looks like loopback", nil, true, "http://127.0.0.1.example/app", false},

		{"on the list", []string{"itsme.be"}, false, "https://itsme.be/", true},
		{"on the list, in capitals", []string{"ITSME.be"}, false, "https://itsme.BE/", true},
		{"on the list, with the port of https", []string{"itsme.be"}, false, "https://itsme.be:443/", true},
		{"on the list with that port", []string{"itsme.be:443"}, false, "https://itsme.be/", true},
		{"on the list, another port", []string{"itsme.be"}, false, "https://itsme.be:8443/", false},
		{"on the list with its port", []string{"itsme.be:8443"}, false, "https://itsme.be:8443/", true},
		{"below what is on the list", []string{"itsme.be"}, false, "https://login.itsme.be/", false},
		{"above what is on the list", []string{"login.itsme.be"}, false, "https://itsme.be/", false},
		{"ends like what is on the list", []string{"itsme.be"}, false, "https://notitsme.be/", false},
		{"begins like what is on the list", []string{"itsme.be"}, false, "https://itsme.be.example/", false},
		{"a star", []string{"*.itsme.be"}, false, "https://login.itsme.be/", true},
		{"a star, deeper", []string{"*.itsme.be"}, false, "https://a.login.itsme.be/", true},
		{"a star, with the port of https", []string{"*.itsme.be"}, false, "https://login.itsme.be:443/", true},
		{"a star is not the domain itself", []string{"*.itsme.be"}, false, "https://itsme.be/", false},
		{"a star wants its dot", []string{"*.itsme.be"}, false, "https://notitsme.be/", false},
		{"a star, another port", []string{"*.itsme.be"}, false, "https://login.itsme.be:8443/", false},
		{"the second of a list", []string{"a.example", "itsme.be"}, false, "https://itsme.be/", true},

		{"credentials", nil, false, "https://itsme.be@evil.example/", false},
		{"a backslash", nil, false, `https://evil.example\.itsme.be/`, false},
		{"a backslash in the path", nil, false, `https://itsme.be/\a`, false},
		{"a space", nil, false, "https://itsme.be/a b", false},
		{"a line break", nil, false, "https://itsme.be/\r\nSet-Cookie: a=b", false},
		{"letters that look alike", nil, false, "https://іtsme.be/", false},
		{"relative", nil, false, "/start", false},
		{"without a scheme", nil, false, "//itsme.be/start", false},
		{"a script", nil, false, "javascript:alert(1)//", false},
		{"no host", nil, false, "https:///start", false},
		{"only a port", nil, false, "https://:443/start", false},
		{"opaque", nil, false, "https:itsme.be", false},
		{"empty", nil, false, "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			body, err := json.Marshal(map[string]string{"transactionToken": transactionToken, "authenticationUrl": row.url})
			if err != nil {
				t.Fatal(err)
			}
			client := newClient(t, func(c *itsme.Config) {
				saying(http.StatusOK, string(body))(c)
				c.AllowedHosts, c.AllowLoopback = row.hosts, row.loopback
			})
			transaction, err := client.Start(t.Context(), start())
			switch {
			case row.allowed && (err != nil || transaction.AuthenticationURL != row.url):
				t.Errorf("refused: %v", err)
			case !row.allowed && !errors.Is(err, itsme.ErrBadAnswer):
				t.Errorf("let through: %v", err)
			}
		})
	}
}
