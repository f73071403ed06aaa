package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/keys"
	"itsme-bridge/provider/notbefore"
	"itsme-bridge/storage"
)

// agreement is what all replicas of a deployment agree on. It stands in Redis,
// sealed. The rules are in join, which is pure.
type agreement struct {
	Salt string               `json:"salt"` // fingerprint of the subjects' salt
	Keys map[string]time.Time `json:"keys"` // id of a master key → when a replica last said that it opens with it
}

// RefusedError says why a replica may not join a deployment. Waiting does not
// help: the configuration has to be changed.
type RefusedError struct{ Path, Text string }

// Error is what is wrong; what would be right.
func (e *RefusedError) Error() string { return e.Path + ": " + e.Text }

const (
	renewAfter  = 24 * time.Hour     // a replica repeats what it accepts so often
	forgetAfter = 7 * 24 * time.Hour // what nobody has repeated for so long, nobody accepts any more
)

// join is the agreement with a replica in it that has these keys, the current
// one first, and this salt. A key becomes current only after it was accepted,
// since a replica that does not accept it could not read what is sealed with it.
func (a agreement) join(ids []string, salt string, now time.Time) (joined agreement, changed bool, err error) {
	if a.Salt != "" && a.Salt != salt {
		return a, false, &RefusedError{"subjects.salt", fmt.Sprintf(
			"its fingerprint is %s, and this deployment's is %s; with another salt everybody is a stranger to every client, so find the right one", salt, a.Salt)}
	}
	if _, accepted := a.Keys[ids[0]]; len(a.Keys) > 0 && !accepted {
		return a, false, &RefusedError{"master_key.current", fmt.Sprintf(
			"the key %s was never accepted here (%s were); list it under master_key.accept on every replica first, beside the old current key, and make it current then",
			ids[0], strings.Join(slices.Sorted(maps.Keys(a.Keys)), ", "))}
	}
	joined = agreement{Salt: salt, Keys: map[string]time.Time{}}
	for id, said := range a.Keys {
		if now.Sub(said) < forgetAfter {
			joined.Keys[id] = said
		}
	}
	changed = a.Salt == "" || len(joined.Keys) != len(a.Keys)
	for _, id := range ids {
		if said, ok := a.Keys[id]; !ok || now.Sub(said) >= renewAfter {
			joined.Keys[id], changed = now, true
		}
	}
	return joined, changed, nil
}

// deployment is the agreement's place, and one replica's wish to join.
type deployment struct {
	cell keys.Cell
	ids  []string
	salt string
	now  func() time.Time

	lasting []*storage.Cell // what outlives every login and every token
}

func newDeployment(c *config.Config, store *storage.Store, now func() time.Time) deployment {
	return deployment{
		cell: store.Cell("deployment", cellLife), ids: store.Keyring().IDs(), salt: config.Fingerprint(c.Salt), now: now,
		lasting: []*storage.Cell{store.Cell("deployment", cellLife), keysCell(store), notbefore.Cell(store)},
	}
}

// reseal seals what lasts under our current key. Without it a master key that was given
// up, as is proper, when the last token was dead would be needed until somebody happened
// to write each of these again.
func (d deployment) reseal(ctx context.Context) error {
	for _, cell := range d.lasting {
		if err := cell.Reseal(ctx); err != nil {
			return d.understood(err)
		}
	}
	return nil
}

// check reports whether this replica may join. It changes nothing.
func (d deployment) check(ctx context.Context) error {
	found, _, err := d.load(ctx)
	if err != nil {
		return err
	}
	_, _, err = found.join(d.ids, d.salt, d.now())
	return err
}

// join says what this replica accepts, if it may. The error is a *RefusedError
// if it may not. Call it again within a day.
func (d deployment) join(ctx context.Context) error {
	for range 8 { // replicas that start together are in each other's way
		found, revision, err := d.load(ctx)
		if err != nil {
			return err
		}
		joined, changed, err := found.join(d.ids, d.salt, d.now().UTC().Truncate(time.Second))
		if err != nil || !changed {
			return err
		}
		data, err := json.Marshal(joined)
		if err != nil {
			return fmt.Errorf("app: encode the deployment: %w", err)
		}
		if done, err := d.cell.Swap(ctx, revision, data); err != nil || done {
			return err
		}
	}
	return keys.ErrContended
}

// understood says in the operator's words that something in Redis was sealed with
// a key that we do not have.
func (d deployment) understood(err error) error {
	if !errors.Is(err, storage.ErrUnknownKey) {
		return err
	}
	return &RefusedError{"master_key", fmt.Sprintf(
		"what is in Redis was sealed with another key than %s; list the old one under master_key.accept, or use another redis.prefix",
		strings.Join(d.ids, ", "))}
}

func (d deployment) load(ctx context.Context) (found agreement, revision string, err error) {
	data, revision, ok, err := d.cell.Load(ctx)
	switch {
	case err != nil:
		return found, "", d.understood(err)
	case !ok:
		return found, "", nil
	}
	if err := json.Unmarshal(data, &found); err != nil {
		return found, "", errors.New("app: the deployment's record in Redis cannot be read: it may be a newer version's")
	}
	return found, revision, nil
}
