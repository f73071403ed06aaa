package keys_test

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/keys"
)

// RSA keys take their time: two are enough for all tests.
var (
	firstRSA  = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })
	secondRSA = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })
)

func sharedRSA(tb testing.TB) *rsa.PrivateKey {
	tb.Helper()
	return must(firstRSA())(tb)
}

func otherRSA(tb testing.TB) *rsa.PrivateKey {
	tb.Helper()
	return must(secondRSA())(tb)
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

func writePEM(t *testing.T, blocks ...*pem.Block) string {
	t.Helper()
	var content []byte
	for _, block := range blocks {
		content = append(content, pem.EncodeToMemory(block)...)
	}
	return writeFile(t, content)
}

func writeFile(t *testing.T, content []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func pkcs8(t *testing.T, key crypto.PrivateKey) *pem.Block {
	t.Helper()
	return &pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(key))(t)}
}

func ec(t *testing.T, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	return must(ecdsa.GenerateKey(curve, rand.Reader))(t)
}

func edwards(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	return must(private, err)(t)
}

func ecFile(t *testing.T) string {
	t.Helper()
	return writePEM(t, pkcs8(t, ec(t, elliptic.P256())))
}

func fromPEM(t *testing.T, files ...string) *keys.Static {
	t.Helper()
	return fromFiles(t, keys.Files{Keys: files})
}

func fromFiles(t *testing.T, files keys.Files) *keys.Static {
	t.Helper()
	return must(keys.FromPEM(func() time.Time { return start }, files))(t)
}

func TestPEMFiles(t *testing.T) {
	parameters := &pem.Block{Type: "EC PARAMETERS", Bytes: []byte{6, 8, 42, 134, 72, 206, 61, 3, 1, 7}}
	for _, row := range []struct {
		name  string
		block []*pem.Block
		alg   keys.Algorithm
	}{
		{"PKCS#8, RSA", []*pem.Block{pkcs8(t, sharedRSA(t))}, keys.RS256},
		{"PKCS#1", []*pem.Block{{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(sharedRSA(t))}}, keys.RS256},
		{"PKCS#8, EC", []*pem.Block{pkcs8(t, ec(t, elliptic.P256()))}, keys.ES256},
		{"SEC 1", []*pem.Block{{Type: "EC PRIVATE KEY", Bytes: must(x509.MarshalECPrivateKey(ec(t, elliptic.P256())))(t)}}, keys.ES256},
		{"SEC 1 after its parameters", []*pem.Block{parameters, {Type: "EC PRIVATE KEY", Bytes: must(x509.MarshalECPrivateKey(ec(t, elliptic.P256())))(t)}}, keys.ES256},
		{"PKCS#8, Ed25519", []*pem.Block{pkcs8(t, edwards(t))}, keys.EdDSA},
		{"PKCS#8, RSA, for PS256", []*pem.Block{pkcs8(t, sharedRSA(t))}, keys.PS256},
		{"PKCS#1, for PS256", []*pem.Block{{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(sharedRSA(t))}}, keys.PS256},
	} {
		t.Run(row.name, func(t *testing.T) {
			files := keys.Files{Keys: []string{writePEM(t, row.block...)}}
			if row.alg == keys.PS256 {
				files = keys.Files{PS256: files.Keys}
			}
			static := fromFiles(t, files)
			token, err := static.Sign(t.Context(), row.alg, []byte(`{"sub":"somebody"}`))
			if err != nil {
				t.Fatal(err)
			}
			kid, claims, err := check(token, static.JWKS().Body)
			if err != nil || string(claims) != `{"sub":"somebody"}` {
				t.Errorf("%s, %v", claims, err)
			}
			list := static.List()
			if len(list) != 1 || list[0].ID != kid || list[0].State != keys.Current || list[0].Algorithm != row.alg {
				t.Errorf("listed as %+v", list)
			}
			if err := static.Ready(); err != nil || static.JWKS().MaxAge != keys.DefaultMaxAge || static.JWKS().ETag == "" {
				t.Errorf("%v, %+v", err, static.JWKS())
			}
		})
	}
}

func TestTheFirstOfEachAlgorithmSigns(t *testing.T) {
	first, second, other := ecFile(t), ecFile(t), writePEM(t, pkcs8(t, sharedRSA(t)))
	pss := writePEM(t, pkcs8(t, otherRSA(t)))
	static := fromFiles(t, keys.Files{Keys: []string{first, other, second}, PS256: []string{pss}})
	var got []string
	for _, info := range static.List() {
		got = append(got, string(info.Algorithm)+" "+string(info.State))
		if !strings.Contains(string(static.JWKS().Body), info.ID) {
			t.Errorf("%s is not published", info.ID)
		}
	}
	if want := "ES256 current, RS256 current, ES256 standby, PS256 current"; strings.Join(got, ", ") != want {
		t.Errorf("%s, want %s", strings.Join(got, ", "), want)
	}
	token, err := static.Sign(t.Context(), keys.ES256, []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	if kid, _, err := check(token, fromPEM(t, first).JWKS().Body); err != nil {
		t.Errorf("signed with %s: %v", kid, err)
	}
	if _, err := fromPEM(t, first).Sign(t.Context(), keys.RS256, []byte(`{}`)); !errors.Is(err, keys.ErrAlgorithm) {
		t.Errorf("RS256 without an RSA key: %v", err)
	}
	if _, err := fromPEM(t, other).Sign(t.Context(), keys.PS256, []byte(`{}`)); !errors.Is(err, keys.ErrAlgorithm) {
		t.Errorf("PS256 with a key of RS256: %v", err)
	}
}

func TestPEMFilesThatAreRefused(t *testing.T) {
	short := must(rsa.GenerateKey(rand.Reader, 1024))(t)
	good := pkcs8(t, ec(t, elliptic.P256()))
	public := must(x509.MarshalPKIXPublicKey(&sharedRSA(t).PublicKey))(t)
	const secret = "private-private-private"
	for _, row := range []struct{ name, file, complaint string }{
		{"no file", filepath.Join(t.TempDir(), "none.pem"), "no such file"},
		{"no PEM", writeFile(t, []byte(secret)), "no PEM block"},
		{"only parameters", writePEM(t, &pem.Block{Type: "EC PARAMETERS"}), "no PEM block"},
		{"a public key", writePEM(t, &pem.Block{Type: "PUBLIC KEY", Bytes: public}), `"PUBLIC KEY", and a private key is wanted`},
		{"encrypted", writePEM(t, &pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte(secret)}), "ENCRYPTED"},
		{"encrypted as of old", writePEM(t, &pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"DEK-Info": "AES-128-CBC,00"}, Bytes: []byte(secret)}), "encrypted"},
		{"garbage", writePEM(t, &pem.Block{Type: "PRIVATE KEY", Bytes: []byte(secret)}), "cannot be read"},
		{"two keys", writePEM(t, good, good), "more than one"},
		{"a short RSA key", writePEM(t, pkcs8(t, short)), "1024 bits"},
		{"another curve", writePEM(t, pkcs8(t, ec(t, elliptic.P384()))), "P-384"},
		{"another kind", writePEM(t, pkcs8(t, must(ecdh.X25519().GenerateKey(rand.Reader))(t))), "only RSA, EC and Ed25519"},
	} {
		_, err := keys.FromPEM(time.Now, keys.Files{Keys: []string{ecFile(t), row.file}})
		if err == nil || !strings.Contains(err.Error(), row.complaint) || !strings.Contains(err.Error(), row.file) {
			t.Errorf("%s: %v", row.name, err)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error quotes the file: %v", row.name, err)
		}
	}
}

func TestListsOfPEMFilesThatAreRefused(t *testing.T) {
	curve, long := pkcs8(t, ec(t, elliptic.P256())), pkcs8(t, sharedRSA(t))
	short := pkcs8(t, must(rsa.GenerateKey(rand.Reader, 1024))(t))
	list := func(blocks ...*pem.Block) (files []string) {
		for _, block := range blocks {
			files = append(files, writePEM(t, block))
		}
		return files
	}
	for _, row := range []struct {
		name      string
		files     keys.Files
		complains []string
	}{
		{"no file at all", keys.Files{}, []string{"no PEM file"}},
		{"the same key twice", keys.Files{Keys: list(curve, curve)}, []string{"the same key as in"}},
		{"the same key twice for PS256", keys.Files{PS256: list(long, long)}, []string{"the same key as in"}},
		{"the same key for two algorithms", keys.Files{Keys: list(long), PS256: list(long)}, []string{"the same key as in"}},
		{"EC for PS256", keys.Files{PS256: list(curve)}, []string{"not an RSA key"}},
		{"Ed25519 for PS256", keys.Files{PS256: list(pkcs8(t, edwards(t)))}, []string{"not an RSA key"}},
		{"a short RSA key for PS256", keys.Files{PS256: list(short)}, []string{"1024 bits"}},
		{"everything at once", keys.Files{Keys: []string{"missing-a", "missing-b"}, PS256: []string{"missing-c"}}, []string{"missing-a", "missing-b", "missing-c"}},
	} {
		_, err := keys.FromPEM(time.Now, row.files)
		for _, complaint := range row.complains {
			if err == nil || !strings.Contains(err.Error(), complaint) {
				t.Errorf("%s: %v", row.name, err)
			}
		}
	}
}
