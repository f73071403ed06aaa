package app_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"testing"
)

// With an RSA key, too, there is TLS 1.2 with forward secrecy and AEAD alone. Some of
// what is refused here no server with an EC key could agree to anyway.
func TestTLSWithAnRSAKey(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	pool := putCertificateOf(t, folder, 1, key)
	b := running(t, secured(folder))
	for _, row := range []struct {
		suite uint16
		want  bool
	}{
		{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, true},
		{tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, true},
		{tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, true},
		{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, false},
		{tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, false},
		{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, false},
		{tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA, false},
		{tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA, false},
		{tls.TLS_RSA_WITH_AES_128_GCM_SHA256, false},
		{tls.TLS_RSA_WITH_AES_256_GCM_SHA384, false},
		{tls.TLS_RSA_WITH_AES_128_CBC_SHA, false},
		{tls.TLS_RSA_WITH_AES_256_CBC_SHA, false},
		{tls.TLS_RSA_WITH_AES_128_CBC_SHA256, false},
		{tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, false},
		{tls.TLS_RSA_WITH_RC4_128_SHA, false},
	} {
		t.Run(tls.CipherSuiteName(row.suite), func(t *testing.T) {
			state, err := b.handshake(&tls.Config{RootCAs: pool, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{row.suite}})
			if (err == nil) != row.want || row.want && state.CipherSuite != row.suite {
				t.Errorf("%v, %s", err, tls.CipherSuiteName(state.CipherSuite))
			}
		})
	}
}
