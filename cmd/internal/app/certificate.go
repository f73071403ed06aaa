package app

import (
	"crypto/tls"
	"fmt"
	"sync/atomic"

	"itsme-bridge/cmd/internal/config"
)

// certificate is the one that we serve with. It can be replaced while we do.
type certificate struct {
	current atomic.Pointer[tls.Certificate]
}

func newCertificate(files config.CertificateFiles) (*certificate, error) {
	pair, err := read(files)
	if err != nil {
		return nil, err
	}
	c := new(certificate)
	c.current.Store(pair)
	return c, nil
}

// read reads a certificate that may come to be the one.
func read(files config.CertificateFiles) (*tls.Certificate, error) {
	pair, err := files.Load()
	if err != nil {
		return nil, fmt.Errorf("app: tls: %w", err)
	}
	return pair, nil
}

// config: TLS 1.3, and 1.2 only with forward secrecy and AEAD. Go's own choice
// for 1.2 still has CBC in it.
func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
			tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current.Load(), nil },
	}
}
