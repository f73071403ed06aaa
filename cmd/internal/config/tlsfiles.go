package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"

	"itsme-bridge/cmd/internal/config/document"
)

// CertificateFiles are a certificate and its private key, PEM.
type CertificateFiles struct{ Certificate, Key string }

// Load reads the pair. Its error holds nothing of the key.
func (f CertificateFiles) Load() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(f.Certificate, f.Key)
	if err != nil {
		return nil, err
	}
	return &pair, nil
}

// readCertificate reads cert_file and key_file: both or none.
func readCertificate(s document.Section) CertificateFiles {
	certificate, key := s.Value("cert_file"), s.Value("key_file")
	if !certificate.There() && !key.There() {
		return CertificateFiles{}
	}
	s.Missing("cert_file", "write the path of the certificate, with those between it and the root")
	s.Missing("key_file", "write the path of the certificate's private key")
	files := CertificateFiles{Certificate: certificate.File(), Key: key.PrivateFile()}
	if files.Certificate == "" || files.Key == "" {
		return CertificateFiles{}
	}
	if _, err := files.Load(); err != nil {
		certificate.Wrong("cannot be used with its key_file (%s); write a PEM certificate and the private key that belongs to it", err)
		return CertificateFiles{}
	}
	return files
}

// ClientTLS is how a connection to another server is secured. The zero value is not at all.
type ClientTLS struct {
	On          bool
	Authorities string           // PEM file; empty: the system's
	Certificate CertificateFiles // none: we do not identify ourselves
	ServerName  string           // empty: the host that is dialled
}

func readClientTLS(s document.Section) ClientTLS {
	return ClientTLS{
		On:          s.There(),
		Authorities: readAuthorities(s.Value("ca_file")),
		Certificate: readCertificate(s),
		ServerName:  s.Value("server_name").Text(),
	}
}

func readAuthorities(v document.Value) (file string) {
	file = v.File()
	if file == "" {
		return ""
	}
	if _, err := authorities(x509.NewCertPool(), file); err != nil {
		v.Wrong("holds no certificate; write a PEM file of certificate authorities")
	}
	return file
}

var errNoAuthority = errors.New("no certificate authority in the file")

// authorities adds those in a file to others.
func authorities(pool *x509.CertPool, file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file) //nolint:gosec // G304: the operator's configuration names the file
	if err != nil {
		return nil, err
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errNoAuthority
	}
	return pool, nil
}

// withSystem are the system's authorities and those in a file; nil: the system's alone.
func withSystem(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // crypto/tls means the system's by it
	}
	system, err := x509.SystemCertPool()
	if err != nil {
		system = x509.NewCertPool()
	}
	return authorities(system, file)
}

// Config is for crypto/tls; nil where nothing is secured.
func (t ClientTLS) Config() (*tls.Config, error) {
	if !t.On {
		return nil, nil //nolint:nilnil // crypto/tls and go-redis mean "none" by it
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName}
	if t.Authorities != "" {
		pool, err := authorities(x509.NewCertPool(), t.Authorities)
		if err != nil {
			return nil, err
		}
		c.RootCAs = pool
	}
	if t.Certificate != (CertificateFiles{}) {
		pair, err := t.Certificate.Load()
		if err != nil {
			return nil, err
		}
		c.Certificates = []tls.Certificate{*pair}
	}
	return c, nil
}
