package doctor

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/echo"
	"itsme-bridge/provider/discovery"
	"itsme-bridge/provider/edge"
)

// ear hears what of a request arrives at the bridge.
type ear interface {
	Expect(ctx context.Context, a echo.Answer) (word string, err error)
	Arrived(ctx context.Context, word string) ([]echo.Arrival, error)
}

// bridge is the one behind the issuer: it runs, or this process stands in for it.
type bridge struct {
	running *echo.Running // nil: none runs that says so
	at      string        // its operations listener
	standIn bool
	ear     ear    // nil: nobody hears
	deaf    string // why not
	advice  string
}

const none = "no bridge runs here"

// findBridge asks the operations listener; and where nobody has the public one, it
// listens there itself for as long as the checks take.
func (p *patient) findBridge(ctx context.Context) bridge {
	b := bridge{at: local(p.settings.Operations.Listen)}
	if b.at != "" {
		remote := echo.Remote{Address: b.at}
		asking, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		running, err := remote.Running(asking)
		switch {
		case err == nil:
			b.running, b.ear = &running, remote
			return b
		case errors.Is(err, echo.ErrNone):
			b.deaf, b.advice = "what answers at "+b.at+" is no bridge of this version", "upgrade the bridge, or look at operations.listen"
			return b
		}
	}
	stand, err := p.standIn(ctx)
	if err != nil {
		b.deaf = fmt.Sprintf("%s is taken, and no bridge answers at %s", p.settings.Server.Listen, orElse(b.at, "operations.listen, which is off"))
		b.advice = "write operations.listen where the bridge runs, or run doctor before it is started, as a user who may listen there"
		return b
	}
	b.standIn, b.ear = true, stand
	return b
}

// local is where a listener of this machine is asked.
func local(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if ip, bad := netip.ParseAddr(host); err == nil && (host == "" || bad == nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
		if ip.Is6() {
			host = "::1"
		}
		return net.JoinHostPort(host, port)
	}
	return listen
}

// inside is an echo of this process as an ear.
type inside struct{ *echo.Echo }

func (i inside) Expect(_ context.Context, a echo.Answer) (string, error) {
	return i.Echo.Expect(a), nil
}

func (i inside) Arrived(_ context.Context, word string) ([]echo.Arrival, error) {
	return i.Echo.Arrived(word), nil
}

// standIn listens where the bridge will. It serves discovery, and nothing else.
func (p *patient) standIn(ctx context.Context) (ear, error) {
	hears, err := echo.New(p.settings.Provider.Issuer, p.settings.Provider.TrustedProxies, p.Now)
	if err != nil {
		return nil, err
	}
	body, err := p.described()
	if err != nil {
		return nil, err
	}
	secured, err := app.Certificate(p.settings.Server.Certificate)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", p.settings.Server.Listen)
	if err != nil {
		return nil, err
	}
	document := edge.NewDocument(body)
	server := &http.Server{
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 20 * time.Second, WriteTimeout: 20 * time.Second, MaxHeaderBytes: app.MaxHeader,
		TLSConfig: secured,
		Handler: hears.Watch(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == p.url.Path+discoveryPath {
				p.issuer.Publish(w, r, document, discovery.MaxAge)
				return
			}
			http.NotFound(w, r)
		})),
	}
	serve := func() error { return server.Serve(listener) }
	if secured != nil {
		serve = func() error { return server.ServeTLS(listener, "", "") }
	}
	go func() { _ = serve() }() // it ends with close
	p.later(func() { _ = server.Close() })
	return inside{hears}, nil
}

func checkRunning(_ context.Context, p *patient) []Finding {
	b := p.bridge()
	switch {
	case b.standIn:
		return one(skip(none + "; for as long as this takes, doctor listens at " + p.settings.Server.Listen + " in its place"))
	case b.running == nil:
		return one(cannot(b.deaf, b.advice))
	case b.running.Version != p.Version:
		return one(warn(fmt.Sprintf("the bridge that runs is %s, and this program is %s", b.running.Version, p.Version), "restart the bridge, or use the program that it runs"))
	}
	return one(fine("the bridge at %s is %s, as this program", b.at, p.Version))
}

func checkDrift(_ context.Context, p *patient) []Finding {
	b := p.bridge()
	switch {
	case b.running == nil:
		return one(skip(none))
	case !app.SameText(p.settings, b.running.Configuration):
		return one(warn("the bridge that runs has read another text than "+p.File+" has now", "send it SIGHUP for clients and certificates, or restart it for everything else"))
	}
	return one(fine("the bridge that runs has read %s as it is", p.File))
}

// told is what /readyz and /health say.
type told struct {
	Problems map[string]string `json:"problems"`
	Degraded map[string]string `json:"degraded"`
	Warnings map[string]string `json:"warnings"`
}

// checkState asks the operations listener one of its questions.
func checkState(path string) func(context.Context, *patient) []Finding {
	return func(ctx context.Context, p *patient) []Finding {
		b := p.bridge()
		if b.running == nil {
			return one(skip(none))
		}
		status, said, err := b.state(ctx, path)
		var saw []string
		for _, of := range []map[string]string{said.Problems, said.Degraded, said.Warnings} {
			for what, text := range of {
				saw = append(saw, what+": "+text)
			}
		}
		text := strings.Join(saw, "; ")
		switch {
		case err != nil:
			return one(bad(path+" does not answer: "+err.Error(), "look at the log of the bridge"))
		case status != http.StatusOK:
			return one(bad(fmt.Sprintf("%s answers %d: %s", path, status, text), "see the checks of what it names, and the log of the bridge"))
		case text != "":
			return one(warn(path+": "+text, "see the checks of what it names"))
		}
		return one(fine("%s answers that all is well", path))
	}
}

// openBreakers is the metric of the merchant tokens for which CM is not asked.
const openBreakers = "itsme_bridge_upstream_breaker_open"

// checkAsking looks at whether the bridge has given CM up for a while.
func checkAsking(ctx context.Context, p *patient) []Finding {
	b := p.bridge()
	if b.running == nil {
		return one(skip(none))
	}
	open, err := b.metric(ctx, openBreakers)
	switch {
	case err != nil:
		return one(cannot("/metrics does not tell: "+err.Error(), "look at the log of the bridge"))
	case open > 0:
		return one(warn(fmt.Sprintf("CM gives no answer to starts with %.0f of the merchant tokens, so that people are told to come back later", open),
			"look at cm.reached, and at the clients in the log of the bridge, beside: CM does not answer"))
	}
	return one(fine("CM is asked with every merchant token"))
}

// metric is the value of one that has no labels (Prometheus's text format).
func (b bridge) metric(ctx context.Context, name string) (float64, error) {
	body, _, err := b.get(ctx, "/metrics")
	if err != nil {
		return 0, err
	}
	defer func() { _ = body.Close() }() // it has been read
	lines := bufio.NewScanner(io.LimitReader(body, mostMetrics))
	for lines.Scan() {
		if value, found := strings.CutPrefix(lines.Text(), name+" "); found {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, errors.Join(errors.New("there is no "+name), lines.Err())
}

// mostMetrics is how much of the metrics is read, in bytes: there are some for each client.
const mostMetrics = 64 << 20

func (b bridge) state(ctx context.Context, path string) (status int, said told, err error) {
	body, status, err := b.get(ctx, path)
	if err != nil {
		return 0, said, err
	}
	defer func() { _ = body.Close() }() // it has been read
	return status, said, json.NewDecoder(io.LimitReader(body, most)).Decode(&said)
}

// get asks the operations listener.
func (b bridge) get(ctx context.Context, path string) (body io.ReadCloser, status int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+b.at+path, http.NoBody)
	if err != nil {
		return nil, 0, err
	}
	got, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		return nil, 0, err
	}
	return got.Body, got.StatusCode, nil
}
