package login

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"math"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/breaker"
	"itsme-bridge/provider/edge"
)

// The calls to CM, as metrics and log lines name them.
const (
	opStart  = "start"
	opStatus = "status"
)

// How many calls of a kind are under way at once in this process, and as many more that
// are late. With answers in a third of a second that is 750 calls a second. However many
// are late, some places are left for those that are not, so that the status calls of some
// who wait, and of whom CM does not tell, are not in the way of all others.
const (
	atOnce = 256
	spare  = atOnce / 8
)

// hangs is in how many times of being late a call ends at most. So there are no more than
// 2·atOnce + hangs·spare of a kind, and package itsme has connections for those.
const hangs = 8

// gates bound what a CM that is down or hangs costs. Each merchant token has a circuit
// breaker for starts: CM may fail for one alone. A status call fetches what somebody has
// approved, and is given up for no failure of another: it has the bound alone.
type gates struct {
	posts, statuses *breaker.Gate // calls under way, whosever
	refused         *prometheus.CounterVec
	fresh           func(token string) *breaker.Gate
	mac             func(label string, parts ...string) string

	mu      sync.Mutex
	starts  map[string]*breaker.Gate // by merchant token
	clients map[string][]string      // that have it, likewise
}

// How many logins in turn have had no answer when CM is taken for down: of people at two
// places at least; or of one alone, where it may be what one stranger asks for, and may be a
// whole office.
const (
	failures = 5
	alone    = 20
)

// newGates makes them. A call is late after the time that an answer should take: for a
// start that is all the time it has.
func newGates(c Config, mac func(label string, parts ...string) string, log *slog.Logger, now func() time.Time) *gates {
	bulkhead := breaker.Policy{Late: c.Upstream, First: time.Second, Longest: 5 * time.Second, AtOnce: atOnce, Spare: spare}
	policy, statuses := bulkhead, bulkhead
	policy.Failures, policy.Alone = failures, alone
	statuses.Late = max(c.Upstream, c.Status/hangs)
	g := &gates{
		posts: breaker.New(bulkhead, now, nil), statuses: breaker.New(statuses, now, nil),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "itsme_bridge_upstream_unasked_total", Help: "Calls to CM that were not made: it does not answer starts (breaker), or too many are under way (bulkhead).",
		}, []string{"operation", "reason"}),
		mac:    mac,
		starts: map[string]*breaker.Gate{},
	}
	g.fresh = func(token string) *breaker.Gate {
		return breaker.New(policy, now, func(s breaker.State) { tellState(log, s, g.names(token)...) })
	}
	for _, reason := range breaker.Reasons() {
		g.refused.WithLabelValues(opStart, string(reason))
	}
	g.refused.WithLabelValues(opStatus, string(breaker.Full))
	return g
}

// tellState says that CM does not answer, and that it does again, for a merchant token.
func tellState(log *slog.Logger, s breaker.State, names ...slog.Attr) {
	if s == breaker.Closed {
		log.LogAttrs(context.Background(), slog.LevelInfo, "CM answers again", names...)
		return
	}
	log.LogAttrs(context.Background(), slog.LevelWarn, "CM does not answer: it is asked by one start at a time until it does", names...)
}

// mostNamed is how many clients of a merchant token the log names.
const mostNamed = 10

// names are what the log says of a merchant token, which is a secret: where it stands in
// the configuration, and which clients have it.
func (g *gates) names(token string) []slog.Attr {
	g.mu.Lock()
	clients := g.clients[token]
	g.mu.Unlock()
	setting := "itsme.token"
	if token != "" {
		setting = "clients[].itsme_token"
	}
	return []slog.Attr{
		slog.String("setting", setting), slog.Int("clients", len(clients)),
		slog.String("client", strings.Join(clients[:min(len(clients), mostNamed)], " ")),
	}
}

// of is the gate of a merchant token.
func (g *gates) of(token string) *breaker.Gate {
	g.mu.Lock()
	defer g.mu.Unlock()
	gate, ok := g.starts[token]
	if !ok {
		gate = g.fresh(token)
		g.starts[token] = gate
	}
	return gate
}

// keep knows which clients have which merchant token now, and forgets the gates of all others.
func (g *gates) keep(clients map[string][]string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.clients = clients
	maps.DeleteFunc(g.starts, func(token string, _ *breaker.Gate) bool { return clients[token] == nil })
}

// start makes one POST to CM, if it may be made now. Otherwise the error is a
// [breaker.RefusalError], and CM was not asked.
func (g *gates) start(ctx context.Context, login string, s itsme.Start, made func() error) error {
	place, refusal := g.posts.Enter(login, "")
	if refusal != nil {
		return g.refuse(ctx, opStart, refusal)
	}
	defer place.Done(breaker.Unknown)
	call, refusal := g.of(s.Token).Enter(login, g.placeOf(ctx))
	if refusal != nil {
		return g.refuse(ctx, opStart, refusal)
	}
	outcome := breaker.Unknown // also where the call panics
	defer func() { call.Done(outcome) }()
	err := made()
	outcome = outcomeOf(ctx, s.PhoneNumber != "", err)
	return err
}

// placeOf is where a request comes from, as a keyed hash: a subscriber's line, or an IPv4
// address. By a loopback address come people of whom nobody has said where they are.
func (g *gates) placeOf(ctx context.Context) string {
	place := cmp.Or(edge.Line(ctx), edge.Address(ctx))
	address, err := netip.ParseAddr(place)
	if err != nil {
		var line netip.Prefix
		line, err = netip.ParsePrefix(place)
		address = line.Addr()
	}
	if place == "" || err == nil && (address.IsLoopback() || address.IsUnspecified()) { // ::1 is of the line ::/56
		return ""
	}
	return g.mac("gate", place)
}

// status makes one status call, likewise.
func (g *gates) status(ctx context.Context, login string, made func() error) error {
	place, refusal := g.statuses.Enter(login, "")
	if refusal != nil {
		return g.refuse(ctx, opStatus, refusal)
	}
	defer place.Done(breaker.Unknown)
	return made()
}

func (g *gates) refuse(ctx context.Context, operation string, why *breaker.RefusalError) error {
	edge.EventOf(ctx).Add(slog.String("upstream_unasked", string(why.Reason)))
	g.refused.WithLabelValues(operation, string(why.Reason)).Inc()
	return why
}

// outcomeOf is what a start says of CM. That our parameters are wrong is an answer. That
// CM stumbles over a phone number, which anybody may write into a login_hint, or is silent
// to one, says nothing, and neither does an answer for which our own store left no time.
func outcomeOf(ctx context.Context, hinted bool, err error) breaker.Outcome {
	told, ok := errors.AsType[*itsme.Error](err)
	switch {
	case err == nil, errors.Is(err, itsme.ErrRefused):
		return breaker.Answered
	case ok && told.Kind == itsme.BadAnswer && told.Status >= 400 && told.Status < 500:
		return breaker.Answered
	case ctx.Err() != nil, ok && hinted && (told.Sent() || told.Status != 0):
		return breaker.Unknown
	default: // 5xx, 429, nothing, or what is no answer of CM's
		return breaker.Failed
	}
}

// unasked is why CM was not asked, where that is what an error says.
func unasked(err error) (*breaker.RefusalError, bool) {
	return errors.AsType[*breaker.RefusalError](err)
}

// IsUnasked reports whether CM was not asked.
func IsUnasked(err error) bool { _, is := unasked(err); return is }

// againIn is when a page should look again for whom CM was not asked: not so soon that
// those who wait for CM are a load of their own.
func againIn(r *breaker.RefusalError) time.Duration {
	seconds := math.Ceil(r.Again.Seconds())
	return max(2*time.Second, time.Duration(seconds)*time.Second)
}

// collectors are the metrics of the gates.
func (g *gates) collectors() []prometheus.Collector {
	all := []prometheus.Collector{g.refused}
	all = append(all, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "itsme_bridge_upstream_breaker_open", Help: "Merchant tokens for which CM does not answer starts, which are not made until one has found out.",
	}, func() float64 { return float64(g.open()) }))
	for operation, gate := range map[string]*breaker.Gate{opStart: g.posts, opStatus: g.statuses} {
		all = append(all, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "itsme_bridge_upstream_under_way", Help: "Calls to CM that have not ended.", ConstLabels: prometheus.Labels{"operation": operation},
		}, func() float64 { return float64(gate.UnderWay()) }))
	}
	return all
}

// open is how many gates are not closed.
func (g *gates) open() (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, gate := range g.starts {
		if gate.State() != breaker.Closed {
			n++
		}
	}
	return n
}
