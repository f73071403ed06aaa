package storage

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// cellBucket holds all cells; a cell's name is its id.
const cellBucket = "cell"

// Cell is one value for the whole deployment, sealed under the server's key and
// changed by compare-and-swap only.
type Cell struct {
	store *Store
	name  string
	ttl   time.Duration
}

// Cell makes a cell. It lives for ttl after the last Load or Swap.
func (s *Store) Cell(name string, ttl time.Duration) *Cell {
	return &Cell{store: s, name: name, ttl: ttl}
}

func (c *Cell) key() string { return c.store.key(cellBucket, c.name) }

func (c *Cell) handle() Handle { return HandleOf(c.name, "") }

func (c *Cell) check() error {
	if c.ttl < time.Millisecond {
		return errTTL
	}
	return checkID(c.name)
}

// loadScript is GETEX, which Redis knows since 6.2 only.
const loadScript = `
local held = redis.call('GET', KEYS[1])
if held then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return held`

// Load reads the cell. The revision is opaque, for Swap. A value that does not open
// is an error, never absent: it must not be overwritten.
func (c *Cell) Load(ctx context.Context) (data []byte, revision string, ok bool, err error) {
	if err := c.check(); err != nil {
		return nil, "", false, failed("load "+c.name, err)
	}
	found, err := c.store.askTwice(ctx, loadScript, []string{c.key()}, c.ttl.Milliseconds())
	if errors.Is(err, redis.Nil) {
		return nil, "", false, nil
	}
	if err != nil {
		return nil, "", false, unavailable("load "+c.name, err)
	}
	text, err := found.Text()
	if err != nil {
		return nil, "", false, failed("load "+c.name, errReply)
	}
	raw := []byte(text)
	data, ok, err = c.store.keys.open(cellBucket, c.handle(), raw)
	if err == nil && !ok {
		err = ErrDamaged
	}
	if err != nil {
		return nil, "", false, failed("load "+c.name, err)
	}
	return data, string(raw[:headerSize]), true, nil
}

// Swap writes the cell if it still is at the revision ("": if it is absent), under
// the current key. Not ok: somebody was faster. Like Do, it is sent again once.
func (c *Cell) Swap(ctx context.Context, revision string, data []byte) (ok bool, err error) {
	if err := c.check(); err != nil {
		return false, failed("swap "+c.name, err)
	}
	sealed := c.store.keys.seal(cellBucket, c.handle(), data)
	done, err := c.store.twice(ctx, commitScript, []string{c.key()},
		verbReplace, revision, sealed, c.ttl.Milliseconds())
	if err != nil {
		return false, unavailable("swap "+c.name, err)
	}
	return done == 1, nil
}

// Reseal seals the cell anew under the current key, unless it is so already. Then a key
// that is only accepted is needed for nothing in it any more. Somebody who is faster
// seals it under his own current key: that is no error.
func (c *Cell) Reseal(ctx context.Context) error {
	data, revision, ok, err := c.Load(ctx)
	if err != nil || !ok || revision[1:1+keyIDSize] == string(c.store.keys.keys[0].id[:]) {
		return err
	}
	_, err = c.Swap(ctx, revision, data)
	return err
}
