package app

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"time"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/keys"
	"itsme-bridge/provider"
	"itsme-bridge/provider/audit"
)

// ErrNothingToReload says that this bridge's configuration comes from no file.
var ErrNothingToReload = errors.New("app: there is no configuration to read again")

// Reload reads the configuration again and takes its clients, looks and certificate,
// without disturbing a request. A configuration with a problem changes nothing,
// and is the error. What else has changed waits for a restart; the log names it.
func (a *App) Reload() error {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	a.reopenAudit()
	if a.reread == nil {
		return ErrNothingToReload
	}
	a.tellReloading()
	next, err := a.reread()
	if err == nil {
		err = a.take(next)
	}
	a.tellReloaded(err)
	if err != nil {
		a.metrics.reload(refused, a.now())
		a.audit.log.Write(audit.Event{Name: audit.ReloadRefused})
		a.log.Error("configuration refused, the old one stays", slog.Any("problems", strings.Split(err.Error(), "\n")))
		return err
	}
	a.metrics.reload(taken, a.now())
	a.auditClients(a.clients, next.Clients)
	a.clients = next.Clients
	a.told(next)
	clients := slog.Int("clients", len(next.Clients))
	if waiting := differences(a.config, next); len(waiting) > 0 {
		a.log.Warn("configuration reloaded", clients, slog.Any("needs_restart", waiting))
		return nil
	}
	a.log.Info("configuration reloaded", clients)
	return nil
}

// take makes the new clients, the new looks and the new certificate those that count: all, or none.
func (a *App) take(next *config.Config) error {
	pair := (*tls.Certificate)(nil)
	if a.certificate != nil && next.Server.Certificate != (config.CertificateFiles{}) {
		var err error
		if pair, err = read(next.Server.Certificate); err != nil {
			return err
		}
	}
	// Last of what may fail: from here on the keys are those that the new clients use.
	if err := a.sign(next.Clients); err != nil {
		return err
	}
	if pair != nil {
		a.certificate.current.Store(pair)
	}
	a.provider.Dress(next.Looks)
	a.provider.Register(next.Clients)
	return nil
}

// sign sees to it that there are keys of every algorithm that clients use.
func (a *App) sign(clients config.Clients) error {
	if a.ring != nil {
		return a.publish(clients.Algorithms())
	}
	can := config.AlgorithmsOf(a.signer.List())
	for _, client := range clients {
		for _, wanted := range []keys.Algorithm{client.SigningAlg, client.UserinfoAlg} {
			if wanted != "" && !slices.Contains(can, wanted) {
				return fmt.Errorf("app: client %s wants %s, and the keys that are loaded have none for it; restart to read %s again",
					client.ID, wanted, config.KeyFilesFor(wanted))
			}
		}
	}
	return nil
}

// differences names what a restart would change.
func differences(c, next *config.Config) []string {
	var names []string
	for _, part := range []struct {
		name     string
		old, new any
	}{
		{"issuer", c.Provider.Issuer, next.Provider.Issuer},
		{"listen", c.Server.Listen, next.Server.Listen},
		{"tls", c.Server.Certificate == config.CertificateFiles{}, next.Server.Certificate == config.CertificateFiles{}},
		{"trusted_proxies", c.Provider.TrustedProxies, next.Provider.TrustedProxies},
		{"timeouts", c.Server.Timeouts, next.Server.Timeouts},
		{"operations", c.Operations, next.Operations},
		{"log", c.Log, next.Log},
		{"tracing", c.Tracing, next.Tracing},
		{"audit", c.Audit, next.Audit},
		{"redis", c.Redis, next.Redis},
		{"master_key", c.MasterKey, next.MasterKey},
		{"subjects", c.Salt, next.Salt},
		{"itsme", [2]any{c.Upstream, c.Provider.ReturnShape}, [2]any{next.Upstream, next.Provider.ReturnShape}},
		{"keys", c.Signing, next.Signing},
		{"lifetimes", lifetimesOf(c.Provider), lifetimesOf(next.Provider)},
		{"session", c.Provider.Session, next.Provider.Session},
		{"outbound", c.Outbound, next.Outbound},
		{"limits", c.Provider.Limits, next.Provider.Limits},
		{"start", c.Provider.Start, next.Provider.Start},
		{"max_attempts", c.Provider.MaxAttempts, next.Provider.MaxAttempts},
	} {
		if !reflect.DeepEqual(part.old, part.new) {
			names = append(names, part.name)
		}
	}
	return names
}

func lifetimesOf(p provider.Config) [8]time.Duration {
	return [8]time.Duration{p.AccessToken, p.IDToken, p.Code, p.PushedRequest, p.RefreshToken, p.RefreshIdle, p.RefreshGrace, p.Lease}
}
