package doctor

import (
	"context"
	"slices"
)

// check is one row: an id that stays, what is fine when it is, and what looks.
// deploy/DOCTOR.md says of each what helps.
type check struct {
	id    string
	title string
	run   func(context.Context, *patient) []Finding
}

// table lists every check, in the order in which what is wrong is mended.
func table() []check {
	return slices.Concat(here(), redisRows(), beyond(), front(), behind())
}

// here is what is on this machine.
func here() []check {
	return []check{
		{configID, configTitle, checkConfig},
		{"files", "nobody else can change what the bridge reads", checkFiles},
		{"secrets", "the secrets are this deployment's own", checkSecrets},
	}
}

// redisRows are about Redis.
func redisRows() []check {
	return []check{
		{"redis.reached", "Redis answers", checkReached},
		{"redis.version", "it is 6.0 or later", onServers(serverVersion)},
		{"redis.mode", "it is what redis.mode says", onServers(serverMode)},
		{"redis.rights", "the user may do all that the bridge does", onRedis(checkRights)},
		{"redis.writes", "it takes writes", onRedis(checkWrites)},
		{"redis.agreement", "the master key and the salt fit what it holds", checkFits},
		{"redis.eviction", "it forgets nothing when it is full", onServers(serverPolicy)},
		{"redis.persistence", "it keeps what it holds over a restart", onServers(serverPersistence)},
		{"redis.memory", "it has room", onServers(serverMemory)},
		{"redis.connections", "it takes enough connections", onServers(serverConnections)},
		{"redis.latency", "it is near", onRedis(checkLatency)},
		{"redis.prefix", "nobody else uses the bridge's keys", onRedis(checkPrefix)},
		{"redis.replicas", "its replicas keep up", onServers(serverReplicas)},
		{"redis.sentinels", "its sentinels agree", checkSentinels},
		{"redis.cluster", "its Cluster is whole", checkCluster},
	}
}

// beyond is what else the bridge stands on: clocks, CM, and the bridge that runs.
func beyond() []check {
	return []check{
		{"clock.redis", "the clock of Redis agrees", onRedis(checkRedisClock)},
		{"clock.cm", "the clock of CM agrees", checkCMClock},
		{"clock.issuer", "the clock of what answers for the issuer agrees", checkIssuerClock},

		{"cm.reached", "CM answers", checkCM},
		{"cm.transaction", "CM starts a transaction with this token and this return URL", checkTransaction},

		{"bridge.running", "the bridge that runs is this version", checkRunning},
		{"bridge.configuration", "it has read this file as it is", checkDrift},
		{"bridge.readyz", "it can answer people", checkState("/readyz")},
		{"bridge.health", "logins work from end to end", checkState("/health")},
		{"bridge.upstream", "it asks CM for transactions", checkAsking},
	}
}

// front is what people and applications meet first.
func front() []check {
	return []check{
		{"issuer.name", "the name of the issuer has addresses", checkIssuerNames},
		{"issuer.certificate", "its certificate is good, at each address", checkIssuerCertificate},
		{"issuer.http", "http leads to https", checkPlain},
		{"issuer.discovery", "discovery arrives to the byte", checkDiscovery},
		{"issuer.caching", "copies of it are kept as long as they may be", checkCaching},
		{"issuer.keys", "the key set there is this deployment's", checkPublished},

		{"proxy.arrival", "requests to the issuer arrive at the bridge", checkArrival},
		{"proxy.address", "the bridge learns whom a request comes from", arrived(checkAddress)},
		{"proxy.method", "each method arrives", arrived(checkMethods)},
		{"proxy.authorization", "Authorization arrives", arrived(checkAuthorization)},
		{"proxy.request", "large requests arrive", arrived(checkRequestSize)},
		{"proxy.response", "large answers come back whole", arrived(checkResponseSize)},
		{"proxy.refusals", "refusals come back as they are", arrived(checkRefusals)},
		{"proxy.copies", "what is private is kept by no cache", arrived(checkCopies)},
		{"proxy.host", "Host, which the bridge does not read", arrived(checkHost)},
	}
}

// behind is what the bridge works with.
func behind() []check {
	return []check{
		{"keys.ages", "the signing keys rotate", checkAges},
		{"keys.algorithms", "applications can know the keys that sign for them", checkAlgorithms},

		{"client.jwks_uri", "the keys of clients are there", eachClient("no client has a jwks_uri", clientKeys)},
		{"client.request_uris", "the hosts of their request objects are there", eachClient("no client has request_uris", clientRequests)},
		{"client.backchannel_logout_uri", "who is told of logouts is there", eachClient("no client has a backchannel_logout_uri", clientLogout)},
		{"client.places", "the places that people are sent to have an address", eachClient("people are sent to this machine, or to apps, alone", clientPlaces)},

		{"system.files", "enough files may be open", checkOpenFiles},
		{"system.memory", "the limit of memory is known to the process", checkMemory},
		{"system.processors", "the limit of processors is, too", checkProcessors},
	}
}
