package itsme_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"itsme-bridge/itsme"
)

// secureCM is a CM that speaks TLS. Its certificate is for 127.0.0.1.
type secureCM struct {
	*httptest.Server
	requests atomic.Int64
	protocol atomic.Value // of the last request
}

func newSecureCM(t *testing.T, config *tls.Config) *secureCM {
	t.Helper()
	cm := new(secureCM)
	cm.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cm.requests.Add(1)
		cm.protocol.Store(r.Proto)
		io.WriteString(w, created)
	}))
	cm.TLS, cm.Config.ErrorLog = config, log.New(io.Discard, "", 0)
	cm.EnableHTTP2 = config == nil || config.MinVersion >= tls.VersionTLS12 // which refuses older versions itself
	cm.StartTLS()
	t.Cleanup(cm.Close)
	return cm
}

// trusted is the transport that a client makes for itself, with CM's certificate
// among the authorities. Whatever else it says of TLS stays as it is.
func (cm *secureCM) trusted() *http.Transport {
	transport := itsme.NewTransport()
	if transport.TLSClientConfig == nil {
		transport.TLSClientConfig = new(tls.Config)
	}
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(cm.Certificate())
	return transport
}

// The merchant token goes to nobody but CM, and over nothing older than TLS 1.2.
func TestWhomTheTokenIsToldTo(t *testing.T) {
	version := func(least, most uint16) *tls.Config { return &tls.Config{MinVersion: least, MaxVersion: most} }
	for _, row := range []struct {
		name   string
		server *tls.Config
		host   string // instead of 127.0.0.1
		known  bool   // the authority of CM's certificate
		reason string // of the failure; "": there is none
	}{
		{"TLS 1.3", version(tls.VersionTLS13, tls.VersionTLS13), "", true, ""},
		{"TLS 1.2", version(tls.VersionTLS12, tls.VersionTLS12), "", true, ""},
		{"TLS 1.1", version(tls.VersionTLS10, tls.VersionTLS11), "", true, "no whole answer"},
		{"TLS 1.0", version(tls.VersionTLS10, tls.VersionTLS10), "", true, "no whole answer"},
		{"an unknown authority", nil, "", false, "certificate not accepted"},
		{"another host's certificate", nil, "localhost", true, "certificate not accepted"},
	} {
		t.Run(row.name, func(t *testing.T) {
			cm := newSecureCM(t, row.server)
			client := newClient(t, func(c *itsme.Config) {
				c.BaseURL = cm.URL
				if row.host != "" {
					c.BaseURL = strings.Replace(cm.URL, "127.0.0.1", row.host, 1)
				}
				if row.known {
					c.Transport = cm.trusted()
				}
			})
			_, err := client.Start(t.Context(), start())
			if row.reason == "" {
				if err != nil || cm.protocol.Load() != "HTTP/2.0" {
					t.Errorf("%v, by %v", err, cm.protocol.Load())
				}
				return
			}
			failure, ok := errors.AsType[*itsme.Error](err)
			if !ok || failure.Kind != itsme.Unavailable || !strings.Contains(failure.Error(), row.reason) {
				t.Errorf("got %v, want %q", err, row.reason)
			}
			if n := cm.requests.Load(); n != 0 {
				t.Errorf("%d requests arrived", n)
			}
		})
	}
}

// What is offered to CM is ours to say, whatever the usual minimum of Go is.
func TestTheMinimumVersionIsOurs(t *testing.T) {
	if config := itsme.NewTransport().TLSClientConfig; config == nil || config.MinVersion != tls.VersionTLS12 {
		t.Errorf("the transport says %+v", config)
	}
}
