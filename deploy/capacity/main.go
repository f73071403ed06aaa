package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

func main() { write(os.Stdout) }

// write prints the tables of CAPACITY.md, each behind the line that names it there.
func write(out io.Writer) {
	f := belgium()
	for _, t := range []struct{ name, text string }{{"figures", inputs(&f)}, {"results", results(&f)}} {
		_, _ = fmt.Fprintf(out, "<!-- %s -->\n%s", t.name, t.text)
	}
}

func inputs(f *figures) string {
	var b strings.Builder
	b.WriteString("| figure | | | from |\n|---|---|---|---|\n")
	for _, i := range f.all() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", i.name, withUnit(i.value, i.unit), i.origin, i.from)
	}
	return b.String()
}

// results are two columns, one for each algorithm: everything in them is multiplied.
func results(f *figures) string {
	es, rs := size(f, f.es256.value), size(f, f.rs256.value)
	var b strings.Builder
	b.WriteString("| multiplied | ES256 | RS256 |\n|---|---|---|\n")
	line := func(name, unit string, of func(d *deployment) float64) {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", name, withUnit(of(&es), unit), withUnit(of(&rs), unit))
	}
	line("logins in a day", "", func(d *deployment) float64 { return d.day })
	line("cores of the bridges that are busy at the peak", "", func(d *deployment) float64 { return d.busyCores })
	line("**replicas**, of 2 cores, in three zones", "", func(d *deployment) float64 { return float64(d.replicas) })
	line("busy when a zone is gone", "%", func(d *deployment) float64 { return 100 * d.withoutZone })
	line("logins that wait for their person", "", func(d *deployment) float64 { return d.open })
	line("memory of Redis, with what is to spare", "GB", func(d *deployment) float64 { return d.memory })
	line("cores of Redis that are busy at the peak", "", func(d *deployment) float64 { return d.redisBusy })
	line("**shards of Redis**", "", func(d *deployment) float64 { return float64(d.shards) })
	line("nodes: a master and two replicas of each, one in each zone", "", func(d *deployment) float64 { return float64(d.nodes) })
	line("the busiest master", "%", func(d *deployment) float64 { return 100 * d.hottest })
	line("round trips to Redis in a second", "", func(d *deployment) float64 { return d.commands })
	line("POSTs to CM in a second, and at least as many status calls", "", func(d *deployment) float64 { return d.posts })
	line("POSTs to CM under way", "", func(d *deployment) float64 { return d.inFlight })
	line("CM may take for a POST before people are told to try again", "s", func(d *deployment) float64 { return d.slowest })
	line("the same when a zone is gone", "s", func(d *deployment) float64 { return d.afterward })
	line("`limits.total` that lets the peak through, in its window", "", func(d *deployment) float64 { return d.totalLimit })
	line("a zone fails: people who are told to try again while masters are replaced", "", func(d *deployment) float64 { return d.refused })
	line("… logins whose last write was not replicated: begun again", "", func(d *deployment) float64 { return d.lostLag })
	line("… identities that CM had given and Redis had not got: begun again, and paid for twice", "", func(d *deployment) float64 { return d.lostGap })
	return b.String()
}

// withUnit writes a figure with as many digits as it deserves: two, and none behind the point from a hundred on.
func withUnit(v float64, unit string) string {
	text := strconv.FormatFloat(v, 'f', -1, 64)
	switch {
	case v >= 1000:
		text = grouped(int64(v + 0.5))
	case v >= 10:
		text = strconv.FormatFloat(v, 'f', 0, 64)
	case v != float64(int64(v)):
		text = strconv.FormatFloat(v, 'g', 2, 64)
	}
	return strings.TrimSpace(text + " " + unit)
}

// grouped writes a whole number with spaces between thousands.
func grouped(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return grouped(n/1000) + fmt.Sprintf(" %03d", n%1000)
}
