package simulation_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"
)

// memory is what one Redis holds: the part of it that the bridge uses. A test compares it with a real one
// (model_test.go).
type memory struct {
	now     func() time.Time
	scripts map[string]string // the text of a script → its name in package storage
	texts   map[string]string // likewise, of those that run as they stand (lua_test.go)
	keys    map[string]value

	inReach []string // the keys of the script that runs as it stands
	apart   []string // what a Cluster refuses, and was asked (cluster_test.go)
}

// value is what stands under a key. A value is never changed, only replaced, so that a copy of the map is a copy of all.
type value struct {
	text  string
	hash  map[string]string  // not nil: it is a hash
	zset  map[string]float64 // not nil: it is a sorted set
	list  []string           // not nil: it is a list
	until time.Time          // zero: it has no lifetime
}

var errUnknownCommand = errors.New("the model does not know this command")

// errAbsent is the reply for what is not there.
var errAbsent = errors.New("nil")

// do runs one command. The reply is a string, an int64 or a list of strings.
func (m *memory) do(words []string) (any, error) {
	if err := m.inOneSlot(words); err != nil {
		return nil, err
	}
	switch words[0] {
	case "get":
		v, ok := m.find(words[1])
		if !ok {
			return nil, errAbsent
		}
		return v.text, nil
	case "getrange":
		return m.part(words[1], number(words[2]), number(words[3])), nil
	case "eval":
		keys, args := words[3:3+number(words[2])], words[3+number(words[2]):]
		if _, ok := m.texts[words[1]]; ok {
			return m.text(words[1], keys, args)
		}
		run := script{memory: m, keys: keys, args: args}
		return run.run(m.scripts[words[1]])
	default:
		return nil, fmt.Errorf("%w: %s", errUnknownCommand, words[0])
	}
}

// wordsOf are the arguments of a command as they are sent: those that are addresses hold
// something else later.
func wordsOf(args []any) []string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = textOf(arg)
	}
	return words
}

// number is what Redis reads a text as; no text: 0.
func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

func textOf(arg any) string {
	switch a := arg.(type) {
	case string:
		return a
	case *string:
		return *a
	case *int64:
		return fmt.Sprint(*a)
	case []byte:
		return string(a)
	default:
		return fmt.Sprint(a)
	}
}

// find is a value whose lifetime is not over.
func (m *memory) find(key string) (value, bool) {
	v, ok := m.keys[key]
	if ok && !v.until.IsZero() && !m.now().Before(v.until) {
		delete(m.keys, key)
		return value{}, false
	}
	return v, ok
}

// part is GETRANGE for indices that are not negative.
func (m *memory) part(key string, from, to int) string {
	v, _ := m.find(key)
	if from >= len(v.text) {
		return ""
	}
	return v.text[from:min(to+1, len(v.text))]
}

func (m *memory) set(key, text, milliseconds string) {
	m.keys[key] = value{text: text, until: m.now().Add(lifetime(milliseconds))}
}

// overwrite is SETRANGE at the beginning of a text: it keeps the lifetime.
func (m *memory) overwrite(key, text string) {
	v, _ := m.find(key)
	v.text = text + v.text[min(len(text), len(v.text)):]
	m.keys[key] = v
}

func (m *memory) expire(key, milliseconds string) {
	if v, ok := m.find(key); ok {
		v.until = m.now().Add(lifetime(milliseconds))
		m.keys[key] = v
	}
}

func (m *memory) remove(key string) int64 {
	_, ok := m.find(key)
	delete(m.keys, key)
	if ok {
		return 1
	}
	return 0
}

// add is INCRBY.
func (m *memory) add(key string, n int64) int64 {
	v, _ := m.find(key)
	was, _ := strconv.ParseInt(v.text, 10, 64)
	v.text = strconv.FormatInt(was+n, 10)
	m.keys[key] = v
	return was + n
}

func (m *memory) field(key, field string) (string, bool) {
	v, _ := m.find(key)
	text, ok := v.hash[field]
	return text, ok
}

func (m *memory) setField(key, field, text string) {
	v, _ := m.find(key)
	hash := maps.Clone(v.hash)
	if hash == nil {
		hash = map[string]string{}
	}
	hash[field] = text
	v.hash = hash
	m.keys[key] = v
}

func (m *memory) removeField(key, field string) {
	v, ok := m.find(key)
	if !ok {
		return
	}
	v.hash = maps.Clone(v.hash)
	delete(v.hash, field)
	if m.keys[key] = v; len(v.hash) == 0 {
		delete(m.keys, key)
	}
}

func (m *memory) fields(key string) int64 {
	v, _ := m.find(key)
	return int64(len(v.hash))
}

// removeMember is ZREM.
func (m *memory) removeMember(key, member string) {
	v, ok := m.find(key)
	if !ok {
		return
	}
	v.zset = maps.Clone(v.zset)
	delete(v.zset, member)
	if m.keys[key] = v; len(v.zset) == 0 {
		delete(m.keys, key)
	}
}

// score is ZSCORE.
func (m *memory) score(key, member string) (float64, bool) {
	v, _ := m.find(key)
	at, ok := v.zset[member]
	return at, ok
}

// below is ZRANGEBYSCORE from -inf on: at most so many members, the lowest score first.
func (m *memory) below(key string, most float64, many int) []string {
	v, _ := m.find(key)
	members := slices.DeleteFunc(slices.Sorted(maps.Keys(v.zset)), func(member string) bool { return v.zset[member] > most })
	slices.SortStableFunc(members, func(a, b string) int { return cmp.Compare(v.zset[a], v.zset[b]) })
	return members[:min(many, len(members))]
}

// push is RPUSH.
func (m *memory) push(key, text string) {
	v, _ := m.find(key)
	v.list = append(slices.Clone(v.list), text)
	m.keys[key] = v
}

func (m *memory) addMember(key, member, score string) {
	v, _ := m.find(key)
	zset := maps.Clone(v.zset)
	if zset == nil {
		zset = map[string]float64{}
	}
	zset[member], _ = strconv.ParseFloat(score, 64)
	v.zset = zset
	m.keys[key] = v
}

func lifetime(milliseconds string) time.Duration {
	n, _ := strconv.ParseInt(milliseconds, 10, 64)
	return time.Duration(n) * time.Millisecond
}

// all are the keys that are there now, in order.
func (m *memory) all() []string {
	keys := slices.Sorted(maps.Keys(m.keys))
	return slices.DeleteFunc(keys, func(key string) bool { _, ok := m.find(key); return !ok })
}

// left is how long a key still lives; for ever, if it has no lifetime.
func (m *memory) left(key string) time.Duration {
	v, _ := m.find(key)
	if v.until.IsZero() {
		return math.MaxInt64
	}
	return v.until.Sub(m.now())
}

// String shows everything, for a comparison.
func (m *memory) String() string {
	out := ""
	for _, key := range m.all() {
		v, _ := m.find(key)
		out += fmt.Sprintf("%s = %q %v %v %v, lives %v\n", key, v.text, v.hash, v.zset, v.list, !v.until.IsZero())
	}
	return out
}
