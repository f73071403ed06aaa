package simulation_test

import (
	"slices"
	"strconv"
	"strings"
)

// The scripts of storage's queue, in which the outbox lies.

func (c *script) queue(name string) any {
	switch name {
	case "add":
		c.addItems()
	case "remove":
		c.removeItems()
	case "claim":
		return c.claimItems()
	case "again":
		return c.putBack()
	}
	return int64(1)
}

func (c *script) addItems() {
	if _, known := c.find(c.keys[2]); known {
		return
	}
	if _, there := c.find(c.keys[0]); !there {
		c.remove(c.keys[1])
	}
	for i := 3; i < len(c.args); i += 2 {
		_, due := c.score(c.keys[0], c.args[i])
		if _, held := c.field(c.keys[1], c.args[i]); !due || !held {
			c.setField(c.keys[1], c.args[i], c.args[i+1])
			c.addMember(c.keys[0], c.args[i], c.args[0])
		}
	}
	c.expire(c.keys[0], c.args[1])
	c.expire(c.keys[1], c.args[1])
	c.set(c.keys[2], "", c.args[2])
}

func (c *script) claimItems() []any {
	now, keep, until := number(c.args[0]), number(c.args[2]), number(c.args[1])
	receipt, _ := c.find(c.keys[2])
	claimed := len(receipt.list) > 0
	found := receipt.list
	if !claimed {
		found = c.below(c.keys[0], float64(now), number(c.args[4]))
	}
	items := []any{}
	for _, id := range found {
		held, _ := c.field(c.keys[1], id)
		born := now
		if digits := held[:len(held)-len(strings.TrimLeft(held, "0123456789"))]; digits != "" {
			born, _ = strconv.Atoi(digits)
		}
		at, _ := c.score(c.keys[0], id)
		switch {
		case held == "" || born+keep <= now:
			c.removeField(c.keys[1], id)
			c.removeMember(c.keys[0], id)
		case !claimed:
			c.addMember(c.keys[0], id, c.args[1])
			c.push(c.keys[2], id)
			items = append(items, id, held)
		case at == float64(until):
			items = append(items, id, held)
		}
	}
	if !claimed && len(items) > 0 {
		c.expire(c.keys[0], c.args[2])
		c.expire(c.keys[1], c.args[2])
		c.expire(c.keys[2], c.args[3])
	}
	return items
}

func (c *script) putBack() int64 {
	id, revision := c.args[0], c.args[1]
	held, _ := c.field(c.keys[1], id)
	switch held = held[:min(len(revision), len(held))]; {
	case held == c.args[3][:min(len(revision), len(c.args[3]))]:
		return 1
	case held != revision:
		return 0
	}
	if at, ok := c.score(c.keys[0], id); !ok || at != float64(number(c.args[2])) {
		return 0
	}
	c.setField(c.keys[1], id, c.args[3])
	c.addMember(c.keys[0], id, c.args[4])
	c.expire(c.keys[0], c.args[5])
	c.expire(c.keys[1], c.args[5])
	return 1
}

func (c *script) removeItems() {
	for pair := range slices.Chunk(c.args, 2) {
		if held, ok := c.field(c.keys[1], pair[0]); ok && strings.HasPrefix(held, pair[1]) {
			c.removeField(c.keys[1], pair[0])
			c.removeMember(c.keys[0], pair[0])
		}
	}
}
