package provider_test

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/provider"
	"itsme-bridge/provider/ceilings"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// mostPerOpenLogin is what a login that waits for its person may take in Redis, in bytes; the counter of the address that it
// came from takes more for a minute. deploy/OPERATIONS.md says how much Redis that makes.
const mostPerOpenLogin, mostPerCounter = 1700, 200

// swiftCM makes transactions at once, each with a token as long as CM's.
type swiftCM struct{ back atomic.Value }

func (c *swiftCM) Start(_ context.Context, s itsme.Start) (itsme.Transaction, error) {
	c.back.Store(s.RedirectURL)
	token := rand.Text() + rand.Text() + rand.Text()
	return itsme.Transaction{Token: token[:64], AuthenticationURL: "https://itsme.example/app/" + token[:32]}, nil
}

func (*swiftCM) Status(context.Context, string) (itsme.Result, error) {
	return itsme.Result{Status: itsme.Success, Raw: "success", Identity: maes()}, nil
}

// Very many logins are begun, each by another address, and left open. Each takes no more of Redis than it should, none of the
// process, and whoever comes then logs in as before. For a million of them:
//
//	OPEN_LOGINS=1000000 go test -run OpenLogins -v -timeout 1h ./provider
func TestOpenLoginsAreSmall(t *testing.T) {
	many := 3000
	if text := os.Getenv("OPEN_LOGINS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1000 {
			t.Fatalf("OPEN_LOGINS is %q", text)
		}
		many = n
	}
	world, cm := storagetest.Real(t), new(swiftCM)
	s := With(t, Options{
		World: world,
		Config: func(c *provider.Config) {
			c.TrustedProxies = []string{"192.0.2.1"}
			c.Limits = ceilings.Limits{Window: time.Minute, PerAddress: 30}
		},
		Parts: func(p *provider.Parts) {
			p.Store, p.Upstream, p.Now = storage.New(world.Redis(), "open:", world.Store.Keyring()), cm, time.Now
			p.Log = slog.New(slog.NewJSONHandler(io.Discard, nil)) //nolint:sloglint // a line is made, as in production, and thrown away
		},
	})
	query := Request(nil).Encode()
	begin := func(from netip.Addr) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, s.Issuer+"/authorize?"+query, nil)
		r.Header = http.Header{"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}, "Sec-Fetch-User": {"?1"}, "X-Forwarded-For": {from.String()}}
		out := httptest.NewRecorder()
		s.Provider.ServeHTTP(out, r)
		return out
	}
	address := func(n int) netip.Addr { return netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}) }
	for n := range 50 { // connections, scripts, caches
		begin(address(1<<23 + n))
	}
	memory, heap := usedMemory(t, world), usedHeap()
	began := time.Now()
	var all sync.WaitGroup
	const hands = 4
	for hand := range hands {
		all.Go(func() {
			for n := hand; n < many; n += hands {
				if got := begin(address(n)); !strings.HasPrefix(got.Header().Get("Location"), "https://itsme.example/") {
					t.Errorf("login %d: %d", n, got.Code)
					return
				}
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	grown := usedHeap() - heap
	whole := usedMemory(t, world)
	forgetCounters(t, world)
	each := float64(usedMemory(t, world)-memory) / float64(many)
	counter := float64(whole-memory)/float64(many) - each
	t.Logf("%d logins were begun in %v (%v each) and are open: %.0f bytes of Redis each, and %.0f for the counter of an address; the heap has grown by %d bytes",
		many, took.Round(time.Second), (took / time.Duration(many)).Round(time.Microsecond), each, counter, grown)
	if counter > mostPerCounter {
		t.Errorf("the counter of an address takes %.0f bytes, want at most %d", counter, mostPerCounter)
	}
	if each > mostPerOpenLogin {
		t.Errorf("an open login takes %.0f bytes of Redis, want at most %d", each, mostPerOpenLogin)
	}
	if grown > 8<<20 {
		t.Errorf("the process has grown by %d bytes", grown)
	}
	b := s.Browser()
	if page := b.Authorize(nil); page.Status != http.StatusSeeOther {
		t.Fatalf("somebody else: %d, page %q", page.Status, page.Page())
	}
	back, _ := cm.back.Load().(string)
	s.Exchange(s.Response(b.Get(back)).Get("code"), nil).Wants(t, http.StatusOK, "")
}

// forgetCounters lets Redis forget how much each address has started, as it does by itself after a window.
func forgetCounters(t *testing.T, world *storagetest.World) {
	t.Helper()
	redis, at := world.Redis(), uint64(0)
	for {
		keys, next, err := redis.Scan(t.Context(), at, "open:address:*", 5000).Result()
		if err == nil && len(keys) > 0 {
			err = redis.Del(t.Context(), keys...).Err()
		}
		if err != nil {
			t.Fatal(err)
		}
		if at = next; at == 0 {
			return
		}
	}
}

func usedMemory(t *testing.T, world *storagetest.World) int64 {
	t.Helper()
	text, err := world.Redis().Info(t.Context(), "memory").Result()
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(text, "\nused_memory:")
	figure, _, _ := strings.Cut(after, "\r\n")
	n, err := strconv.ParseInt(figure, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func usedHeap() int64 {
	runtime.GC()
	runtime.GC() // what the first one has put aside
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
