package ledger

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"itsme-bridge/provider/client"
	"itsme-bridge/storage"
)

// End is how a login ended.
type End struct {
	Client   string
	Outcome  string // one of [Outcomes]
	Login    string // its id, as in the log; empty where a browser session answered
	Attempts int
	Duration time.Duration // from its beginning; zero where nobody saw the end, or it began in a version before this one
}

// Closed is a login of which nothing more was heard.
type Closed struct {
	End           // without an outcome where the login was over before, and only an attempt of it was not
	Late []string // what became of the attempts of which nobody had said how they end
}

// Register says which clients there are now.
func (l *Ledger) Register(clients map[string]*client.Client) {
	now := make(map[string]time.Duration, len(clients))
	for id, c := range clients {
		now[id] = c.Deadline
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clients = now
}

func (l *Ledger) registered() map[string]time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.clients
}

// CollectEvery is how often to call Collect.
const CollectEvery = time.Minute

// Collect counts the transactions of logins of which nothing can become any more,
// by what was said of them last, and tells of the logins that nobody had said to
// be over. All replicas call it; each transaction is counted, and each login told,
// by one of them.
func (l *Ledger) Collect(ctx context.Context, tell func(Closed)) error {
	known := slices.Collect(maps.Keys(l.registered()))
	clients, problem := l.tally.Register(ctx, l.now(), known)
	if problem != nil { // in a Cluster that node may not be there, and others are
		clients = known
	}
	return errors.Join(problem, l.tally.Collect(ctx, l.now(), clients, func(c storage.Collected) { tell(closedOf(&c)) }))
}

// closedOf reads what was collected.
func closedOf(c *storage.Collected) Closed {
	login, _, _ := strings.Cut(c.ID, ".")
	closed := Closed{End: End{Client: c.Subject, Login: login, Attempts: len(c.Words)}}
	for _, word := range c.Words {
		if w := Word(word); w != Same && !w.Final() {
			closed.Late = append(closed.Late, w.Transaction())
		}
	}
	if !c.Over && len(c.Words) > 0 {
		closed.Outcome = Word(c.Words[len(c.Words)-1]).Outcome()
	}
	return closed
}

// Open is how many logins are under way now, in the whole deployment: their
// deadline is not over, and nobody has said how they ended.
func (l *Ledger) Open(ctx context.Context) (int, error) {
	return l.tally.Open(ctx, l.registered(), l.now().Add(closing))
}
