package storage_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

func TestOptions(t *testing.T) {
	for _, row := range []struct {
		name string
		o    storage.Options
		ok   bool
	}{
		{"single", storage.Options{Mode: "single", Addresses: []string{"a:1"}}, true},
		{"single by a socket", storage.Options{Mode: "single", Addresses: []string{"/run/redis"}, Prefix: "itsme:", Database: 2}, true},
		{"sentinel", storage.Options{Mode: "sentinel", Addresses: []string{"a:1", "b:1"}, MasterName: "main"}, true},
		{"cluster", storage.Options{Mode: "cluster", Addresses: []string{"a:1", "b:1"}}, true},
		{"no mode", storage.Options{Addresses: []string{"a:1"}}, false},
		{"another mode", storage.Options{Mode: "ring", Addresses: []string{"a:1"}}, false},
		{"no address", storage.Options{Mode: "single"}, false},
		{"two addresses", storage.Options{Mode: "single", Addresses: []string{"a:1", "b:1"}}, false},
		{"no master name", storage.Options{Mode: "sentinel", Addresses: []string{"a:1"}}, false},
		{"cluster with a database", storage.Options{Mode: "cluster", Addresses: []string{"a:1"}, Database: 1}, false},
		{"a hash tag in the prefix", storage.Options{Mode: "single", Addresses: []string{"a:1"}, Prefix: "{itsme}:"}, false},
	} {
		s, err := storage.Open(row.o, storage.NewKeyring(storage.NewKey()))
		if (err == nil) != row.ok {
			t.Errorf("%s: %v", row.name, err)
		}
		if err == nil {
			_ = s.Close()
		}
	}
}

func TestPing(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			if err := w.Store.Ping(t.Context()); err != nil {
				t.Error(err)
			}
			w.Faults().Down()
			if err := w.Store.Ping(t.Context()); !errors.Is(err, storage.ErrUnavailable) {
				t.Errorf("Ping: %v", err)
			}
			if _, err := w.Store.Policy(t.Context()); !errors.Is(err, storage.ErrUnavailable) {
				t.Errorf("Policy: %v", err)
			}
		})
	}
}

func TestPolicy(t *testing.T) {
	w := storagetest.Real(t)
	for _, want := range []string{"noeviction", "allkeys-lru"} {
		if err := w.Redis().ConfigSet(t.Context(), "maxmemory-policy", want).Err(); err != nil {
			t.Fatal(err)
		}
		if got, err := w.Store.Policy(t.Context()); got != want || err != nil {
			t.Errorf("Policy = %q, %v, want %q", got, err, want)
		}
	}
	// An ACL user who may not ask.
	if err := w.Redis().Do(t.Context(), "ACL", "SETUSER", "bridge", "on", ">pw", "~*", "+@all", "-config").Err(); err != nil {
		t.Fatal(err)
	}
	s, err := storage.Open(storage.Options{
		Mode: "single", Addresses: []string{w.Address()}, Username: "bridge", Password: "pw",
	}, storage.NewKeyring(storage.NewKey()))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got, err := s.Policy(t.Context()); got != "" || err != nil {
		t.Errorf("Policy = %q, %v, want none", got, err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// A Redis that accepts and says nothing costs the timeout, not more.
func TestTimeouts(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	s, err := storage.Open(storage.Options{
		Mode: "single", Addresses: []string{silent.Addr().String()},
		ReadTimeout: 50 * time.Millisecond, WriteTimeout: 50 * time.Millisecond,
	}, storage.NewKeyring(storage.NewKey()))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	began := time.Now()
	if err := s.Ping(t.Context()); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("Ping: %v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestTLSAndPassword(t *testing.T) {
	web := httptest.NewTLSServer(nil) // for its certificate
	defer web.Close()
	mini, err := miniredis.RunTLS(&tls.Config{Certificates: web.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	defer mini.Close()
	mini.RequireUserAuth("bridge", "pw")
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	for _, row := range []struct {
		name string
		o    storage.Options
		ok   bool
	}{
		{"right", storage.Options{TLS: &tls.Config{RootCAs: roots, ServerName: "example.com"}, Username: "bridge", Password: "pw"}, true},
		{"wrong password", storage.Options{TLS: &tls.Config{RootCAs: roots, ServerName: "example.com"}, Username: "bridge", Password: "no"}, false},
		{"another name", storage.Options{TLS: &tls.Config{RootCAs: roots, ServerName: "example.org"}, Username: "bridge", Password: "pw"}, false},
		{"unknown authority", storage.Options{TLS: &tls.Config{ServerName: "example.com"}, Username: "bridge", Password: "pw"}, false},
		{"no TLS", storage.Options{Username: "bridge", Password: "pw", ReadTimeout: time.Second}, false},
	} {
		row.o.Mode, row.o.Addresses = "single", []string{mini.Addr()}
		s, err := storage.Open(row.o, storage.NewKeyring(storage.NewKey()))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Ping(t.Context()); (err == nil) != row.ok {
			t.Errorf("%s: %v", row.name, err)
		}
		_ = s.Close()
	}
}
