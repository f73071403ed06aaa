package main

import (
	"context"
	"os"
	"time"
)

// column is what was measured of one algorithm.
type column struct {
	alg                      string
	bridge, pair, floor, dex costs // dex: of RS256 alone, and where there is one
	start                    time.Duration
	idle                     int64 // bytes
	held                     []load
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
	return c, nil
}

// alternate measures one after the other, round by round, so that what the machine does meanwhile is the same for all.
func (w world) alternate(ctx context.Context, c *column, bridge, floor *subject, redis *process, dex string, e effort) error {
	pair, err := w.startPair(ctx, bridge)
	if err != nil {
		return err
	}
	defer pair.processes[1].end() // the bridge goes on alone
	turns := []struct {
		subject *subject
		into    *costs
	}{{bridge, &c.bridge}, {floor, &c.floor}, {pair, &c.pair}}
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
