package storagetest

import (
	"bytes"
	"strconv"
	"strings"
)

// trip is what was sent at once: a command, or a pipeline.
type trip struct{ commands []command }

type command struct {
	name string
	keys []string // of a script
}

// String is the names of its commands: "set+get".
func (t *trip) String() string {
	names := make([]string, len(t.commands))
	for i, c := range t.commands {
		names[i] = c.name
	}
	return strings.Join(names, "+")
}

// greets reports whether these belong to the making of a connection.
func greets(commands []command) bool {
	switch commands[0].name {
	case "hello", "auth", "select", "client", "readonly", // to Redis
		"cluster", "sentinel", "subscribe", "psubscribe": // to find it
		return true
	default:
		return false
	}
}

// parse takes whole commands (RESP arrays of bulk strings) off the front of what a
// client wrote.
func parse(sent []byte) (commands []command, rest []byte) {
	for {
		args, after, ok := parseOne(sent)
		if !ok {
			return commands, sent
		}
		sent = after
		if len(args) == 0 {
			continue
		}
		c := command{name: strings.ToLower(string(args[0]))}
		if c.name == "eval" && len(args) > 2 {
			n, _ := strconv.Atoi(string(args[2]))
			for _, key := range args[3:min(3+n, len(args))] {
				c.keys = append(c.keys, string(key))
			}
		}
		commands = append(commands, c)
	}
}

func parseOne(b []byte) (args [][]byte, rest []byte, ok bool) {
	n, b, ok := parseSize(b, '*')
	for range n {
		var size int
		if size, b, ok = parseSize(b, '$'); !ok || len(b) < size+2 {
			return nil, nil, false
		}
		args, b = append(args, b[:size]), b[size+2:]
	}
	return args, b, ok
}

func parseSize(b []byte, kind byte) (n int, rest []byte, ok bool) {
	line, rest, ok := bytes.Cut(b, []byte("\r\n"))
	if !ok || len(line) < 2 || line[0] != kind {
		return 0, nil, false
	}
	n, err := strconv.Atoi(string(line[1:]))
	return n, rest, err == nil && n >= 0
}

// hashTag is the part of a key that a Cluster finds the slot by (the Cluster
// specification's "hash tags").
func hashTag(key string) string {
	_, after, ok := strings.Cut(key, "{")
	if tag, _, closed := strings.Cut(after, "}"); ok && closed && tag != "" {
		return tag
	}
	return key
}
