package doctor

import (
	"context"
	"fmt"

	"itsme-bridge/storage"
)

// lagging is how many seconds a replica may not have been heard of.
const lagging = 10

func serverReplicas(p *patient, s storage.Server) Finding {
	if s.Role == "" {
		return fine("%s", notAllowed)
	}
	for _, r := range s.Replicas {
		if r.State != "online" || r.Lag > lagging {
			return warn(fmt.Sprintf("a replica is %s and was heard of %d seconds ago: a failover to it loses what it lacks", orElse(r.State, "lost"), r.Lag),
				"look at that replica, and at the network to it (INFO replication)")
		}
	}
	if len(s.Replicas) == 0 && p.settings.Redis.Mode == "sentinel" {
		return warn("the master has no replica, so that its sentinels have nothing to fail over to", "start a replica (REPLICAOF)")
	}
	return fine("%d replicas, all of them online", len(s.Replicas))
}

func checkSentinels(ctx context.Context, p *patient) []Finding {
	if p.settings.Redis.Mode != "sentinel" {
		return one(skip("redis.mode is " + p.settings.Redis.Mode))
	}
	x, err := p.redis()
	if err != nil {
		return one(skip(withoutRedis))
	}
	var found []Finding
	masters := map[string]bool{}
	for _, s := range x.Sentinels(ctx) {
		found = append(found, p.sentinel(x, s).about(s.Address))
		if s.Err == nil {
			masters[s.Master] = true
		}
	}
	if len(masters) > 1 {
		found = append(found, bad("the sentinels name different masters", "look whether redis.addresses are sentinels of one deployment (SENTINEL MASTER)"))
	}
	return found
}

func (p *patient) sentinel(x *storage.Examiner, s storage.Sentinel) Finding {
	switch {
	case s.Err != nil:
		saw := "it does not answer"
		if why, ok := x.RefusalIn(s.Err); ok {
			saw = why.Text
		}
		return warn(saw, "start it, or take it out of redis.addresses")
	case s.Down:
		return bad("it takes the master "+s.Master+" for down", "look at that Redis, and at the network between")
	case s.Quorum != nil:
		return warn("it knows "+s.Others+" other sentinels, too few to agree on another master", "start more of them: three at least, on machines of their own")
	}
	return fine("its master is %s; it knows %s other sentinels and %s replicas", s.Master, s.Others, s.Replicas)
}

func checkCluster(ctx context.Context, p *patient) []Finding {
	if p.settings.Redis.Mode != "cluster" {
		return one(skip("redis.mode is " + p.settings.Redis.Mode))
	}
	x, err := p.redis()
	if err != nil {
		return one(skip(withoutRedis))
	}
	const slots = 16384
	parts, err := x.Parts(ctx)
	switch {
	case err != nil:
		return one(ofRedis(refusal(x, err)))
	case parts.State != "ok" || parts.Served < slots:
		return one(bad(fmt.Sprintf("its state is %s, and %d of %d slots are served: logins in the others do not work", parts.State, parts.Served, slots),
			"bring the missing nodes back (CLUSTER NODES)"))
	case parts.Alone > 0:
		return one(warn(fmt.Sprintf("%d of %d masters have no replica: while one of them is away, so is its part of the logins", parts.Alone, parts.Masters),
			"give each master a replica"))
	}
	return one(fine("%d masters serve all slots, and each has a replica", parts.Masters))
}
