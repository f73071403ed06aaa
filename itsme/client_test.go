package itsme_test

import (
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
)

func TestConfig(t *testing.T) {
	for _, row := range []struct {
		name   string
		config itsme.Config
		wrong  string // in the error; "": there is none
	}{
		{"production", itsme.Config{BaseURL: "production"}, ""},
		{"sandbox", itsme.Config{BaseURL: "sandbox"}, ""},
		{"https", itsme.Config{BaseURL: "https://cm.example/itsme"}, ""},
		{"http on loopback", itsme.Config{BaseURL: "http://127.0.0.1:8081"}, ""},
		{"http on loopback, IPv6", itsme.Config{BaseURL: "http://[::1]:8081/"}, ""},
		{"http on localhost", itsme.Config{BaseURL: "http://LocalHost:8081/"}, ""},
		{"http elsewhere", itsme.Config{BaseURL: "http://cm.example/"}, "want https"},
		{"http on what only looks like loopback", itsme.Config{BaseURL: "http://127.0.0.1.example/"}, "want https"},
		{"another scheme", itsme.Config{BaseURL: "ftp://127.0.0.1/"}, "want https"},
		{"none", itsme.Config{}, "no base URL"},
		{"a name that is no preset", itsme.Config{BaseURL: "staging"}, "not an absolute URL"},
		{"no host", itsme.Config{BaseURL: "https:///itsme"}, "not an absolute URL"},
		{"credentials", itsme.Config{BaseURL: "https://me:hunter2@cm.example/"}, "credentials"},
		{"a query", itsme.Config{BaseURL: "https://cm.example/?a=b"}, "query"},
		{"a fragment", itsme.Config{BaseURL: "https://cm.example/#a"}, "fragment"},
		{"control characters", itsme.Config{BaseURL: "https://cm.example/\nhunter2"}, "not an absolute URL"},
		{"a negative timeout", itsme.Config{BaseURL: "production", Timeout: -time.Second}, "timeout"},
		{"hosts", itsme.Config{BaseURL: "production", AllowedHosts: []string{"itsme.be", "*.itsme.be", "a.example:8443"}}, ""},
		{"a host that is a URL", itsme.Config{BaseURL: "production", AllowedHosts: []string{"https://itsme.be"}}, "allowed host"},
		{"a star alone", itsme.Config{BaseURL: "production", AllowedHosts: []string{"*"}}, "allowed host"},
		{"a star within", itsme.Config{BaseURL: "production", AllowedHosts: []string{"a.*.be"}}, "allowed host"},
		{"an empty host", itsme.Config{BaseURL: "production", AllowedHosts: []string{""}}, "allowed host"},
		{"a host with a path", itsme.Config{BaseURL: "production", AllowedHosts: []string{"itsme.be/login"}}, "allowed host"},
	} {
		t.Run(row.name, func(t *testing.T) {
			client, err := itsme.New(row.config)
			switch {
			case row.wrong == "" && (err != nil || client == nil):
				t.Errorf("refused: %v", err)
			case row.wrong != "" && (err == nil || !strings.Contains(err.Error(), row.wrong)):
				t.Errorf("got %v, want an error with %q", err, row.wrong)
			case err != nil && strings.Contains(err.Error(), "hunter2"):
				t.Errorf("the error repeats a password: %v", err)
			}
		})
	}
}
