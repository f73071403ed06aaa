package itsme_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"itsme-bridge/itsme"
)

// CM is reached by the proxy that is configured, and by none that the environment names for others.
func TestOnlyAConfiguredProxyIsAsked(t *testing.T) {
	var asked atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != "cm.invalid:443" {
			t.Errorf("%s %s", r.Method, r.Host)
		}
		asked.Add(1)
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(proxy.Close)
	where, err := url.Parse(strings.Replace(proxy.URL, "http://", "http://somebody:password@", 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
		t.Setenv(name, proxy.URL)
	}
	for _, row := range []struct {
		name  string
		proxy *url.URL
		want  int64
	}{{"none", nil, 0}, {"one", where, 1}} {
		client, err := itsme.New(itsme.Config{BaseURL: "https://cm.invalid/", Token: "x", Proxy: row.proxy})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Status(t.Context(), "a-token")
		if err == nil || strings.Contains(err.Error(), "password") {
			t.Errorf("%s: %v", row.name, err)
		}
		if got := asked.Load(); got != row.want {
			t.Errorf("%s: the proxy was asked %d times", row.name, got)
		}
	}
}
