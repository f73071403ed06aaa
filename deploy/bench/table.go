package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
)

// table is what was measured, as Markdown.
func table(columns []column) string {
	var b strings.Builder
	for _, c := range columns {
		c.ofSteps(&b)
	}
	ofDex(&b, &columns[0])
	ofProcess(&b, columns)
	return b.String()
}

// ofSteps is what a login and each of its steps cost, beside the floor.
func (c *column) ofSteps(b *strings.Builder) {
	fmt.Fprintf(b, "| %s | CPU, ms | floor | ratio | objects | floor | kB | floor | round trips | Redis's CPU, ms | floor |\n", c.alg)
	b.WriteString("|---" + strings.Repeat("|--:", 10) + "|\n")
	row := func(name string, of func(*costs) cost) {
		bridge, floor := of(&c.bridge), of(&c.floor)
		fmt.Fprintf(b, "| %s | %.3f | %.3f | %.2f | %.0f | %.0f | %.1f | %.1f | %.2f | %.3f | %.3f |\n", name,
			ms(bridge.cpu), ms(floor.cpu), ratio(&c.bridge, &c.floor, of), bridge.objects, floor.objects, bridge.bytes/1000, floor.bytes/1000,
			bridge.trips, ms(bridge.redis), ms(floor.redis))
	}
	row("**a login**", (*costs).whole)
	for step, name := range names() {
		row(name, func(all *costs) cost { return all.of(step) })
	}
	b.WriteString("\n")
}

// ofDex is what a login through Dex costs, beside one through the bridge.
func ofDex(b *strings.Builder, c *column) {
	if len(c.dex.rounds) == 0 {
		return
	}
	fmt.Fprintf(b, "| %s | bridge: CPU, ms | Dex | ratio | bridge: objects | Dex | bridge: kB | Dex |\n|---%s|\n", c.alg, strings.Repeat("|--:", 7))
	row := func(name string, of func(*costs) cost) {
		bridge, dex := of(&c.bridge), of(&c.dex)
		fmt.Fprintf(b, "| %s | %.3f | %.3f | %.2f | %.0f | %.0f | %.1f | %.1f |\n", name, ms(bridge.cpu), ms(dex.cpu),
			ratio(&c.bridge, &c.dex, of), bridge.objects, dex.objects, bridge.bytes/1000, dex.bytes/1000)
	}
	row("**a login**", (*costs).whole)
	for step, name := range names() {
		row(name, func(all *costs) cost { return all.of(step) })
	}
	b.WriteString("\n")
}

// names are those of a login's steps.
func names() []string {
	return []string{authorize: "/authorize", comeBack: "the return", redeem: "/token", userinfo: "/userinfo"}
}

// ofProcess is what was measured of the bridge alone.
func ofProcess(b *strings.Builder, columns []column) {
	row := func(name string, of func(column) string) {
		b.WriteString("| " + name + " |")
		for _, c := range columns {
			b.WriteString(" " + of(c) + " |")
		}
		b.WriteString("\n")
	}
	row("one core", func(c column) string { return c.alg })
	b.WriteString("|---" + strings.Repeat("|---", len(columns)) + "|\n")
	for i := range columns[0].held {
		row(fmt.Sprintf("a login at %.0f %% load: p50, p99", 100*columns[0].held[i].share), func(c column) string {
			l := c.held[i].bridge
			return fmt.Sprintf("%.1f ms, %.1f ms (%d logins at %.0f a second, %.0f %% of a core, %d failed)", ms(l.median), ms(l.worst), l.logins, l.rate, 100*l.busy, l.failed)
		})
		row("as many a second of the floor", func(c column) string {
			l := c.held[i].floor
			return fmt.Sprintf("%.1f ms, %.1f ms (%.0f %% of a core)", ms(l.median), ms(l.worst), 100*l.busy)
		})
	}
	row("CPU of a login: two replicas, and one, each of them as busy", func(c column) string { return c.ofReplicas() })
	row("round trips, and Redis's CPU: with two, with one", func(c column) string {
		one, two := mean(c.one), mean(c.two)
		return fmt.Sprintf("%.2f, %.2f; %.3f ms, %.3f ms", two.trips, one.trips, ms(two.redis), ms(one.redis))
	})
	row("from the start to the first answer", func(c column) string { return fmt.Sprintf("%.0f ms", ms(c.start)) })
	row("memory at rest", func(c column) string { return fmt.Sprintf("%.0f MB", float64(c.idle)/1e6) })
	row("load average of the machine", func(c column) string { return fmt.Sprintf("%s, of %d cores", c.busy, runtime.NumCPU()) })
}

// ofReplicas is the CPU of a login through two replicas beside that through one, and how many times one they carry by that.
func (c *column) ofReplicas() string {
	times := make([]float64, len(c.one))
	for i := range times {
		times[i] = 2 * float64(c.one[i].each.cpu) / float64(c.two[i].each.cpu)
	}
	slices.Sort(times)
	return fmt.Sprintf("%.3f ms, %.3f ms: two carry %.2f times one", ms(mean(c.two).cpu), ms(mean(c.one).cpu), times[len(times)/2])
}

// mean is the mean cost of a login.
func mean(all []latency) (sum cost) {
	for _, l := range all {
		sum.cpu += l.each.cpu
		sum.redis += l.each.redis
		sum.trips += l.each.trips
	}
	return sum.each(len(all))
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// ratio is the median of the rounds' ratios of CPU: one that the machine has disturbed does not count.
func ratio(above, below *costs, of func(*costs) cost) float64 {
	all := make([]float64, len(above.rounds))
	for i := range all {
		a, b := costs{above.rounds[i : i+1]}, costs{below.rounds[i : i+1]}
		all[i] = float64(of(&a).cpu) / float64(of(&b).cpu)
	}
	slices.Sort(all)
	return all[len(all)/2]
}
