package config

import (
	"math"
	"time"

	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/itsme"
	"itsme-bridge/provider"
	"itsme-bridge/provider/authorize"
	"itsme-bridge/provider/ceilings"
)

const (
	writeBudget = 5 * time.Second // how long a fetched identity is offered to Redis before it is given up
	usualLogin  = 4 * time.Minute // of a whole login
	longestCode = time.Minute     // of an authorization code
)

// readLifetimes reads how long things take and how many there may be.
func readLifetimes(root document.Section, p *provider.Config, upstream itsme.Config) {
	lifetimes := root.Section("lifetimes")
	p.AccessToken = lifetimes.Value("access_token").Duration(5*time.Minute, time.Minute, 24*time.Hour)
	p.IDToken = lifetimes.Value("id_token").Duration(5*time.Minute, time.Minute, 24*time.Hour)
	p.Code = lifetimes.Value("code").Duration(longestCode, 10*time.Second, longestCode)
	p.PushedRequest = lifetimes.Value("pushed_request").Duration(time.Minute, 5*time.Second, longestPushed)
	readRefresh(lifetimes, p)
	p.Lease = lifetimes.Value("lease").Duration(15*time.Second, time.Second, time.Minute)
	p.Upstream, p.Status, p.WriteBudget = upstream.Timeout, upstream.StatusTimeout, writeBudget

	limits := root.Section("limits")
	count := func(key string, fallback int64) int64 { return limits.Value(key).Count(fallback, 0, math.MaxInt32) }
	p.Limits = ceilings.Limits{
		Window:     limits.Value("window").Duration(time.Minute, time.Second, 24*time.Hour),
		PerAddress: count("per_address", 30),
		PerClient:  count("per_client", 600),
		Total:      count("total", 3000),
	}
	start := root.Value("start")
	p.Start = authorize.StartMode(start.Choice(string(authorize.StartAuto),
		string(authorize.StartAuto), string(authorize.StartAsk), string(authorize.StartDirect)))
	if p.Start == authorize.StartDirect {
		start.Warn("lets everything that opens a link start a transaction, which CM may bill; it is for tests and closed networks")
	}
	p.MaxAttempts = int(root.Value("max_attempts").Count(3, 1, 10))
}

// readRefresh reads how long refresh tokens work.
func readRefresh(lifetimes document.Section, p *provider.Config) {
	v := lifetimes.Value("refresh_token")
	p.RefreshToken = v.Duration(24*time.Hour, time.Minute, 365*24*time.Hour)
	p.RefreshGrace = lifetimes.Value("refresh_grace").Duration(time.Minute, 0, 10*time.Minute)
	if v.There() && p.RefreshToken <= p.AccessToken {
		v.Wrong("%s is not longer than access_token (%s), so that nobody would ever need it; write more",
			document.Duration(p.RefreshToken), document.Duration(p.AccessToken))
	}
	readIdle(lifetimes.Value("refresh_idle"), p)
}

// longestIdle is how long a refresh token works that nobody uses, where nothing is said of it.
const longestIdle = 30 * 24 * time.Hour

// readIdle reads after how long a refresh token ends that nobody uses (RFC 9700 §4.14.2).
func readIdle(v document.Value, p *provider.Config) {
	p.RefreshIdle = v.Duration(min(p.RefreshToken, longestIdle), time.Minute, 365*24*time.Hour)
	switch {
	case !v.There():
	case p.RefreshIdle > p.RefreshToken:
		v.Wrong("%s is longer than refresh_token (%s), so that no refresh token would ever end by it; write less, or more there",
			document.Duration(p.RefreshIdle), document.Duration(p.RefreshToken))
	case p.RefreshIdle <= p.AccessToken:
		v.Wrong("%s is not longer than access_token (%s): a client that refreshes when its access token has ended would come too late; write more",
			document.Duration(p.RefreshIdle), document.Duration(p.AccessToken))
	}
}

// defaults are what a client has where its entry says nothing.
type defaults struct {
	deadline time.Duration
	locale   string
}

func readDefaults(root document.Section) defaults {
	return defaults{
		deadline: readDeadline(root.Section("lifetimes").Value("login"), usualLogin),
		locale:   readLocale(root, ""),
	}
}

// readDeadline reads how long a whole login may take, all attempts together.
func readDeadline(v document.Value, fallback time.Duration) time.Duration {
	return v.Duration(fallback, 30*time.Second, time.Hour)
}

func readLocale(s document.Section, fallback string) string {
	return s.Value("locale").Choice(fallback, "en", "nl", "fr", "de")
}
