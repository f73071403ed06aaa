package remote_test

import (
	"context"
	"crypto/x509"
	"encoding/binary"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"itsme-bridge/provider/remote"
)

// A proxy in the environment, which nobody may ask. It is read once in a process.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY"} {
		if err := os.Setenv(name, "http://127.0.0.1:9"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

func loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// A host is a server on loopback that counts its requests.
type host struct {
	*httptest.Server
	requests atomic.Int64
}

// secure serves https, with a certificate for 127.0.0.1 and example.com.
func secure(t testing.TB, handler http.HandlerFunc) *host {
	t.Helper()
	h := unstarted(t, handler)
	h.StartTLS()
	return h
}

func plain(t testing.TB, handler http.HandlerFunc) *host {
	t.Helper()
	h := unstarted(t, handler)
	h.Start()
	return h
}

func unstarted(t testing.TB, handler http.HandlerFunc) *host {
	t.Helper()
	h := new(host)
	h.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.requests.Add(1)
		handler(w, r)
	}))
	h.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(h.Close)
	return h
}

// options trust the host, and may reach loopback.
func (h *host) options() remote.Options {
	o := remote.Options{Reachable: loopback()}
	if certificate := h.Certificate(); certificate != nil {
		o.RootCAs = x509.NewCertPool()
		o.RootCAs.AddCert(certificate)
	}
	return o
}

// named is the host's address with another name in it.
func (h *host) named(name string) string {
	_, port, _ := net.SplitHostPort(h.Listener.Addr().String())
	return "https://" + net.JoinHostPort(name, port)
}

func (h *host) want(t *testing.T, requests int64) {
	t.Helper()
	if got := h.requests.Load(); got != requests {
		t.Errorf("%d requests, want %d", got, requests)
	}
}

// saying answers with a body.
func saying(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }
}

// A clock stands still until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// example resolves example.com to what answers says at the first, second, … lookup; the last one stays.
func example(answers ...[]string) *net.Resolver {
	var lookups atomic.Int64
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			for {
				var length [2]byte
				if _, err := io.ReadFull(theirs, length[:]); err != nil {
					return
				}
				query := make([]byte, binary.BigEndian.Uint16(length[:]))
				if _, err := io.ReadFull(theirs, query); err != nil {
					return
				}
				theirs.Write(reply(query, func() []string {
					return answers[min(int(lookups.Add(1)), len(answers))-1]
				}))
			}
		}()
		return ours, nil
	}}
}

// reply answers one question of RFC 1035 about an IPv4 address; of any other type there is none.
func reply(query []byte, lookup func() []string) []byte {
	end := 12 + strings.IndexByte(string(query[12:]), 0) + 5
	message := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, query[12:end]...)
	switch name := string(query[12 : end-4]); {
	case !strings.EqualFold(name, "\x07example\x03com\x00"):
		message[3] |= 3 // no such name
	case query[end-3] == 1:
		for _, address := range lookup() {
			ip := netip.MustParseAddr(address).As4()
			message = append(append(message, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4), ip[:]...)
			message[7]++
		}
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...)
}
