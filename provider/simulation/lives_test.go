package simulation_test

import (
	"strings"
	"time"
)

// lives looks at how long the records in Redis live: not longer, at least, than before.
func (p *promises) lives() {
	m, first := p.world.memory, ""
	for key := range m.keys {
		if v, ok := m.find(key); ok && (v.until.IsZero() || m.left(key) > p.world.plan.longestLife(key)) && (first == "" || key < first) {
			first = key
		}
	}
	if first != "" {
		p.broken("%s lives for %v, more than %v", kindOf(first), m.left(first), p.world.plan.longestLife(first))
	}
}

func kindOf(key string) string {
	kind, _, _ := strings.Cut(strings.TrimPrefix(key, prefix), ":")
	return kind
}

// longestLife is how long a record may live at most, by its kind.
func (p plan) longestLife(key string) time.Duration {
	kind := kindOf(key)
	switch {
	case kind == "lease":
		return leaseLife
	case kind == "proof":
		return 10 * time.Minute
	case kind == "login":
		return deadline + time.Hour
	case kind == "transaction":
		return deadline + 10*time.Minute
	case kind == "session":
		return 5 * time.Minute
	case kind == "browser":
		return stayLife
	case kind == "logout" && p.hears:
		return stayLife
	case kind == "logout", strings.HasPrefix(kind, "queue-receipt"):
		return time.Minute
	case kind == "queue-due", kind == "queue-values":
		return outboxLife
	case kind == "pushed":
		return pushLife + deadline + 10*time.Minute
	case kind == "label":
		return 24 * time.Hour
	case kind == "grant", kind == "family":
		return 24*time.Hour + 15*time.Minute
	case kind == "starts", kind == "client", kind == "address", kind == "line", strings.HasPrefix(kind, "pushes"):
		return time.Minute
	case strings.HasPrefix(kind, "tally-"):
		return 40 * 24 * time.Hour
	default:
		return 10 * time.Second
	}
}

// forgets looks, when the world has ended, whether Redis keeps anything for longer than anything may be kept.
func (p *promises) forgets() {
	time.Sleep(p.world.plan.longestLife(prefix+"tally-") + time.Minute)
	for _, key := range p.world.memory.all() {
		p.broken("%s outlives everything", kindOf(key))
	}
}
