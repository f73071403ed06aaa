package simulation_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Redis Cluster refuses what it cannot do in one place: a command whose keys are in two slots, and a script that reaches for a key
// which it was not sent with. The model refuses likewise in every story, and nobody may have asked for that.

// refusal is what Redis answers.
type refusal string

func (r refusal) Error() string { return string(r) }

// RedisError makes it a redis.Error.
func (refusal) RedisError() {}

const (
	errCrossSlot = refusal("CROSSSLOT Keys in request don't hash to the same slot")
	errNotLocal  = refusal("ERR Script attempted to access a non local key in a cluster node")
)

// keysOf are the keys of a command.
func keysOf(words []string) []string {
	if words[0] == "eval" {
		return words[3 : 3+number(words[2])]
	}
	return words[1:2]
}

// inOneSlot refuses a command whose keys a Cluster would look for in several places. Whatever belongs together has the same hash
// tag, and no key is without.
func (m *memory) inOneSlot(words []string) error {
	first := ""
	for i, key := range keysOf(words) {
		tag := tagOf(key)
		if i == 0 {
			first = tag
		}
		switch {
		case tag == "":
			return m.refused(errCrossSlot, key)
		case tag != first && slotOf(tag) != slotOf(first):
			return m.refused(errCrossSlot, keysOf(words)[0], key)
		}
	}
	return nil
}

// refused notes what nobody may ask for.
func (m *memory) refused(why refusal, keys ...string) error {
	for i := range keys {
		keys[i] = kindOf(keys[i])
	}
	m.apart = append(m.apart, fmt.Sprintf("%s: %q", why, keys))
	return why
}

// tagOf is the hash tag of a key; empty: it has none.
func tagOf(key string) string {
	_, after, _ := strings.Cut(key, "{")
	tag, _, closed := strings.Cut(after, "}")
	if !closed {
		return ""
	}
	return tag
}

// slotOf is the slot of a hash tag: its CRC-16 (XMODEM), as the Cluster specification has it.
func slotOf(tag string) uint16 {
	crc := uint16(0)
	for _, b := range []byte(tag) {
		crc ^= uint16(b) << 8
		for range 8 {
			carry := crc >> 15
			crc = crc<<1 ^ carry*0x1021
		}
	}
	return crc % 16384
}

// What a Cluster answers besides.
const (
	errTryAgain    = refusal("TRYAGAIN Multiple keys request during rehashing of slot")
	errClusterDown = refusal("CLUSTERDOWN The cluster is down")
	errMoved       = refusal("MOVED 1 127.0.0.1:2") // once more than it is followed
)

// faultsOfCluster are what can go wrong with an op of which a Cluster does each part elsewhere.
func (w *world) faultsOfCluster(o *op) (faults []option) {
	add := func(what string, gentle bool, fails func(words []string) error) {
		faults = append(faults, option{name: o.key + " " + what, odd: true, gentle: gentle, do: func() { w.fails(o, fails) }})
	}
	several := func(words []string) bool { return len(keysOf(words)) > 1 }
	if slices.ContainsFunc(o.words, several) {
		add("meets a slot that moves", true, func(words []string) error {
			if several(words) {
				return errTryAgain
			}
			return nil
		})
	}
	var tags []string
	for _, words := range o.words {
		if tag := tagOf(keysOf(words)[0]); !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	for i, tag := range tags {
		there := func(words []string) bool { return tagOf(keysOf(words)[0]) == tag }
		spared := len(tags) > 1 && !slices.ContainsFunc(o.words, func(words []string) bool { return there(words) && !countsOnly(words) })
		for _, fault := range []struct {
			what string
			err  error
		}{{"does not find", errNoConnection}, {"loses", errBroken}, {"is refused by", errClusterDown}, {"is sent on for ever from", errMoved}} {
			add(fmt.Sprintf("%s node %d", fault.what, i+1), spared && !errors.Is(fault.err, errMoved), func(words []string) error {
				if there(words) {
					return fault.err
				}
				return nil
			})
		}
	}
	return faults
}

// countsOnly reports whether a command only counts: where its node is not there, people log in all the same.
func countsOnly(words []string) bool {
	kind := kindOf(keysOf(words)[0])
	return slices.Contains([]string{"starts", "client", "address", "line"}, kind) || strings.HasPrefix(kind, "tally-")
}

// fails lets an op arrive, some commands of which fail.
func (w *world) fails(o *op, fails func(words []string) error) {
	o.arrive = func() arrival { return w.memory.answer(o.words, fails) }
	w.hurts(o)
	w.arrive(o, nil, true)
}

// hurts notes that a fault of Redis or CM has met the request of an op.
func (w *world) hurts(o *op) {
	if o.sender.request != nil {
		o.sender.request.hurt = true
	}
}

// halfOf is what Redis holds now, but for the slots of one of two nodes, which hold what they did before.
func (w *world) halfOf(past map[string]value, half int) map[string]value {
	there := map[string]value{}
	for node, keys := range [][2]map[string]value{{past, w.memory.keys}, {w.memory.keys, past}}[half] {
		for key, v := range keys {
			if int(slotOf(tagOf(key))/8192) == node {
				there[key] = v
			}
		}
	}
	return there
}
