package main

import (
	"fmt"
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
			ms(bridge.cpu), ms(floor.cpu), c.ratio(of), bridge.objects, floor.objects, bridge.bytes/1000, floor.bytes/1000,
			bridge.trips, ms(bridge.redis), ms(floor.redis))
	}
	row("**a login**", (*costs).whole)
	for step, name := range []string{authorize: "/authorize", comeBack: "the return", redeem: "/token", userinfo: "/userinfo"} {
		row(name, func(all *costs) cost { return all.of(step) })
	}
	b.WriteString("\n")
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
			l := c.held[i]
			return fmt.Sprintf("%.1f ms, %.1f ms (%d logins at %.0f a second)", ms(l.median), ms(l.worst), l.logins, l.rate)
		})
	}
	row("from the start to the first answer", func(c column) string { return fmt.Sprintf("%.0f ms", ms(c.start)) })
	row("memory at rest", func(c column) string { return fmt.Sprintf("%.0f MB", float64(c.idle)/1e6) })
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// ratio is the median of the rounds': one that the machine has disturbed does not count.
func (c *column) ratio(of func(*costs) cost) float64 {
	all := make([]float64, len(c.bridge.rounds))
	for i := range all {
		bridge, floor := costs{c.bridge.rounds[i : i+1]}, costs{c.floor.rounds[i : i+1]}
		all[i] = float64(of(&bridge).cpu) / float64(of(&floor).cpu)
	}
	slices.Sort(all)
	return all[len(all)/2]
}
