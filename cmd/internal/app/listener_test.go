package app_test

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/storage/storagetest"
)

// putCertificate writes a certificate for loopback, with this serial number, and its key.
func putCertificate(t *testing.T, folder string, serial int64) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return putCertificateOf(t, folder, serial, key)
}

// putCertificateOf is putCertificate with a key that exists already.
func putCertificateOf(t *testing.T, folder string, serial int64, key crypto.Signer) *x509.CertPool {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	encoded, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: encoded})
	configtest.PutFile(t, filepath.Join(folder, "crt"), string(certificate), 0o600)
	configtest.PutKey(t, filepath.Join(folder, "key"), key)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(certificate)
	return pool
}

// secured is the configuration with TLS.
func secured(folder string) func(string) string {
	return func(text string) string {
		return text + fmt.Sprintf("tls: {cert_file: %s/crt, key_file: %s/key}\n", folder, folder)
	}
}

// handshake connects as a client that knows only this, and returns the certificate's serial number.
func (b *bridge) handshake(c *tls.Config) (tls.ConnectionState, error) {
	b.t.Helper()
	raw, err := new(net.Dialer).DialContext(b.t.Context(), "tcp", strings.TrimPrefix(b.Issuer, "https://"))
	if err != nil {
		b.t.Fatal(err)
	}
	defer raw.Close()
	c.ServerName = "127.0.0.1"
	connection := tls.Client(raw, c)
	err = connection.HandshakeContext(b.t.Context())
	return connection.ConnectionState(), err
}

func TestTLS(t *testing.T) {
	folder := t.TempDir()
	pool := putCertificate(t, folder, 1)
	b := running(t, secured(folder))
	old := func(suite uint16) *tls.Config {
		return &tls.Config{RootCAs: pool, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite}}
	}
	for _, row := range []struct {
		name   string
		config *tls.Config
		want   string
	}{
		{"1.3", &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}, "<nil>"},
		{"1.2 with GCM", old(tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256), "<nil>"},
		{"1.2 with ChaCha20", old(tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256), "<nil>"},
		{"1.2 with CBC", old(tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA), "remote error: tls: handshake failure"},
		{"1.2 with CBC and SHA-256", old(tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256), "remote error: tls: handshake failure"},
		{"1.1", &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, "remote error: tls: protocol version not supported"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := b.handshake(row.config)
			if got := fmt.Sprint(err); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, b.Issuer+"/.well-known/openid-configuration", http.NoBody)
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK || answer.ProtoMajor != 2 {
		t.Errorf("%s %s", answer.Proto, answer.Status)
	}
}

func TestReloadBringsTheCertificate(t *testing.T) {
	folder := t.TempDir()
	putCertificate(t, folder, 1)
	b := running(t, secured(folder))
	serial := func() int64 {
		t.Helper()
		state, err := b.handshake(&tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		return state.PeerCertificates[0].SerialNumber.Int64()
	}
	if n := serial(); n != 1 {
		t.Fatalf("certificate %d", n)
	}
	putCertificate(t, folder, 2)
	if err := b.Reload(); err != nil {
		t.Fatal(err)
	}
	if n := serial(); n != 2 {
		t.Errorf("after the reload: certificate %d", n)
	}
	configtest.PutFile(t, filepath.Join(folder, "crt"), "rubbish", 0o600)
	if err := b.Reload(); err == nil {
		t.Error("rubbish is a certificate")
	}
	if n := serial(); n != 2 {
		t.Errorf("after a bad reload: certificate %d", n)
	}
	b.file.write(configtest.Change(t, local, "${ISSUER}", "http://127.0.0.1:1"))
	if err := b.Reload(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.journal.String(), `"needs_restart":["issuer","tls"]`) {
		t.Errorf("nobody says that tls needs a restart\n%s", b.journal)
	}
}

// A client that says nothing, or too much, is not waited for.
func TestRequestsAreBounded(t *testing.T) {
	b := running(t, nil, func(c *config.Config) { c.Server.Timeouts.ReadHeader = 50 * time.Millisecond })
	dial := func(send string) string {
		t.Helper()
		connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(b.Issuer, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		_ = connection.SetDeadline(time.Now().Add(patience))
		fmt.Fprint(connection, send)
		line, _ := bufio.NewReader(connection).ReadString('\n')
		return strings.TrimSpace(line)
	}
	if line := dial("GET /keys HTTP/1.1\r\n"); line != "" && !strings.Contains(line, "408") {
		t.Errorf("half a header: %q", line)
	}
	if line := dial("GET /keys HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 64<<10) + "\r\n\r\n"); !strings.Contains(line, "431") {
		t.Errorf("a header of 64 KiB: %q", line)
	}
}

// Every phase has an end: none of the server's timeouts is left out.
func TestEveryTimeoutIsSet(t *testing.T) {
	b := prepare(t, storagetest.New(t), nil)
	for name, server := range map[string]*http.Server{"public": b.PublicServer(), "operations": b.OperationsServer()} {
		if server.ReadHeaderTimeout <= 0 || server.ReadTimeout <= 0 || server.WriteTimeout <= 0 || server.IdleTimeout <= 0 || server.MaxHeaderBytes != 32<<10 {
			t.Errorf("%s: %+v", name, server)
		}
	}
	if server := b.PublicServer(); server.ReadHeaderTimeout != 10*time.Second || server.ReadTimeout != 20*time.Second ||
		server.WriteTimeout != 30*time.Second || server.IdleTimeout != 2*time.Minute {
		t.Errorf("not as configured: %+v", server)
	}
}

// What net/http says of a connection names an address, which is a person's.
func TestNobodysAddressIsLogged(t *testing.T) {
	for _, row := range []struct {
		level      slog.Level
		said, want string
	}{
		{slog.LevelDebug, "http: TLS handshake error from 192.0.2.7:51234: EOF", `level=DEBUG msg="http: TLS handshake error from somebody: EOF"`},
		{slog.LevelDebug, "http: TLS handshake error from [2001:db8::7]:51234: EOF", `level=DEBUG msg="http: TLS handshake error from somebody: EOF"`},
		{slog.LevelDebug, "http: TLS handshake error from [fe80::1%eth0]:51234: EOF", `level=DEBUG msg="http: TLS handshake error from somebody: EOF"`},
		{slog.LevelInfo, "http: TLS handshake error from 192.0.2.7:51234: EOF", ""},
		{slog.LevelInfo, "http: Accept error: too many open files; retrying in 5ms", `level=WARN msg="http: Accept error: too many open files; retrying in 5ms"`},
		{slog.LevelInfo, "http: panic serving 192.0.2.7:51234: lost", `level=WARN msg="http: panic serving somebody: lost"`},
	} {
		var out bytes.Buffer
		app.ConnectionLog(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: row.level})).Print(row.said)
		if got := out.String(); !strings.Contains(got, row.want) || (got == "") != (row.want == "") {
			t.Errorf("%s: %s", row.said, got)
		}
	}
	folder := t.TempDir()
	putCertificate(t, folder, 1)
	b := running(t, secured(folder))
	_, _ = b.handshake(&tls.Config{RootCAs: x509.NewCertPool()})
	b.journal.await(t, "http: TLS handshake error from somebody: remote error: tls: bad certificate")
	if strings.Contains(strings.ReplaceAll(b.journal.String(), strings.TrimPrefix(b.Issuer, "https://"), ""), `from 127.0.0.1`) {
		t.Errorf("an address is in the log\n%s", b.journal)
	}
}
