package provider_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"itsme-bridge/keys"
	"itsme-bridge/storage/storagetest"
)

// BenchmarkFootprint is what logins cost a real Redis: how many bytes one that waits for
// its person takes there, how many one that has just been completed, and how much of
// Redis's CPU a whole one. Run it with -benchtime 5000x: a few logins disappear among
// what Redis allocates for itself.
func BenchmarkFootprint(b *testing.B) {
	world := storagetest.Real(b)
	login := newLoginBench(b, world, keys.ES256, nil)
	info := func(section, field string) float64 { return infoOf(b, world, section, field) }
	memory := func() float64 { return info("memory", "used_memory") }
	cpu := func() float64 { return info("cpu", "used_cpu_user") + info("cpu", "used_cpu_sys") }
	for range 20 { // connections, scripts, caches
		login.run(b)
	}
	n := float64(b.N)

	before := memory()
	for range b.N {
		login.do(b, http.MethodGet, login.issuer+"/authorize?"+login.query, "", "")
	}
	open := memory() - before

	before, spent := memory(), cpu()
	b.ResetTimer()
	for range b.N {
		login.run(b)
	}
	b.StopTimer()
	b.ReportMetric((cpu()-spent)*1e6/n, "redis-µs/login")
	b.ReportMetric((memory()-before)/n, "redis-B/login")
	b.ReportMetric(open/n, "redis-B/open-login")
}

// infoOf is a figure that Redis tells of itself.
func infoOf(b *testing.B, world *storagetest.World, section, field string) float64 {
	b.Helper()
	text, err := world.Redis().Info(b.Context(), section).Result()
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := strings.Cut(text, "\n"+field+":")
	figure, _, _ := strings.Cut(after, "\r\n")
	f, err := strconv.ParseFloat(figure, 64)
	if err != nil {
		b.Fatalf("%s: %q", field, figure)
	}
	return f
}
