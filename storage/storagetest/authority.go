package storagetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"
)

// Authority issues certificates.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// NewAuthority makes an authority that nobody knows yet.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	a := &Authority{key: newKey(t)}
	template := &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	encoded := a.sign(t, template, template, a.key)
	certificate, err := x509.ParseCertificate(encoded)
	if err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	a.certificate = certificate
	return a
}

// Pool holds the authority alone.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// PEM is the authority's own certificate.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

// Issue makes a certificate for a host, an IP address or a name. It is good for a
// server and for a client.
func (a *Authority) Issue(t testing.TB, host string) tls.Certificate {
	t.Helper()
	return a.issue(t, host, time.Now().Add(time.Hour))
}

// IssueUntil is Issue with an end.
func (a *Authority) IssueUntil(t testing.TB, host string, until time.Time) tls.Certificate {
	t.Helper()
	return a.issue(t, host, until)
}

// IssueExpired makes a certificate that was good until a minute ago.
func (a *Authority) IssueExpired(t testing.TB, host string) tls.Certificate {
	t.Helper()
	return a.issue(t, host, time.Now().Add(-time.Minute))
}

func (a *Authority) issue(t testing.TB, host string, until time.Time) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	key := newKey(t)
	return tls.Certificate{Certificate: [][]byte{a.sign(t, template, a.certificate, key)}, PrivateKey: key}
}

// sign fills in what every certificate has, and signs it for the holder of a key.
func (a *Authority) sign(t testing.TB, template, parent *x509.Certificate, holder *ecdsa.PrivateKey) []byte {
	t.Helper()
	template.SerialNumber, template.Subject = big.NewInt(time.Now().UnixNano()), pkix.Name{CommonName: "storagetest"}
	template.NotBefore = time.Now().Add(-time.Hour)
	if template.NotAfter.IsZero() {
		template.NotAfter = time.Now().Add(time.Hour)
	}
	encoded, err := x509.CreateCertificate(rand.Reader, template, parent, &holder.PublicKey, a.key)
	if err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	return encoded
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	return key
}
