package echo

import (
	"crypto/rand"
	"crypto/sha256"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"itsme-bridge/provider/edge"
)

// The bounds of what is awaited.
const (
	life     = time.Minute // of a word
	most     = 64          // words at a time
	arrivals = 4           // that are kept of each
)

// Arrival is what came with a word, as the bridge saw it.
type Arrival struct {
	Number    string   `json:"number"`  // of this arrival alone; the answer carries it, too
	Peer      string   `json:"peer"`    // host:port that connected
	Trusted   bool     `json:"trusted"` // the peer is one of trusted_proxies
	Address   string   `json:"address"` // whom the request comes from, as far as limits care
	Forwarded []string `json:"forwarded,omitempty"`

	Method     string `json:"method"`
	Host       string `json:"host"`
	Authorized bool   `json:"authorized"` // Authorization is what [Authorization] makes
	Line       int    `json:"line"`       // bytes of the request's target
	Header     int    `json:"header"`     // bytes of all fields of the header
	Cookies    int    `json:"cookies"`
	Body       int    `json:"body"` // bytes; of requests that are answered here
}

// Authorization is the field that a doctor sends with a word.
func Authorization(word string) string { return "Bearer doctor-" + word }

// Echo awaits words. It is safe for concurrent use.
type Echo struct {
	issuer    edge.Issuer
	addresses *edge.Addresses
	now       func() time.Time

	open atomic.Int32 // words that are awaited: 0 costs a request nothing
	mu   sync.Mutex
	kept map[[sha256.Size]byte]*awaited
	made uint64
}

type awaited struct {
	answer Answer
	until  time.Time
	number uint64 // of the word, counted
	came   []Arrival
}

// New makes an echo of an issuer, behind these proxies.
func New(issuer string, proxies []string, now func() time.Time) (*Echo, error) {
	named, err := edge.NewIssuer(issuer)
	if err != nil {
		return nil, err
	}
	addresses, err := edge.NewAddresses(proxies, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return &Echo{issuer: named, addresses: addresses, now: now, kept: map[[sha256.Size]byte]*awaited{}}, nil
}

// Expect makes a word, and awaits it for a minute, or until there are too many that are newer.
func (e *Echo) Expect(answer Answer) (word string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.forget()
	if len(e.kept) >= most {
		e.drop()
	}
	word = rand.Text()
	e.made++
	e.kept[hashOf(word)] = &awaited{answer: answer, until: e.now().Add(life), number: e.made}
	e.open.Store(int32(len(e.kept))) //nolint:gosec // G115: it is small
	return word
}

// drop forgets the oldest word.
func (e *Echo) drop() {
	var oldest [sha256.Size]byte
	least := uint64(math.MaxUint64)
	for hash, w := range e.kept {
		if w.number < least {
			oldest, least = hash, w.number
		}
	}
	delete(e.kept, oldest)
}

// Arrived is what came with a word so far.
func (e *Echo) Arrived(word string) []Arrival {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.forget()
	if w := e.kept[hashOf(word)]; w != nil {
		return append([]Arrival{}, w.came...)
	}
	return nil
}

// note keeps an arrival, if its word is awaited, and says how it is to be answered.
func (e *Echo) note(word string, a Arrival) (answer Answer, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.forget()
	w := e.kept[hashOf(word)]
	if w == nil || len(w.came) >= arrivals {
		return "", false
	}
	w.came = append(w.came, a)
	return w.answer, true
}

// measured keeps how long the body of an arrival was.
func (e *Echo) measured(word, number string, size int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if w := e.kept[hashOf(word)]; w != nil {
		for i := range w.came {
			if w.came[i].Number == number {
				w.came[i].Body = size
			}
		}
	}
}

// forget drops the words whose minute is over.
func (e *Echo) forget() {
	now := e.now()
	for hash, w := range e.kept {
		if !now.Before(w.until) {
			delete(e.kept, hash)
		}
	}
	e.open.Store(int32(len(e.kept))) //nolint:gosec // G115: it is small
}

// hashOf makes it of no use to compare the time that a look-up takes.
func hashOf(word string) [sha256.Size]byte { return sha256.Sum256([]byte(word)) }
