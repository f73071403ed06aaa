package doctor

import (
	"fmt"
	"strings"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/storage"
)

func serverPolicy(_ *patient, s storage.Server) Finding {
	if s.Policy == "" {
		return fine("%s", notAllowed)
	}
	if text := app.Forgetful(s.Policy); text != "" {
		saw, _, _ := strings.Cut(text, "; ")
		return bad(saw, "set maxmemory-policy noeviction, in redis.conf and by CONFIG SET")
	}
	return fine("maxmemory-policy is %s: a full Redis refuses, and forgets nothing", s.Policy)
}

// serverPersistence says what a restart of Redis would lose.
func serverPersistence(p *patient, s storage.Server) Finding {
	lost := "every login that is under way, every session and every token"
	if !p.settings.Signing.InFiles() {
		lost += ", and the signing keys, so that applications have to fetch new ones"
	}
	const advice = "set appendonly yes and appendfsync everysec, in redis.conf and by CONFIG SET"
	switch {
	case !s.Persistence:
		return fine("%s", notAllowed)
	case s.Failing != "":
		return bad("it cannot write what it keeps ("+s.Failing+")", "look at the disk of Redis, and at its log")
	case s.AppendOnly && s.Sync == "no":
		return warn("it keeps what it holds (appendonly), and leaves it to the system when (appendfsync no): a crash of its machine loses some 30 seconds", advice)
	case s.AppendOnly:
		return fine("it keeps what it holds (appendonly, appendfsync %s): a crash loses a second at most", orElse(s.Sync, "unknown"))
	case s.Configured && s.Snapshots == "":
		return warn("it keeps nothing (no appendonly, no save): a restart of Redis loses "+lost, advice)
	case s.Configured:
		return warn("it keeps snapshots alone (save "+s.Snapshots+"): a restart loses what is newer, and brings back what was revoked since", advice)
	}
	return warn("it does not keep each change (no appendonly): a restart of Redis loses what is newer than its last snapshot, if there is any, and brings back what was revoked since", advice)
}

func serverMemory(_ *patient, s storage.Server) Finding {
	switch percent := 100 * float64(s.Memory) / float64(max(s.MaxMemory, 1)); {
	case s.Memory == 0:
		return fine("%s", notAllowed)
	case s.MaxMemory == 0:
		return warn(fmt.Sprintf("it uses %s, and maxmemory does not bound it: where its machine is full, the system kills it", size(s.Memory)),
			"set maxmemory to some three quarters of what its machine can spare")
	case percent >= 95:
		return bad(fmt.Sprintf("it uses %s of %s: full, it takes no writes and nobody logs in", size(s.Memory), size(s.MaxMemory)), "raise maxmemory")
	case percent >= 75:
		return warn(fmt.Sprintf("it uses %s of %s (%.0f %%)", size(s.Memory), size(s.MaxMemory), percent), "raise maxmemory")
	default:
		return fine("it uses %s of %s (%.0f %%)", size(s.Memory), size(s.MaxMemory), percent)
	}
}

func size(bytes int64) string {
	const mib = 1 << 20
	if bytes < 10*mib {
		return fmt.Sprintf("%.1f MiB", float64(bytes)/mib)
	}
	return fmt.Sprintf("%d MiB", bytes/mib)
}

func serverConnections(p *patient, s storage.Server) Finding {
	pool := int64(p.settings.Redis.PoolSize)
	switch {
	case s.MaxClient == 0:
		return fine("%s", notAllowed)
	case s.MaxClient < pool:
		return bad(fmt.Sprintf("it takes %d connections (maxclients), and redis.pool_size is %d", s.MaxClient, pool), "raise maxclients, or lower redis.pool_size")
	case s.MaxClient-s.Clients < pool:
		return warn(fmt.Sprintf("it takes %d connections (maxclients), has %d, and redis.pool_size is %d for each replica of the bridge", s.MaxClient, s.Clients, pool),
			"raise maxclients, or lower redis.pool_size")
	}
	return fine("it takes %d connections and has %d; each replica of the bridge uses %d at most", s.MaxClient, s.Clients, pool)
}
