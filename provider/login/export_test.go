package login

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/breaker"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/ledger"
	"itsme-bridge/storage"
)

// NewMetrics registers the metrics of logins.
func NewMetrics(registerer prometheus.Registerer, open opener, now func() time.Time) (*metrics, error) {
	return newMetrics(registerer, open, nil, now)
}

// Register says which clients there are.
func (m *metrics) Register(clients ...string) { m.register(clients) }

// Login counts what became of a login.
func (m *metrics) Login(client, outcome string) { m.login(client, outcome) }

// Transaction counts what became of a transaction.
func (m *metrics) Transaction(client, end string) { m.transaction(client, end) }

// Step counts what happened on the way.
func (m *metrics) Step(client, step string) { m.step(client, Step(step)) }

// Began counts a login that begins.
func (m *metrics) Began(client string) { m.began(client) }

// Upstream counts one call to CM.
func (m *metrics) Upstream(operation, result string, took time.Duration) {
	m.upstream(operation, result, took)
}

// Judged is what [judge] makes of an answer of CM.
type Judged struct {
	Login Login
	Said  State
	Pause time.Duration
}

// Judge decides what CM's answer means for a login.
func Judge(l Login, result itsme.Result, err error, now time.Time) Judged {
	d := judge(&l, result, err, now)
	return Judged{d.login, d.said, d.pause}
}

// Success is what is said of an approval.
const Success = success

// NewHolds holds so many requests at once.
func NewHolds(many int, lease time.Duration) *holds { return newHolds(many, lease) }

// Hold is a request that waits for a login for ever. For each look it says whether it is held, and
// at the end when the page comes back.
func (h *holds) Hold(r *http.Request, login string, looked chan<- bool, pause time.Duration) (back time.Duration) {
	_ = h.hold(httptest.NewRecorder(), r, func(_ http.ResponseWriter, r *http.Request) error {
		show := func() { back = comesBackIn(r, pause) }
		isHeld := keeps(r, login, pause, show)
		if !isHeld {
			show()
		}
		looked <- isHeld
		return nil
	})
	return back
}

// Tabs are the requests that are held for a login.
func (h *holds) Tabs(login string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tabs[login]
}

// Hurry lets them go.
func (h *holds) Hurry() { (&Logins{holds: h}).Hurry() }

// TrailOf gives an answer one trail after the other, each of a login in a language, and
// is the language in the trail that a browser then brings.
func TrailOf(issuer edge.Issuer, w http.ResponseWriter, locales ...string) string {
	t := trails{issuer: issuer, keyring: storage.NewKeyring(storage.NewKey()), now: time.Now}
	for _, locale := range locales {
		t.give(w, []step{{Login: "login", Locale: locale}})
	}
	r := new(http.Request)
	for _, cookie := range (&http.Response{Header: w.Header()}).Cookies() {
		r.Header = http.Header{"Cookie": append(r.Header["Cookie"], cookie.Name+"="+cookie.Value)}
	}
	found, _ := t.step(r, "login")
	return found.Locale
}

// OutcomeOf is what a start says of CM: see [outcomeOf].
func OutcomeOf(ctx context.Context, hinted bool, err error) breaker.Outcome {
	return outcomeOf(ctx, hinted, err)
}

// Gates are those of a CM that fails for everybody.
type Gates struct{ gates *gates }

// NewGates makes them.
func NewGates() Gates {
	return Gates{newGates(Config{Upstream: time.Second, Status: time.Second}, nil, slog.New(slog.DiscardHandler), time.Now)}
}

// Hanging is how many status calls are under way at most where each takes all the time it has.
func Hanging(c Config) (made int) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	end := now.Add(c.Status)
	g := newGates(c, nil, slog.New(slog.DiscardHandler), func() time.Time { return now })
	var hang func() error
	hang = func() error {
		for made++; now.Before(end); now = now.Add(c.Upstream) { // until the first one ends
			if err := g.status(context.Background(), strconv.Itoa(made), hang); !IsUnasked(err) {
				return err
			}
		}
		return nil
	}
	_ = hang()
	return made - 1
}

// Start asks with a merchant token, and reports whether CM was asked.
func (g Gates) Start(token, login string) (asked bool) {
	_ = g.gates.start(context.Background(), login, itsme.Start{Token: token}, func() error { asked = true; return itsme.ErrUnavailable })
	return asked
}

// Deep makes calls, each while those before are under way, until one is refused, and is how many
// were made and how many are left under way at the end.
func (g Gates) Deep(status bool) (made, left int) {
	var one func() error
	one = func() error {
		login := strconv.Itoa(made)
		made++
		switch {
		case made > 999:
			return nil
		case status:
			return g.gates.status(context.Background(), login, one)
		default:
			return g.gates.start(context.Background(), login, itsme.Start{Token: login}, one)
		}
	}
	_ = one()
	return made - 1, g.gates.posts.UnderWay() + g.gates.statuses.UnderWay()
}

// Keep forgets all others than these tokens, and is how many are left.
func (g Gates) Keep(clients ...client.Client) int {
	byID, ids := map[string]*client.Client{}, []string(nil)
	for _, c := range clients {
		byID[c.ID] = &c
		ids = append(ids, c.ID)
	}
	registry := client.NewRegistry(nil)
	registry.Replace(byID)
	(&desk{clients: registry, gates: g.gates}).registered(ids)
	return len(g.gates.starts)
}

// Desk is where CM is spoken to, by itself.
type Desk struct{ desk *desk }

// NewDesk makes one that knows no client.
func NewDesk(u Upstream, c Config, issuer edge.Issuer, now func() time.Time) Desk {
	counted, _ := newMetrics(nil, nil, nil, now)
	return Desk{&desk{
		upstream: u, timeout: c.Status, clients: client.NewRegistry(nil), metrics: counted, log: slog.New(slog.DiscardHandler), now: now,
		proofs: &proofs{issuer: issuer, keyring: storage.NewKeyring(storage.NewKey()), shape: ReturnPath},
		gates:  newGates(c, nil, slog.New(slog.DiscardHandler), now),
	}}
}

// Start asks for a transaction, and says what is known of it.
func (d Desk) Start(ctx context.Context, l *Login) (Transaction, ledger.Word, error) {
	return d.desk.start(ctx, storage.NewHandle(), l)
}

// Crowd takes all places of starts until it is told to leave them.
func (d Desk) Crowd() (leave func()) {
	there, over := make(chan struct{}, atOnce), make(chan struct{})
	var all sync.WaitGroup
	for n := range atOnce {
		all.Go(func() {
			_ = d.desk.gates.start(context.Background(), strconv.Itoa(n), itsme.Start{}, func() error { there <- struct{}{}; <-over; return nil })
		})
	}
	for range atOnce {
		<-there
	}
	return func() { close(over); all.Wait() }
}

// Shortened is a login as it is kept.
func Shortened(l Login) Login { l.shorten(); return l }
