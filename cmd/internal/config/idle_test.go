package config_test

import (
	"testing"
	"time"

	. "itsme-bridge/cmd/internal/config/configtest"
)

// RFC 9700 §4.14.2: where nothing is said of it, a refresh token that nobody uses ends after 30 days, and never later than all
// refresh tokens of its login.
func TestRefreshTokensEndUnusedByDefault(t *testing.T) {
	for lifetimes, want := range map[string]time.Duration{
		"{}": 24 * time.Hour, "{refresh_token: 12h}": 12 * time.Hour, "{refresh_token: 90d}": 30 * 24 * time.Hour,
		"{refresh_token: 90d, refresh_idle: 60d}": 60 * 24 * time.Hour, "{refresh_token: 1h, refresh_idle: 1h}": time.Hour,
	} {
		c := parse(t, Change(t, base, "clients:\n", "lifetimes: "+lifetimes+"\nclients:\n"))
		if got := c.Provider.RefreshIdle; got != want {
			t.Errorf("%s: after %v, want %v", lifetimes, got, want)
		}
	}
}
