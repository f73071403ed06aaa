package doctor

import (
	"context"
	"fmt"
	"math"

	"itsme-bridge/cmd/internal/machine"
)

// people is for how many connections at a time there should be room, beside those to Redis.
const people = 1024

// machine is that of the bridge which runs, or this process's own.
func (p *patient) machine() (f machine.Facts, whose string) {
	if b := p.bridge(); b.running != nil {
		return b.running.Machine, "the bridge"
	}
	return machine.Look(), "a process as this one"
}

func checkOpenFiles(_ context.Context, p *patient) []Finding {
	f, whose := p.machine()
	need := int64(p.settings.Redis.PoolSize*max(1, len(p.settings.Redis.Addresses)) + people)
	switch {
	case f.Files == 0:
		return one(skip("this system does not say how many files may be open"))
	case f.Files < need:
		return one(warn(fmt.Sprintf("%s may have %d files open, and each connection is one: redis.pool_size and %d people need %d", whose, f.Files, people, need),
			fmt.Sprintf("raise it: LimitNOFILE=%d in the unit, or ulimit -n %d", 4*need, 4*need)))
	}
	return one(fine("%s may have %d files open", whose, f.Files))
}

func checkMemory(_ context.Context, p *patient) []Finding {
	f, whose := p.machine()
	nineTenths := f.Memory / 10 * 9
	switch {
	case f.Memory == 0:
		return one(fine("nothing but the machine limits the memory of %s", whose))
	case f.GoMemory == 0 || f.GoMemory > f.Memory:
		return one(warn(fmt.Sprintf("%s may have %d MiB, and GOMEMLIMIT says nothing of that: it is killed before it collects its garbage harder", whose, f.Memory>>20),
			fmt.Sprintf("set GOMEMLIMIT=%dMiB", nineTenths>>20)))
	}
	return one(fine("%s may have %d MiB; GOMEMLIMIT is %d MiB", whose, f.Memory>>20, f.GoMemory>>20))
}

func checkProcessors(_ context.Context, p *patient) []Finding {
	f, whose := p.machine()
	switch quota := int(math.Ceil(f.CPUs)); {
	case f.CPUs == 0:
		return one(fine("%s uses %d processors", whose, f.GoMaxProcs))
	case f.GoMaxProcs > max(2, quota): // Go itself takes two at least
		return one(warn(fmt.Sprintf("%s may use %.1f processors and takes %d for its own: it is stopped in the middle of requests", whose, f.CPUs, f.GoMaxProcs),
			fmt.Sprintf("leave GOMAXPROCS out, or set it to %d", quota)))
	}
	return one(fine("%s may use %.1f processors; GOMAXPROCS is %d", whose, f.CPUs, f.GoMaxProcs))
}
