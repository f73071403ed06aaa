package main

import (
	"context"
	"os"
	"strings"
	"time"
)

// column is what was measured of one algorithm.
type column struct {
	alg                string
	bridge, floor, dex costs // dex: of RS256 alone, and where there is one
	start              time.Duration
	idle               int64 // bytes
	held               []load
	one, two           []latency // one bridge, and two with twice as much to do, by turns
	busy               string    // the machine's load average at the end
}

// load is a share of what the bridge's core can do, and how long logins took meanwhile; and as many of the floor, which has
// less to do and meets the same machine.
type load struct {
	share         float64
	bridge, floor latency
}

// measure starts what a login needs, and measures it.
func measure(ctx context.Context, w world, dex string, e effort) (column, error) {
	c := column{alg: w.alg}
	if err := os.MkdirAll(w.folder, 0o700); err != nil {
		return c, err
	}
	redis, address, err := startRedis(ctx, w.folder)
	if err != nil {
		return c, err
	}
	defer redis.end()
	cm, stop, err := serveCM(ctx)
	if err != nil {
		return c, err
	}
	defer stop()
	w.redis, w.cm = address, cm
	bridge, err := w.startBridge(ctx)
	if err != nil {
		return c, err
	}
	defer bridge.end()
	c.start = bridge.started
	time.Sleep(2 * time.Second) // what a start leaves behind is collected
	if c.idle, err = bridge.processes[0].memory(); err != nil {
		return c, err
	}
	floor, err := w.startFloor(ctx)
	if err != nil {
		return c, err
	}
	defer floor.end()
	if err := w.alternate(ctx, &c, bridge, floor, redis, dex, e); err != nil {
		return c, err
	}
	for _, share := range []float64{0.5, 0.8} {
		rate := share / c.bridge.whole().cpu.Seconds()
		l := load{share: share}
		if l.bridge, err = hold(ctx, bridge, redis, rate, e.held); err != nil {
			return c, err
		}
		if l.floor, err = hold(ctx, floor, redis, rate, e.held); err != nil {
			return c, err
		}
		c.held = append(c.held, l)
	}
	if err := w.double(ctx, &c, bridge, redis, e); err != nil {
		return c, err
	}
	text, err := os.ReadFile("/proc/loadavg")
	c.busy, _, _ = strings.Cut(string(text), " ")
	return c, err
}

// double holds one bridge at a quarter of what its core can do, and then two at twice that rate: each is as busy as the one was.
func (w world) double(ctx context.Context, c *column, bridge *subject, redis *process, e effort) error {
	pair, err := w.startPair(ctx, bridge)
	if err != nil {
		return err
	}
	defer pair.processes[1].end()
	rate, long := 0.25/c.bridge.whole().cpu.Seconds(), e.held/time.Duration(e.rounds)
	for range e.rounds + 1 {
		one, err := hold(ctx, bridge, redis, rate, long)
		if err != nil {
			return err
		}
		two, err := hold(ctx, pair, redis, 2*rate, long)
		if err != nil {
			return err
		}
		c.one, c.two = append(c.one, one), append(c.two, two)
	}
	c.one, c.two = c.one[1:], c.two[1:] // the first warms the second bridge up
	return nil
}

// alternate measures one after the other, round by round, so that what the machine does meanwhile is the same for all.
func (w world) alternate(ctx context.Context, c *column, bridge, floor *subject, redis *process, dex string, e effort) error {
	turns := []struct {
		subject *subject
		into    *costs
	}{{bridge, &c.bridge}, {floor, &c.floor}}
	if dex != "" && w.alg == "RS256" {
		other, stop, err := w.startDex(ctx, dex)
		if err != nil {
			return err
		}
		defer stop()
		turns = append(turns, struct {
			subject *subject
			into    *costs
		}{other, &c.dex})
	}
	for range e.rounds {
		for _, turn := range turns {
			if err := turn.subject.round(ctx, e.logins, redis, turn.into); err != nil {
				return err
			}
		}
	}
	return nil
}
