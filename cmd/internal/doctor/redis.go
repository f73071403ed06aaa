package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"itsme-bridge/storage"
)

// withoutRedis is what a check says that needs one that answers.
const withoutRedis = "Redis does not answer"

// onRedis is a check of a Redis that answers.
func onRedis(look func(ctx context.Context, p *patient, x *storage.Examiner) Finding) func(context.Context, *patient) []Finding {
	return func(ctx context.Context, p *patient) []Finding {
		x, err := p.redis()
		if err != nil {
			return one(skip(withoutRedis))
		}
		return one(look(ctx, p, x))
	}
}

// onServers is a check of each server that takes our writes.
func onServers(look func(p *patient, s storage.Server) Finding) func(context.Context, *patient) []Finding {
	return func(_ context.Context, p *patient) []Finding {
		servers, err := p.servers()
		switch {
		case err != nil && len(servers) == 0:
			return one(skip(withoutRedis))
		case err != nil:
			return one(ofRedis(err))
		}
		found := make([]Finding, len(servers))
		for i, s := range servers {
			found[i] = look(p, s)
			if len(servers) > 1 {
				found[i] = found[i].about(s.Address)
			}
		}
		return found
	}
}

const notAllowed = "not allowed to ask (INFO, CONFIG GET), which the bridge does not need"

func checkReached(_ context.Context, p *patient) []Finding {
	if _, err := p.redis(); err != nil {
		return one(ofRedis(err))
	}
	secured := "in clear"
	if p.settings.Redis.TLS.On {
		secured = "by TLS"
	}
	return one(fine("%s answers at %s, %s", p.settings.Redis.Mode, strings.Join(p.settings.Redis.Addresses, ", "), secured))
}

func serverVersion(_ *patient, s storage.Server) Finding {
	major, _, _ := strings.Cut(s.Version, ".")
	switch {
	case s.Version == "":
		return fine("%s", notAllowed)
	case len(major) == 1 && major < "6":
		return bad("Redis is "+s.Version+", and the bridge needs 6.0", "upgrade Redis")
	}
	return fine("Redis is %s", s.Version)
}

func serverMode(p *patient, s storage.Server) Finding {
	mode := p.settings.Redis.Mode
	switch {
	case s.Mode == "":
		return fine("%s", notAllowed)
	case s.Mode == "sentinel":
		return bad("redis.mode is "+mode+", and what answers is a sentinel", "write mode: sentinel and master_name, or the address of Redis itself")
	case s.Mode == "cluster" && mode != "cluster":
		return bad("redis.mode is "+mode+", and what answers is a node of a Cluster", "write mode: cluster")
	case s.Mode != "cluster" && mode == "cluster":
		return bad("redis.mode is cluster, and what answers is no node of a Cluster", "write mode: single or sentinel")
	case s.Role == "slave":
		return bad("what answers is a replica, which takes no writes", "write the address of the master, or mode: sentinel")
	}
	return fine("redis.mode is %s, and so is what answers (a %s)", mode, s.Role)
}

func checkRights(ctx context.Context, p *patient, x *storage.Examiner) Finding {
	rights, err := x.Rights(ctx)
	switch user := orElse(p.settings.Redis.Username, "default"); {
	case err != nil:
		return ofRedis(refusal(x, err))
	case len(rights.Unknown) > 0:
		return bad("Redis does not know "+strings.Join(rights.Unknown, ", ")+": it is too old, or the command has been renamed",
			"take the rename-command out of its configuration, or upgrade it")
	case len(rights.Lacking) > 0:
		return bad("the user "+user+" may not do all that the bridge does; it lacks "+strings.Join(rights.Lacking, " "),
			"ACL SETUSER "+user+" "+strings.Join(rights.Lacking, " ")+"; or all at once: ~"+p.settings.Redis.Prefix+"* "+documentedRights(p))
	default:
		return fine("the user %s may do all that the bridge does, on keys that begin with %s", user, p.settings.Redis.Prefix)
	}
}

// documentedRights are those that config.yaml names.
func documentedRights(p *patient) string {
	rights := "+@read +@write +@scripting +@connection +select"
	if p.settings.Redis.Mode == "cluster" {
		rights += " +cluster"
	}
	return rights
}

func checkWrites(ctx context.Context, _ *patient, x *storage.Examiner) Finding {
	if err := x.Probe(ctx); err != nil {
		return ofRedis(refusal(x, err))
	}
	return fine("it takes writes")
}

// The round trips of a ping that make people wait.
const (
	slow     = 10 * time.Millisecond
	tooSlow  = 250 * time.Millisecond
	pings    = 20
	leastFor = 3
)

func checkLatency(ctx context.Context, p *patient, x *storage.Examiner) Finding {
	took, err := x.Pings(ctx, pings, p.Now)
	if err != nil {
		return ofRedis(refusal(x, err))
	}
	median := took[len(took)/2]
	saw := fmt.Sprintf("%d pings took %s at least, %s in the middle, %s at most", len(took), short(took[0]), short(median), short(took[len(took)-1]))
	switch {
	case median >= tooSlow:
		return bad(saw+"; a login needs about ten of them", "bring Redis nearer to the bridge, and look at what else it does (SLOWLOG GET)")
	case median >= slow:
		return warn(saw+"; a login needs about ten of them", "bring Redis nearer to the bridge, and look at what else it does (SLOWLOG GET)")
	}
	return fine("%s", saw)
}

func short(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }

func checkFits(_ context.Context, p *patient) []Finding {
	switch seen := p.inspection(); {
	case seen.Refused != nil:
		saw, advice, _ := strings.Cut(seen.Refused.Error(), "; ")
		return one(bad(saw, orElse(advice, "see the checks of Redis")))
	case seen.Unknown != nil:
		return one(skip(withoutRedis))
	}
	return one(fine("the master key and the salt fit what Redis holds"))
}

func checkPrefix(ctx context.Context, p *patient, x *storage.Examiner) Finding {
	const most = 20_000
	seen, foreign, err := x.Foreign(ctx, most)
	switch {
	case errors.Is(err, storage.ErrUnavailable) && foreign == 0:
		if _, refused := x.RefusalIn(err); refused {
			return fine("not allowed to look (SCAN), which the bridge does not need")
		}
		return ofRedis(err)
	case foreign > 0:
		return warn(fmt.Sprintf("%d of %d keys that begin with %s are none of the bridge's", foreign, seen, orElse(p.settings.Redis.Prefix, "nothing, as all do,")),
			"give the bridge a redis.prefix of its own, or a Redis of its own: others may run FLUSHDB, or fill it")
	}
	return fine("of the keys that begin with %s, %d were looked at, and all are the bridge's", p.settings.Redis.Prefix, seen)
}
