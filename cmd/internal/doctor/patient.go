package doctor

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/itsme"
	"itsme-bridge/keys"
	"itsme-bridge/provider"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/remote"
	"itsme-bridge/storage"
)

// patient is what is looked at. What several checks look at is asked once, by the first.
type patient struct {
	Options
	settings *config.Config
	issuer   edge.Issuer
	url      *url.URL // the issuer

	redis      func() (*storage.Examiner, error) // a Redis that works
	inspection func() app.Inspection
	servers    func() ([]storage.Server, error)
	cm         func() (itsme.Glance, error)
	signing    func() ([]keys.Info, error)
	described  func() ([]byte, error) // discovery, as it has to be
	bridge     func() bridge
	discovery  func() (answer, error)
	arriving   func() arriving
	outbound   *remote.Client

	closing sync.Mutex
	opened  []func()
}

func newPatient(ctx context.Context, o Options, c *config.Config) *patient {
	p := &patient{Options: o, settings: c}
	p.issuer, _ = edge.NewIssuer(c.Provider.Issuer) // it is one: the configuration has no problem
	p.url, _ = url.Parse(c.Provider.Issuer)
	if p.Lookup == nil {
		p.Lookup = net.DefaultResolver.LookupHost
	}
	if p.Dial == nil {
		p.Dial = new(net.Dialer).DialContext
	}
	roots, _ := c.Outbound.RootCAs() // the file was read a moment ago
	p.outbound = remote.New(remote.Options{Reachable: c.Outbound.Reachable, RootCAs: roots})
	p.redis = sync.OnceValues(func() (*storage.Examiner, error) { return p.openRedis(ctx) })
	p.inspection = sync.OnceValue(func() app.Inspection {
		ctx, cancel := context.WithTimeout(ctx, 8*time.Second)
		defer cancel()
		return app.Inspect(ctx, c, o.Now)
	})
	p.servers = sync.OnceValues(func() ([]storage.Server, error) {
		x, err := p.redis()
		if err != nil {
			return nil, err
		}
		return x.Servers(ctx)
	})
	p.cm = sync.OnceValues(func() (itsme.Glance, error) {
		upstream, err := itsme.New(c.Upstream)
		if err != nil {
			return itsme.Glance{}, err
		}
		return upstream.Look(ctx)
	})
	p.signing = sync.OnceValues(func() ([]keys.Info, error) { return p.listKeys(ctx) })
	p.described = sync.OnceValues(func() ([]byte, error) { return provider.Discovery(c.Provider, c.Clients, p.published()) })
	p.bridge = sync.OnceValue(func() bridge { return p.findBridge(ctx) })
	p.discovery = sync.OnceValues(func() (answer, error) {
		p.bridge() // which may have to be played
		return p.ask(ctx, question{path: discoveryPath, header: map[string]string{"Accept-Encoding": "gzip"}})
	})
	p.arriving = sync.OnceValue(func() arriving { return p.firstArrival(ctx) })
	return p
}

// openRedis finds out whether Redis works, in the operator's words if not.
func (p *patient) openRedis(ctx context.Context) (*storage.Examiner, error) {
	options, err := p.settings.Redis.Reveal()
	if err != nil {
		return nil, err
	}
	x, err := storage.Examine(options, storage.NewKeyring(p.settings.MasterKey.Current, p.settings.MasterKey.Accept...))
	if err != nil {
		return nil, err
	}
	p.later(func() { _ = x.Close() })
	ctx, cancel := context.WithTimeout(ctx, 8*time.Second)
	defer cancel()
	if err := x.Ping(ctx); err != nil {
		return nil, refusal(x, err)
	}
	return x, nil
}

// refusedError is a refusal of Redis in the operator's words.
type refusedError struct{ storage.Refusal }

func (e refusedError) Error() string { return e.Text }

// refusal is an error in the operator's words, where Redis itself has refused.
func refusal(x *storage.Examiner, err error) error {
	if why, ok := x.RefusalIn(err); ok {
		return refusedError{why}
	}
	return err
}

// ofRedis is the finding of an error that a check of Redis meets.
func ofRedis(err error) Finding {
	if refused, ok := errors.AsType[refusedError](err); ok {
		saw, advice, _ := strings.Cut(refused.Text, "; ")
		if refused.Setting != "" {
			saw = "redis." + refused.Setting + ": " + saw
		}
		return bad(saw, orElse(advice, "wait, or look at Redis itself"))
	}
	return bad("it does not answer: "+err.Error(), "start Redis, and look at redis.addresses, at redis.tls and at what stands between")
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func (p *patient) listKeys(ctx context.Context) ([]keys.Info, error) {
	signing, err := app.OpenSigningKeys(ctx, p.settings, p.Now)
	if err != nil {
		return nil, err
	}
	defer signing.Close()
	return signing.List(ctx)
}

// later is what is to be done at the end.
func (p *patient) later(f func()) {
	p.closing.Lock()
	defer p.closing.Unlock()
	p.opened = append(p.opened, f)
}

func (p *patient) close() {
	p.closing.Lock()
	defer p.closing.Unlock()
	for _, f := range p.opened {
		f()
	}
}
