package simulation_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"itsme-bridge/storage/storagetest"
)

// The model and a real Redis are sent the same commands, drawn by chance, and must give the same answers and hold the
// same things with the same lifetimes. Without that, nothing that is shown with the model is shown.
func TestTheModelIsLikeARealRedis(t *testing.T) {
	scripts, _ := scriptsOf(t)
	seed := setting(t, "SIMULATE_SEED", uint64(time.Now().UnixNano()))
	t.Logf("the seed is %d", seed)
	world := storagetest.Real(t)
	now := time.Unix(1_000_000_000, 0)
	model := &memory{now: func() time.Time { return now }, scripts: scripts, keys: map[string]value{}}
	asTheyStand := &memory{now: model.now, texts: scripts, keys: map[string]value{}}
	d := &drawn{Rand: rand.New(rand.NewPCG(seed, 3)), scripts: map[string]string{}, used: map[string]int{}}
	for text, name := range scripts {
		d.scripts[name] = text
	}
	for n := range 4000 {
		if n%50 == 0 {
			now = now.Add(40 * time.Second)
			world.Advance(40 * time.Second)
		}
		command := d.command()
		want, wrong := world.Redis().Do(t.Context(), command...).Result()
		got, err := model.do(wordsOf(command))
		if wrong != nil && !errors.Is(wrong, redis.Nil) {
			t.Fatalf("command %d: %v: %q", n, wrong, command)
		}
		if !reflect.DeepEqual(got, want) || errors.Is(err, errAbsent) != errors.Is(wrong, redis.Nil) {
			t.Fatalf("command %d: the model says %#v (%v), Redis %#v (%v): %q", n, got, err, want, wrong, command)
		}
		if said, err := asTheyStand.do(wordsOf(command)); !reflect.DeepEqual(got, said) || errors.Is(err, errAbsent) != errors.Is(wrong, redis.Nil) {
			t.Fatalf("command %d: the text of the script says %#v (%v), Redis %#v (%v): %q", n, said, err, want, wrong, command)
		}
		if in, is := model.String(), asTheyStand.String(); in != is {
			t.Fatalf("command %d: %q: the model holds\n%s\nby the text of the script it holds\n%s", n, command, in, is)
		}
		if in, is := model.String(), heldBy(t, world.Redis(), model); in != is {
			t.Fatalf("command %d: %q: the model holds\n%s\nRedis holds\n%s", n, command, in, is)
		}
	}
	for _, name := range modelled() {
		if d.used[name] < 20 {
			t.Errorf("the script %s was tried %d times", name, d.used[name])
		}
	}
}

// heldBy is what a real Redis holds, as the model shows it. Lifetimes may differ by the time that the test takes.
func heldBy(t *testing.T, c redis.UniversalClient, m *memory) string {
	t.Helper()
	ctx := t.Context()
	keys := c.Keys(ctx, storagetest.Prefix+"*").Val()
	slices.Sort(keys)
	out := ""
	for _, key := range keys {
		v := value{}
		switch kind := c.Type(ctx, key).Val(); kind {
		case "string":
			v.text = c.Get(ctx, key).Val()
		case "hash":
			v.hash = c.HGetAll(ctx, key).Val()
		case "zset":
			v.zset = map[string]float64{}
			for _, member := range c.ZRangeWithScores(ctx, key, 0, -1).Val() {
				name, _ := member.Member.(string)
				v.zset[name] = member.Score
			}
		case "list":
			v.list = c.LRange(ctx, key, 0, -1).Val()
		default:
			t.Fatalf("%s is a %s", key, kind)
		}
		left := c.PTTL(ctx, key).Val()
		if differs := (m.left(key) - left).Abs(); left > 0 && differs > 30*time.Second {
			t.Fatalf("%s lives for %v in the model, and for %v in Redis", key, m.left(key), left)
		}
		out += fmt.Sprintf("%s = %q %v %v %v, lives %v\n", key, v.text, v.hash, v.zset, v.list, left > 0)
	}
	return out
}

// drawn draws commands as storage sends them, on few keys, so that they meet.
type drawn struct {
	*rand.Rand

	scripts map[string]string // name → text
	used    map[string]int
}

func (d *drawn) one(of ...string) string { return of[d.IntN(len(of))] }

// life is never a multiple of the steps of the clock: nothing ends at the very instant of a step.
func (d *drawn) life() string { return d.one("50000", "610000", "3590000") }

func (d *drawn) key(names ...string) string { return storagetest.Prefix + d.one(names...) + ":{X}" }

func (d *drawn) label() string { return strings.Repeat(d.one("a", "b"), 20) }

func (d *drawn) header() string { return "\x01" + d.label() + strings.Repeat(d.one("1", "2", "3"), 12) }

func (d *drawn) command() []any {
	switch d.IntN(10) {
	case 0:
		return []any{"get", d.key("r1", "r2", "r3", "lease", "n")}
	case 1:
		return []any{"getrange", d.key("r1", "r2", "r3"), 0, d.IntN(3)}
	case 2, 3:
		return d.commit()
	case 4, 5:
		return d.tally()
	case 6, 7:
		return d.queue()
	default:
		return d.other()
	}
}

func (d *drawn) eval(name string, keys []string, args ...any) []any {
	d.used[name]++
	all := []any{"eval", d.scripts[name], len(keys)}
	for _, key := range keys {
		all = append(all, key)
	}
	return append(all, args...)
}

func (d *drawn) commit() []any {
	var keys []string
	var args []any
	for _, name := range []string{"r1", "r2", "r3"}[:1+d.IntN(3)] {
		keys = append(keys, d.key(name))
		verb := d.one("set", "replace", "drop", "spend", "replay")
		was, value := d.one("", d.header()), d.header()+d.one("", "sealed")
		switch verb {
		case "spend":
			value = "\x81" + d.label() + d.one("", "receipt")
		case "replay":
			was, value = d.label(), ""
		case "drop":
			was, value = "", ""
		}
		args = append(args, verb, was, value, d.life())
	}
	if d.IntN(2) == 0 {
		keys = append(keys, d.key("lease"))
		args = append(args, "release", d.one("me", "you"), "", d.one("0", "50000"))
	}
	return d.eval("commit", keys, args...)
}

func (d *drawn) tally() []any {
	minute := d.one("100", "101")
	keys := []string{d.key("open" + minute), d.key("due")}
	id := d.one("A", "B", "C")
	began := d.one("1000000000001", "1000000000002")
	switch d.IntN(4) {
	case 0:
		return d.eval("ask", keys, id, began+"a", minute, d.life())
	case 1:
		return d.eval("unsay", keys, id, 1+d.IntN(3), began)
	default:
		return d.eval("say", keys, id, 1+d.IntN(3), began, d.one("", "a", "b", "C", "D"), d.one("", "."), d.one("", "", "1"), minute, d.life())
	}
}

// queue draws a call of the outbox, whose clock is none of Redis's.
func (d *drawn) queue() []any {
	keys := []string{d.key("when"), d.key("what")}
	known := func(by string) []string { return append(keys, d.key(by+"1", by+"2", by+"3")) }
	id, now, until := d.one("A", "B", "C"), 3000*d.IntN(40), 40000+d.IntN(3)
	origin := d.one("1.x.", "20000.y.")
	revision := func() string { return origin + "\x01" + strings.Repeat("a", 20) + strings.Repeat(d.one("1", "2"), 12) }
	switch d.IntN(4) {
	case 0:
		args := []any{now, d.life(), d.life()}
		for _, id := range []string{"A", "B", "C"}[d.IntN(3):] {
			args = append(args, id, revision()+"sealed")
		}
		return d.eval("add", known("added"), args...)
	case 1:
		return d.eval("claim", known("claimed"), now, until, d.one("50000", "610000"), d.life(), 1+d.IntN(3))
	case 2:
		return d.eval("again", keys, id, revision(), until, revision()+"sealed", now, d.life())
	default:
		return d.eval("remove", keys, id, origin, d.one("A", "B"), d.one(origin, revision()))
	}
}

func (d *drawn) other() []any {
	switch name := d.one("lease", "delete", "count", "uncount", "probe", "load"); name {
	case "lease":
		return d.eval(name, []string{d.key("lease")}, d.one("me", "you"), d.life())
	case "delete":
		return d.eval(name, []string{d.key("r1", "r2")}, d.label())
	case "count", "uncount":
		return d.eval(name, []string{d.key("n")}, d.life())
	default:
		return d.eval(name, []string{d.key("probe")}, d.life())
	}
}

// modelled are the scripts that stories use.
func modelled() []string {
	return []string{"lease", "commit", "delete", "count", "uncount", "probe", "load", "ask", "say", "unsay", "add", "claim", "again", "remove"}
}

// A story is the same whether scripts are written in Go or run as they stand.
func TestScriptsAsTheyStandTellTheSameStory(t *testing.T) {
	x, texts := newTeller(t), newTeller(t)
	texts.scripts, texts.texts = nil, x.scripts
	for seed := range uint64(40) {
		if a, b := x.of(seed), texts.of(seed); !slices.Equal(a.lines, b.lines) || a.logged != b.logged {
			t.Fatalf("the seed %d: %s", seed, difference(strings.Join(a.lines, "\n"), strings.Join(b.lines, "\n")))
		}
	}
}
