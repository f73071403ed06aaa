package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"itsme-bridge/keys"
)

// standing is how the bridge and what it stands on are when somebody asks for the
// metrics. Who asks waits for Redis and CM no longer than /health does, and both are
// asked no more often for it.
type standing struct {
	app    *App
	untold counted

	ready, redisUp, upstreamUp, forgetful    *prometheus.Desc
	connections, poolWaits, poolTimeouts     *prometheus.Desc
	keys, keyCreated, keyRotates, certExpiry *prometheus.Desc
	outbox                                   *prometheus.Desc
}

func newStanding(a *App) *standing {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(namespace+"_"+name, help, labels, nil)
	}
	return &standing{
		app: a, untold: counted{ask: a.provider.UntoldLogouts, now: a.now},
		ready:        describe("ready", "1 where this process answers people: /readyz says why not."),
		redisUp:      describe("redis_up", "1 where Redis takes writes: /health says why not."),
		upstreamUp:   describe("upstream_up", "1 where CM is reached, as /health says."),
		forgetful:    describe("redis_evicts", "1 where a full Redis throws records away, logins too: its maxmemory-policy is not noeviction."),
		connections:  describe("redis_pool_connections", "Connections to Redis, by what they do.", "state"),
		poolWaits:    describe("redis_pool_waits_total", "Times that a request waited for a free connection to Redis, and got it."),
		poolTimeouts: describe("redis_pool_timeouts_total", "Times that no connection to Redis became free in time."),
		keys:         describe("signing_keys", "Signing keys, by algorithm and by where each stands in its life.", "alg", "state"),
		keyCreated:   describe("key_created_timestamp_seconds", "When the key that signs now was made. Of keys from files that is not known.", "alg"),
		keyRotates:   describe("key_next_rotation_timestamp_seconds", "When the next key begins to sign; in the past where that is overdue. Keys from files are rotated by hand.", "alg"),
		certExpiry:   describe("certificate_expiry_timestamp_seconds", "When the first certificate of tls.cert_file expires. Only with tls."),
		outbox:       describe("logout_outbox_depth", "Logouts that clients are still to be told of, in the whole deployment."),
	}
}

// Describe is part of prometheus.Collector.
func (s *standing) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		s.ready, s.redisUp, s.upstreamUp, s.forgetful, s.connections, s.poolWaits, s.poolTimeouts,
		s.keys, s.keyCreated, s.keyRotates, s.certExpiry, s.outbox,
	} {
		to <- d
	}
}

// Collect is part of prometheus.Collector.
func (s *standing) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	s.below(gauge)
	gauge(s.ready, one(len(s.app.unready()) == 0))
	gauge(s.forgetful, one(s.app.forgetful.Load() != nil))
	pool := s.app.store.Connections()
	gauge(s.connections, float64(pool.Used), "used")
	gauge(s.connections, float64(pool.Idle), "idle")
	to <- prometheus.MustNewConstMetric(s.poolWaits, prometheus.CounterValue, float64(pool.Waits))
	to <- prometheus.MustNewConstMetric(s.poolTimeouts, prometheus.CounterValue, float64(pool.Timeouts))
	s.signing(gauge)
	if c := s.app.certificate; c != nil {
		if expires, ok := expiry(c.current.Load()); ok {
			gauge(s.certExpiry, seconds(expires))
		}
	}
}

// below asks Redis and CM, at the same time.
func (s *standing) below(gauge func(d *prometheus.Desc, value float64, labels ...string)) {
	ctx := context.Background() // each has a time limit of its own
	var asking sync.WaitGroup
	asking.Go(func() { gauge(s.redisUp, one(s.app.redis.state(ctx) == nil)) })
	asking.Go(func() { gauge(s.upstreamUp, one(s.app.cm.state(ctx) == nil)) })
	asking.Go(func() {
		if n, ok := s.untold.number(ctx); ok {
			gauge(s.outbox, float64(n))
		}
	})
	asking.Wait()
}

func (s *standing) signing(gauge func(d *prometheus.Desc, value float64, labels ...string)) {
	count := map[[2]string]float64{}
	for _, k := range s.app.signer.List() {
		alg := string(k.Algorithm)
		for _, state := range []keys.State{keys.Next, keys.Current, keys.Past, keys.Revoked, keys.Standby} {
			count[[2]string{alg, string(state)}] += one(k.State == state)
		}
		if s.app.ring != nil && k.State == keys.Current {
			gauge(s.keyCreated, seconds(k.Published), alg)
		}
	}
	for labels, n := range count {
		gauge(s.keys, n, labels[0], labels[1])
	}
	if s.app.ring != nil {
		for alg, at := range s.app.ring.Rotations() {
			gauge(s.keyRotates, seconds(at), string(alg))
		}
	}
}

// expiry is when the first certificate of a chain expires: no later than that does
// somebody refuse it.
func expiry(pair *tls.Certificate) (first time.Time, ok bool) {
	for _, der := range pair.Certificate {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			continue // that it can be used was found out when it was loaded
		}
		if first.IsZero() || c.NotAfter.Before(first) {
			first = c.NotAfter
		}
	}
	return first, !first.IsZero()
}

// countedFor is how long a number counts that Redis was asked for.
const countedFor = 10 * time.Second

// counted is a number in Redis that is asked for at most once in a while.
type counted struct {
	ask func(context.Context) (int64, error)
	now func() time.Time

	mu    sync.Mutex
	asked time.Time
	n     int64
	known bool
}

// number is the number that counts; not ok where it is not known.
func (c *counted) number(ctx context.Context) (n int64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked.IsZero() || c.now().Sub(c.asked) >= countedFor {
		ctx, cancel := context.WithTimeout(ctx, redisPatience)
		defer cancel()
		n, err := c.ask(ctx)
		c.n, c.known, c.asked = n, err == nil, c.now()
	}
	return c.n, c.known
}
