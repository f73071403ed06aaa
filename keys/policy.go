package keys

import (
	"errors"
	"fmt"
	"time"
)

// slack is how far the replicas' clocks may lie apart, together with what passes between a key's making and its
// arrival in the Cell.
const slack = time.Minute

// Policy is how long everything takes.
//
// How the lengths fit each other. A key is made at time 0 and signs from Ahead on. A replica that refreshes every
// R learns of it at R at the latest; until then it serves the old JWKS, which clients may go on using for MaxAge.
// So the last client that has never seen the key asks anew at
//
//	R + MaxAge (+ slack)  ≤  Ahead
//
// and while that holds, no client that honours max-age meets a signature by a key that it does not have. A replica
// that cannot reach its Cell does not know what it misses; it lowers the max-age that it serves instead, so that no answer
// outlives its last refresh + Ahead (Ring.JWKS). On the other side, the last token of a key dies a token's life after the
// key has retired, so
//
//	life + slack  ≤  Keep
//
// and what Keep has above that is how long beyond Ahead a replica without its Cell can go on signing unharmed.
// Revoking is the exception: it breaks tokens on purpose, and reaches clients within R + MaxAge.
type Policy struct {
	Every  time.Duration // a key signs for so long
	Ahead  time.Duration // a key is published for so long before it signs
	Keep   time.Duration // a key stays published for so long after it has signed
	MaxAge time.Duration // clients may cache the JWKS for so long; 0: DefaultMaxAge
}

// DefaultMaxAge is how long clients may cache the JWKS, where the policy does not say. It is also about how long a
// revoked key lives on in clients.
const DefaultMaxAge = 15 * time.Minute

// DefaultPolicy rotates every 30 days and publishes 48 hours ahead. The longest token life is that of anything
// signed here.
func DefaultPolicy(longestToken time.Duration) Policy {
	const day = 24 * time.Hour
	return Policy{Every: 30 * day, Ahead: 2 * day, Keep: longestToken + day, MaxAge: DefaultMaxAge}
}

// Check refuses a policy under which a rotation could be seen, given how often a Ring refreshes and how long the
// longest token lives. It complains of everything at once.
func (p Policy) Check(refresh, longestToken time.Duration) error {
	var problems []error
	complain := func(format string, args ...any) { problems = append(problems, fmt.Errorf("keys: "+format, args...)) }

	for _, d := range []struct {
		name   string
		length time.Duration
	}{
		{"every", p.Every},
		{"ahead", p.Ahead},
		{"keep", p.Keep},
		{"max-age", p.maxAge()},
		{"the refresh interval", refresh},
		{"the longest token life", longestToken},
	} {
		if d.length <= 0 {
			complain("%s must be longer than %s", d.name, d.length)
		}
	}
	if least := p.Known(refresh); p.Ahead < least {
		complain("ahead is %s: clients may not have the next key by then; at least %s (max-age + refresh interval + %s)", p.Ahead, least, slack)
	}
	if p.Every <= p.Ahead {
		complain("every is %s: the key after the next would be due before the next signs; more than %s (ahead)", p.Every, p.Ahead)
	}
	if least := longestToken + slack; p.Keep < least {
		complain("keep is %s: tokens would outlive their key; at least %s (longest token life + %s)", p.Keep, least, slack)
	}
	return errors.Join(problems...)
}

// Known is how long after its publication every client that honours max-age has seen a key, given how often a Ring
// refreshes.
func (p Policy) Known(refresh time.Duration) time.Duration { return p.maxAge() + refresh + slack }

// grace is how long a replica that has clients of an algorithm lets it stand that another one says it has none. Whoever
// has signed with an idle key did so at the latest when it had been idle for that long, and a refresh.
func (p Policy) grace() time.Duration { return p.Keep / 8 }

// idle is how long a key stays published of whose algorithm no replica has clients.
func (p Policy) idle() time.Duration { return p.Keep + 2*p.grace() }

func (p Policy) maxAge() time.Duration {
	if p.MaxAge == 0 {
		return DefaultMaxAge
	}
	return p.MaxAge
}
