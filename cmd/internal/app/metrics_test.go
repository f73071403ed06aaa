package app_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// measures is the value of a series, as /metrics writes it; not ok: there is none.
func (b *bridge) measures(series string) (value float64, ok bool) {
	b.t.Helper()
	_, body := b.ask("/metrics")
	for line := range strings.Lines(body) {
		if rest, found := strings.CutPrefix(line, "itsme_bridge_"+series+" "); found {
			value, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			if err != nil {
				b.t.Fatal(err)
			}
			return value, true
		}
	}
	return 0, false
}

// is fails unless a series has this value.
func (b *bridge) is(series string, want float64) {
	b.t.Helper()
	if got, ok := b.measures(series); !ok || got != want {
		b.t.Errorf("%s: %v, %v, want %v", series, got, ok, want)
	}
}

func stamp(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }

// What an alert asks for is there before it happens for the first time.
func TestSeriesAreThereFromTheStart(t *testing.T) {
	b := running(t, nil)
	for series, want := range map[string]float64{
		`reloads_total{result="taken"}`: 0, `reloads_total{result="refused"}`: 0,
		"last_reload_successful": 1, "last_reload_timestamp_seconds": stamp(b.Now()),
		"key_refresh_failures_total": 0, "not_before_refresh_failures_total": 0, "logout_outbox_depth": 0,
		"ready": 1, "redis_up": 1, "upstream_up": 1, "redis_evicts": 0,
		`redis_failures_total{reason="full"}`: 0, `redis_failures_total{reason="unreachable"}`: 0,
		"redis_pool_waits_total": 0, "redis_pool_timeouts_total": 0, `redis_pool_connections{state="used"}`: 0,
		`ceilings_reached_total{ceiling="total"}`: 0, `requests_total{route="/token",status="503"}`: 0,
		`signing_keys{alg="RS256",state="current"}`: 1, `signing_keys{alg="RS256",state="next"}`: 0,
	} {
		b.is(series, want)
	}
	if _, ok := b.measures("certificate_expiry_timestamp_seconds"); ok {
		t.Error("a certificate, without tls")
	}
	for _, kind := range storage.RoundTrips() {
		if n, _ := b.measures(`redis_command_duration_seconds_count{kind="` + kind + `"}`); n == 0 {
			t.Errorf("no %s was counted", kind)
		}
	}
	if problems, err := testutil.GatherAndLint(b.Registry()); err != nil || len(problems) != 0 {
		t.Errorf("%v %v", problems, err)
	}
}

// A scrape goes on while Redis is away, and says so.
func TestMetricsWithoutRedis(t *testing.T) {
	world := storagetest.New(t)
	b := prepare(t, world, nil)
	world.Faults().Down()
	b.start()
	b.journal.await(t, "waiting for Redis")
	b.is("redis_up", 0)
	b.is("ready", 0)
	world.Faults().Up()
	b.ready()
	b.is("redis_up", 1)
	b.is("ready", 1)
	if n, _ := b.measures(`redis_failures_total{reason="unreachable"}`); n == 0 {
		t.Error("no failure was counted")
	}
}

// A Redis that does not answer keeps nobody waiting who asks for the metrics, and an
// answer counts for a while.
func TestAScrapeDoesNotHang(t *testing.T) {
	b := running(t, withHearer)
	b.is("logout_outbox_depth", 0)
	b.ResetRoundtrips()
	for range 3 {
		b.is("redis_up", 1)
	}
	if n := b.Roundtrips(); n != 0 {
		t.Errorf("%d round trips for answers that were known", n)
	}
	b.Advance(time.Minute)
	for n := range 6 { // what the scrape asks, and what is asked from time to time
		_, release := b.Faults().Hold(n + 1)
		defer release()
	}
	began := time.Now()
	b.is("redis_up", 0)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	if _, ok := b.measures("logout_outbox_depth"); ok {
		t.Error("the outbox is said to be known")
	}
}

func TestMetricsWithoutCM(t *testing.T) {
	b := running(t, func(text string) string { return strings.Replace(text, "${CM}", "http://127.0.0.1:1", 1) })
	b.is("upstream_up", 0)
}

// withHearer has the client hear of logouts.
func withHearer(text string) string {
	return strings.Replace(text, "clients:\n", "session: {ttl: 1h}\noutbound: {reachable: [127.0.0.0/8]}\nclients:\n", 1) +
		"    backchannel_logout_uri: http://127.0.0.1:1/logout\n"
}

// What clients are still to be told of is counted, also while it waits to be tried again.
func TestTheOutboxIsMeasured(t *testing.T) {
	b := running(t, withHearer)
	b.is(`logout_notices_total{client="app",result="given_up"}`, 0)
	browser := b.Browser()
	back := browser.Begin(nil)
	b.Approve()
	code := b.Response(browser.Get(back)).Get("code")
	token, _ := b.Exchange(code, nil).JSON()["id_token"].(string)
	browser.Get(b.Issuer + "/logout?" + url.Values{"id_token_hint": {token}}.Encode())
	b.journal.await(t, "logout notice")
	b.Advance(11 * time.Second) // older than a number that counts
	b.is("logout_outbox_depth", 1)
}

// Keys say when they were made, and when the next one signs; one that should have been
// made long ago is overdue.
func TestTheAgeOfKeys(t *testing.T) {
	b := running(t, nil)
	const day = 24 * time.Hour
	made := b.Now()
	b.is(`key_created_timestamp_seconds{alg="RS256"}`, stamp(made))
	b.is(`key_next_rotation_timestamp_seconds{alg="RS256"}`, stamp(made.Add(30*day)))
	b.Advance(28 * day)
	if err := b.RefreshKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.is(`signing_keys{alg="RS256",state="next"}`, 1)
	b.is(`key_next_rotation_timestamp_seconds{alg="RS256"}`, stamp(made.Add(30*day)))
	b.Advance(2 * day)
	b.is(`key_created_timestamp_seconds{alg="RS256"}`, stamp(made.Add(28*day)))
	b.is(`key_next_rotation_timestamp_seconds{alg="RS256"}`, stamp(made.Add(60*day)))
	b.Faults().Down()
	b.Advance(31 * day)
	b.is(`key_next_rotation_timestamp_seconds{alg="RS256"}`, stamp(made.Add(60*day))) // a day ago
	b.Faults().Up()
}

// The certificate that we serve with says when it expires, and so does the next one.
func TestTheCertificateSaysWhenItExpires(t *testing.T) {
	folder := t.TempDir()
	expiry := func(serial int64) float64 {
		putCertificate(t, folder, serial)
		pair, err := tls.LoadX509KeyPair(filepath.Join(folder, "crt"), filepath.Join(folder, "key"))
		if err != nil {
			t.Fatal(err)
		}
		return stamp(pair.Leaf.NotAfter)
	}
	first := expiry(1)
	b := running(t, secured(folder))
	b.is("certificate_expiry_timestamp_seconds", first)
	time.Sleep(time.Second) // a certificate's times are in seconds
	second := expiry(2)
	if err := b.Reload(); err != nil || second == first {
		t.Fatal(err)
	}
	b.is("certificate_expiry_timestamp_seconds", second)
}

func TestAPolicyThatEvicts(t *testing.T) {
	world := storagetest.Real(t)
	if err := world.Redis().ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru").Err(); err != nil {
		t.Fatal(err)
	}
	b := prepare(t, world, nil)
	b.furnish()
	b.start()
	b.ready()
	b.is("redis_evicts", 1)
	if err := world.Redis().ConfigSet(t.Context(), "maxmemory-policy", "noeviction").Err(); err != nil {
		t.Fatal(err)
	}
	b.LearnPolicy(t.Context())
	b.is("redis_evicts", 0)
}

func TestReloadsAreMeasured(t *testing.T) {
	b := running(t, nil)
	b.Advance(time.Hour)
	if err := b.Reload(); err != nil {
		t.Fatal(err)
	}
	b.is("last_reload_timestamp_seconds", stamp(b.Now()))
	b.is(`reloads_total{result="taken"}`, 1)
	good := b.file.read()
	b.file.write("elephants: 3\n")
	if err := b.Reload(); err == nil {
		t.Fatal("no error")
	}
	b.is("last_reload_successful", 0)
	b.is(`reloads_total{result="refused"}`, 1)
	b.file.write(good)
	if err := b.Reload(); err != nil {
		t.Fatal(err)
	}
	b.is("last_reload_successful", 1)
}

// Keys from files have no time at which they were made, and none at which they are rotated.
func TestKeysFromFilesAreNotDated(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rsa")
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	configtest.PutKey(t, file, key)
	b := running(t, func(text string) string {
		return strings.Replace(text, "clients:", "keys: {source: pem, files: ["+file+"]}\nclients:", 1)
	})
	b.is(`signing_keys{alg="RS256",state="current"}`, 1)
	for _, series := range []string{"key_created_timestamp_seconds", "key_next_rotation_timestamp_seconds"} {
		if _, body := b.ask("/metrics"); strings.Contains(body, series) {
			t.Errorf("%s is there", series)
		}
	}
	if status, _ := b.ask("/readyz"); status != http.StatusOK {
		t.Errorf("%d", status)
	}
}
