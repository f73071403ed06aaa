package main

import "math"

// A deployment is what follows from the figures.
type deployment struct {
	day         float64 // logins
	busyCores   float64 // of the bridges, at the peak
	perZone     int     // replicas
	replicas    int
	withoutZone float64 // share of the cores that is busy when one zone is gone

	open      float64 // logins that wait for their person
	memory    float64 // GB that Redis needs, with what is to spare
	redisBusy float64 // cores of Redis at the peak
	shards    int
	nodes     int     // a master and a replica in each other zone, for each shard
	hottest   float64 // share that the busiest master is busy
	commands  float64 // round trips a second

	posts      float64 // to CM, a second
	inFlight   float64 // POSTs under way
	slowest    float64 // seconds that CM may take for a POST before people are told to try again
	afterward  float64 // the same when a zone is gone
	totalLimit float64 // limits.total that lets the peak through

	refused float64 // people who see "try again" while masters of the zone are replaced
	lostLag float64 // logins of which the last write was not replicated
	lostGap float64 // identities that CM has given and Redis has not got
}

// size calculates a deployment for one signature algorithm: perLogin is the CPU of the bridge for a login, in ms.
func size(f *figures, perLogin float64) deployment {
	var d deployment
	peak, zones := f.peak.value, f.zones.value
	left := (zones - 1) / zones

	d.day = f.people.value * f.perDay.value
	d.busyCores = peak * perLogin / 1000
	d.perZone = int(math.Ceil(d.busyCores / f.busyCores.value / f.cores.value / (zones - 1)))
	d.replicas = d.perZone * int(zones)
	d.withoutZone = d.busyCores / (float64(d.perZone) * (zones - 1) * f.cores.value)

	d.open = peak * f.deciding.value
	d.memory = f.spare.value * (d.day*f.endBytes.value + d.open*f.openBytes.value) / 1e6
	d.redisBusy = peak * f.redisCPU.value / 1000
	byCPU := math.Ceil(d.redisBusy / f.busyShard.value)
	byMemory := math.Ceil(d.memory / f.shardMemory.value)
	d.shards = int(max(byCPU, byMemory, 3)) // a Cluster has three masters at least
	d.nodes = d.shards * int(zones)
	hot := peak * f.hotSlot.value / 1000
	d.hottest = hot + (d.redisBusy-hot)/float64(d.shards)
	d.commands = peak * f.roundTrips.value

	d.posts = peak
	d.inFlight = peak * f.cmLatency.value
	d.slowest = float64(d.replicas) * f.cmCalls.value / peak
	d.afterward = d.slowest * left
	d.totalLimit = peak * f.window.value

	gone := 1 / zones
	d.refused = peak * gone * f.failover.value
	d.lostLag = peak * gone * f.lag.value
	d.lostGap = peak * gone * f.writeGap.value / 1000
	return d
}
