package app

import (
	"context"
	"log/slog"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/keys"
)

// KeyChange is what has become of a signing key.
type KeyChange struct {
	keys.Info
	Was keys.State // empty: there was no such key
}

// Gone is the state of a key whose time is over: nothing remembers it any more.
const Gone keys.State = "gone"

// KeyChanges are those between two lists.
func KeyChanges(before, after []keys.Info) (changes []KeyChange) {
	find := func(list []keys.Info, id string) keys.Info {
		for _, k := range list {
			if k.ID == id {
				return k
			}
		}
		return keys.Info{}
	}
	for _, is := range after {
		if was := find(before, is.ID); was.State != is.State {
			changes = append(changes, KeyChange{is, was.State})
		}
	}
	for _, was := range before {
		if find(after, was.ID).ID == "" {
			was, state := was, was.State
			was.State = Gone
			changes = append(changes, KeyChange{was, state})
		}
	}
	return changes
}

// followKeys keeps up with what becomes of the keys, whoever has done it: time,
// another replica, an operator. What fails again and again is said once.
func (a *App) followKeys(ctx context.Context) {
	seen, failing := a.ring.List(), false
	a.ring.Run(ctx, config.RefreshKeysEvery, func(err error) {
		if err != nil {
			a.metrics.refreshFailures.Inc()
			if !failing {
				a.log.LogAttrs(ctx, slog.LevelWarn, "the signing keys could not be refreshed", slog.String("cause", err.Error()))
			}
		}
		failing = err != nil
		is := a.ring.List()
		for _, change := range KeyChanges(seen, is) {
			a.tellKey(ctx, change)
		}
		seen = is
	})
}

// tellKey names a key that has changed. One that is revoked was somebody's decision, in haste perhaps.
func (a *App) tellKey(ctx context.Context, k KeyChange) {
	a.auditKey(k)
	level := slog.LevelInfo
	if k.State == keys.Revoked {
		level = slog.LevelWarn
	}
	attrs := []slog.Attr{slog.String("kid", k.ID), slog.String("alg", string(k.Algorithm)), slog.String("state", string(k.State))}
	if k.Was != "" {
		attrs = append(attrs, slog.String("was", string(k.Was)))
	}
	if k.State == keys.Next {
		attrs = append(attrs, slog.Time("signs", k.Signs))
	}
	a.log.LogAttrs(ctx, level, "signing key", attrs...)
}
