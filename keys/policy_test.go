package keys_test

import (
	"strings"
	"testing"
	"time"

	"itsme-bridge/keys"
)

func TestPolicyCheck(t *testing.T) {
	const refresh, life = time.Minute, 5 * time.Minute
	for _, row := range []struct {
		name      string
		change    func(*keys.Policy)
		complains string // "": does not
	}{
		{"the defaults", func(*keys.Policy) {}, ""},
		{"the least ahead", func(p *keys.Policy) { p.Ahead = p.MaxAge + refresh + keys.Slack }, ""},
		{"less than that", func(p *keys.Policy) { p.Ahead = p.MaxAge + refresh + keys.Slack - 1 }, "clients may not have the next key"},
		{"max-age beyond ahead", func(p *keys.Policy) { p.MaxAge = 3 * day }, "clients may not have the next key"},
		{"the default max-age counts too", func(p *keys.Policy) { p.MaxAge, p.Ahead = 0, 10*time.Minute }, "clients may not have the next key"},
		{"no ahead", func(p *keys.Policy) { p.Ahead = 0 }, "ahead must be longer"},
		{"the least keep", func(p *keys.Policy) { p.Keep = life + keys.Slack }, ""},
		{"less than that", func(p *keys.Policy) { p.Keep = life + keys.Slack - 1 }, "tokens would outlive their key"},
		{"every as short as ahead", func(p *keys.Policy) { p.Every = p.Ahead }, "due before the next signs"},
		{"a negative max-age", func(p *keys.Policy) { p.MaxAge = -1 }, "max-age must be longer"},
	} {
		policy := keys.DefaultPolicy(life)
		row.change(&policy)
		err := policy.Check(refresh, life)
		if row.complains == "" && err != nil || row.complains != "" && (err == nil || !strings.Contains(err.Error(), row.complains)) {
			t.Errorf("%s: %v", row.name, err)
		}
	}

	everything := keys.Policy{MaxAge: day, Ahead: hour, Every: hour, Keep: time.Minute}.Check(0, hour)
	for _, part := range []string{"refresh interval", "clients may not", "due before", "outlive"} {
		if everything == nil || !strings.Contains(everything.Error(), part) {
			t.Errorf("not said: %s, in\n%v", part, everything)
		}
	}
}
