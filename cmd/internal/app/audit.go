package app

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/keys"
	"itsme-bridge/provider/audit"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/notbefore"
)

// auditing is the audit stream of a bridge: where it goes, and whether it gets there.
type auditing struct {
	log     *audit.Log  // nil: there is none
	file    *audit.File // nil: it goes to no file
	failing atomic.Bool
}

// openAudit opens the stream that the configuration wants.
func (a *App) openAudit(o *Options) error {
	switch to := a.config.Audit; {
	case to.Stdout && o.Stdout == nil:
		return errors.New("app: audit.to: there is no standard output here; name a file")
	case to.Stdout:
		a.audit.log = audit.New(o.Stdout, a.now, a.audited)
	case to.File != "":
		file, err := audit.Open(to.File)
		if err != nil {
			return &placedError{a.config.Place("audit.to", "%s cannot be written (%v); let this user write it, or name another file", to.File, err), err}
		}
		a.audit.file = file
		a.audit.log = audit.New(file, a.now, a.audited)
	}
	return nil
}

// audited hears of each event. What fails again and again is said once, and counted.
func (a *App) audited(err error) {
	if err == nil {
		if a.audit.failing.CompareAndSwap(true, false) {
			a.log.Info("the audit stream is written again")
		}
		return
	}
	a.metrics.auditLost.Inc()
	if a.audit.failing.CompareAndSwap(false, true) {
		a.log.Error("the audit stream cannot be written: events are lost", slog.String("cause", err.Error()))
	}
}

// reopenAudit opens the file anew, which somebody may have moved away. Where that fails
// the events go on to where they went.
func (a *App) reopenAudit() {
	if a.audit.file == nil {
		return
	}
	if err := a.audit.file.Reopen(); err != nil {
		a.log.Error("the audit file cannot be opened anew: events go on to the old one", slog.String("cause", err.Error()))
	}
}

// auditPatience is how long the end of the process waits for what is still to be written.
const auditPatience = 2 * time.Second

func (a *App) closeAudit() {
	ctx, cancel := context.WithTimeout(context.Background(), auditPatience)
	defer cancel()
	if err := a.audit.log.Close(ctx); err != nil {
		a.log.Error("the audit stream does not end: events are lost", slog.String("cause", err.Error()))
		return // to close the file would wait for the write that hangs
	}
	if a.audit.file != nil {
		_ = a.audit.file.Close() // all of it is written
	}
}

// auditKey tells of a key that has changed.
func (a *App) auditKey(k KeyChange) {
	a.audit.log.Write(audit.Event{Name: audit.KeyChanged, KeyID: k.ID, Algorithm: string(k.Algorithm), State: string(k.State), Was: string(k.Was)})
}

// tellMadeKeys tells of keys that this replica has made while it joined.
func (a *App) tellMadeKeys(ctx context.Context, before []keys.Info, began time.Time) {
	for _, change := range KeyChanges(before, a.ring.List()) {
		if change.Was == "" && !change.Published.Before(began.Truncate(time.Second)) {
			a.tellKey(ctx, change)
		}
	}
}

// auditClients tells which clients a reload has brought, taken and changed.
func (a *App) auditClients(was, is config.Clients) {
	came, went, changed := compare(byID(was), byID(is))
	a.audit.log.Write(audit.Event{Name: audit.ClientsReloaded, Came: came, Went: went, Changed: changed})
}

func byID(clients config.Clients) map[string]client.Client {
	m := make(map[string]client.Client, len(clients))
	for _, c := range clients {
		m[c.ID] = c
	}
	return m
}

// compare names what is only in the second, only in the first, and in both but different.
func compare[V any](was, is map[string]V) (came, went, changed []string) {
	for _, id := range slices.Sorted(maps.Keys(is)) {
		old, there := was[id]
		switch {
		case !there:
			came = append(came, id)
		case !reflect.DeepEqual(old, is[id]):
			changed = append(changed, id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(was)) {
		if _, there := is[id]; !there {
			went = append(went, id)
		}
	}
	return came, went, changed
}

// auditRevocations tells of logins that do not count any more.
func (a *App) auditRevocations(fresh notbefore.Times) {
	if !fresh.All.IsZero() {
		a.audit.log.Write(audit.Event{Name: audit.LoginsRevoked, NotBefore: fresh.All})
	}
	for _, id := range slices.Sorted(maps.Keys(fresh.Clients)) {
		a.audit.log.Write(audit.Event{Name: audit.LoginsRevoked, Client: id, NotBefore: fresh.Clients[id]})
	}
}
