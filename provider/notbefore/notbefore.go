package notbefore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync/atomic"
	"time"

	"itsme-bridge/storage"
)

// Times says up to when logins do not count any more, whatever came of them.
// It looks at the login, which no refresh renews: a replica that has not heard
// of it yet makes nothing that outlives it.
type Times struct {
	All     time.Time            `json:"all,omitzero"`
	Clients map[string]time.Time `json:"clients,omitempty"` // by client id
}

// life is longer than anything that came of a login can live. An older
// entry says nothing any more.
const life = 400 * 24 * time.Hour

// Refuses reports whether a person's login at a client does not count. A login
// counts by the second, and in doubt it is refused.
func (n Times) Refuses(client string, authTime time.Time) bool {
	return !authTime.After(n.All) || !authTime.After(n.Clients[client])
}

// With also refuses the logins of a client up to a time, or of all clients ("").
// No entry ever moves back. Those that say nothing any more are left out.
func (n Times) With(client string, at time.Time) Times {
	all, clients := n.All, maps.Clone(n.Clients)
	switch {
	case client == "":
		all = later(all, at)
	case clients == nil:
		clients = map[string]time.Time{client: at}
	default:
		clients[client] = later(clients[client], at)
	}
	maps.DeleteFunc(clients, func(_ string, entry time.Time) bool {
		return !entry.After(all) || at.Sub(entry) > life
	})
	return Times{all, clients}
}

// and refuses what either of them refuses.
func (n Times) and(other Times) Times {
	n = n.With("", other.All)
	for client, at := range other.Clients {
		n = n.With(client, at)
	}
	return n
}

func (n Times) equal(other Times) bool {
	return n.All.Equal(other.All) && maps.EqualFunc(n.Clients, other.Clients, time.Time.Equal)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Cell is where all replicas find it.
func Cell(s *storage.Store) *storage.Cell { return s.Cell("not-before", life) }

// ErrContended says that others changed the not-before each time we tried.
var ErrContended = errors.New("provider: others changed the not-before each time we tried")

// Set refuses all logins of a client up to now, or those of all clients
// (""): their codes, access tokens and refresh tokens. It returns up to when they
// are refused from here on, which is later than now if somebody has said so.
// Replicas follow with their next [Gate.Refresh].
//
// Now is the clock of whoever calls, and a login has its replica's: where those
// differ, so does what counts as before.
func Set(ctx context.Context, s *storage.Store, client string, now time.Time) (time.Time, error) {
	cell := Cell(s)
	for range 8 { // operators are rarely in each other's way
		was, revision, err := load(ctx, cell)
		if err != nil {
			return time.Time{}, err
		}
		is := was.With(client, now.UTC())
		if done, err := is.swap(ctx, cell, revision); err != nil || done {
			return later(is.All, is.Clients[client]), err
		}
	}
	return time.Time{}, ErrContended
}

func load(ctx context.Context, cell *storage.Cell) (found Times, revision string, err error) {
	data, revision, ok, err := cell.Load(ctx)
	if err != nil || !ok {
		return Times{}, "", err
	}
	if json.Unmarshal(data, &found) != nil { // and so it is not replaced either
		return Times{}, "", errors.New("provider: the not-before in Redis cannot be read: it may be a newer version's")
	}
	return found, revision, nil
}

func (n Times) swap(ctx context.Context, cell *storage.Cell, revision string) (done bool, err error) {
	data, err := json.Marshal(n)
	if err != nil {
		return false, fmt.Errorf("provider: encode the not-before: %w", err)
	}
	return cell.Swap(ctx, revision, data)
}

// Gate knows up to when logins do not count.
type Gate struct {
	cell  *storage.Cell
	known atomic.Pointer[Times] // nil: not loaded yet
}

// New makes one that has not looked yet: see [Gate.Refresh].
func New(s *storage.Store) *Gate { return &Gate{cell: Cell(s)} }

// Refresh loads what [Set] wrote. When it fails, the gate goes on with
// what it has; and what it has seen it never forgets. If Redis does, it gets it
// back, for replicas that have not seen it. Call it before the first request, and
// then every few seconds.
//
// The first call writes what it has found, under the server key of now: nothing
// else would, before an old key is taken away. If somebody else writes at the
// same instant, the next call sees to what is missing.
func (g *Gate) Refresh(ctx context.Context) error {
	found, revision, err := load(ctx, g.cell)
	if err != nil {
		return err
	}
	known, is, write := g.known.Load(), found, revision != ""
	if known != nil {
		is = known.and(found)
		write = !is.equal(found)
		g.known.Store(&is) // whatever becomes of the write
	}
	if write {
		if _, err := is.swap(ctx, g.cell, revision); err != nil {
			return err
		}
	}
	g.known.Store(&is)
	return nil
}

// Times are what the gate knows.
func (g *Gate) Times() Times {
	if known := g.known.Load(); known != nil {
		return *known
	}
	return Times{}
}

// Since are the entries of n that were not there before, or earlier. The others have nothing new to say.
func (n Times) Since(before Times) Times {
	var fresh Times
	if n.All.After(before.All) {
		fresh.All = n.All
	}
	for client, at := range n.Clients {
		if at.After(before.Clients[client]) {
			fresh = fresh.With(client, at)
		}
	}
	return fresh
}

// Revoked reports whether a login at a client does not count any more.
func (g *Gate) Revoked(client string, authTime time.Time) bool {
	known := g.known.Load()
	return known != nil && known.Refuses(client, authTime)
}
