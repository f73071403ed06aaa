package main

// An origin says where a figure comes from.
type origin string

const (
	measured origin = "measured"
	set      origin = "set in the code or the configuration"
	assumed  origin = "assumed"
)

// A figure is one that goes in.
type figure struct {
	name   string
	value  float64
	unit   string
	origin origin
	from   string // what measured it, where it is set, or why it is assumed
}

// figures go in. Their order is that of the table.
type figures struct {
	people, peak, perDay                        figure
	es256, rs256, redisCPU, openBytes, endBytes figure
	roundTrips                                  figure
	cmCalls, redisConnections                   figure
	window                                      figure
	deciding, cmLatency                         figure
	cores, zones, busyCores, busyShard          figure
	shardMemory, spare, hotSlot                 figure
	failover, lag, writeGap                     figure
}

// belgium is that country at eight in the morning.
func belgium() figures {
	const bench = "`make bench BENCH=Footprint`, in [OPERATIONS.md](OPERATIONS.md)"
	return figures{
		people: figure{"people who have the app", 7e6, "", assumed, "the question"},
		peak:   figure{"logins in a second at the peak", 2000, "", assumed, "the question: for an hour, that is each of them once"},
		perDay: figure{"logins of a person in a day", 2, "", assumed, "once in the morning, and once more"},

		es256:     figure{"the four requests of a login, ES256", 4, "ms", measured, "`make bench BENCH=Login`, in [OPERATIONS.md](OPERATIONS.md); with Redis's and the benchmark's own share, so rather too much"},
		rs256:     figure{"the same, RS256", 17, "ms", measured, "likewise"},
		redisCPU:  figure{"CPU of Redis for a login", 0.6, "ms", measured, bench},
		openBytes: figure{"memory of Redis for a login that waits", 1.6, "kB", measured, bench},
		endBytes:  figure{"memory of Redis after a login", 2.3, "kB", measured, bench},

		roundTrips:       figure{"round trips to Redis for a login", 7, "", measured, "`TestRoundTrips` counts them: 2, 2, 2 and 1"},
		cmCalls:          figure{"POSTs of a replica to CM that are under way at once", 256, "", set, "`provider/login/gates.go`, and as many status calls"},
		redisConnections: figure{"connections of a replica to a node of Redis", 64, "", set, "`storage/options.go`"},
		window:           figure{"window of the ceilings", 60, "s", set, "`limits.window`"},

		deciding:  figure{"time that a person takes in the app", 30, "s", assumed, "nobody has told"},
		cmLatency: figure{"CM's answer to a POST", 0.5, "s", assumed, "nobody has told; the first thing to measure"},

		cores:     figure{"cores of a replica", 2, "", assumed, "chosen"},
		zones:     figure{"zones", 3, "", assumed, "chosen"},
		busyCores: figure{"share of a core that may be busy when a zone is gone", 0.6, "", assumed, "above it answers wait for each other"},
		busyShard: figure{"share of its one thread that a master of Redis may be busy", 0.4, "", assumed, "likewise"},

		shardMemory: figure{"`maxmemory` of a shard", 16, "GB", assumed, "chosen: larger ones take long to copy to a new replica"},
		spare:       figure{"memory, times what is expected", 2, "", assumed, "[OPERATIONS.md](OPERATIONS.md): a full Redis refuses logins"},
		hotSlot:     figure{"CPU of Redis for the counters of all starts, which lie in one slot", 0.1, "ms", assumed, "a sixth of a login's commands"},

		failover: figure{"time until a replica of Redis is master", 17, "s", assumed, "`cluster-node-timeout` 15 s, an election, and a second of ours"},
		lag:      figure{"replication lag", 0.1, "s", assumed, "between zones of one city"},
		writeGap: figure{"from CM's answer to Redis's, where an identity is in our hands alone", 5, "ms", assumed, "a round trip under load"},
	}
}

// all are the figures in their order.
func (f *figures) all() []figure {
	return []figure{
		f.people, f.peak, f.perDay, f.es256, f.rs256, f.redisCPU, f.openBytes, f.endBytes, f.roundTrips, f.cmCalls, f.redisConnections,
		f.window, f.deciding, f.cmLatency, f.cores, f.zones, f.busyCores, f.busyShard, f.shardMemory, f.spare, f.hotSlot,
		f.failover, f.lag, f.writeGap,
	}
}
