package simulation_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// storageScripts are the scripts of package storage as they stand in its source: text → name.
var storageScripts = sync.OnceValues(func() (map[string]string, error) { return readScripts("../../storage") }) // read only

// scriptsBefore are those of the version before that this version has not got. make simulate-upgrade says where its sources are.
var scriptsBefore = sync.OnceValues(func() (map[string]string, error) { // read only
	if before == nil {
		return nil, nil
	}
	these, err := storageScripts()
	if err != nil {
		return nil, err
	}
	found, err := readScripts(filepath.Join(os.Getenv("SIMULATE_BEFORE"), "storage"))
	maps.DeleteFunc(found, func(text, _ string) bool { return these[text] != "" })
	return found, err
})

func readScripts(folder string) (map[string]string, error) {
	found := map[string]string{}
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 && strings.HasSuffix(spec.Names[0].Name, "Script") {
				if text, ok := spec.Values[0].(*ast.BasicLit); ok {
					body, _ := strconv.Unquote(text.Value)
					found[body] = strings.TrimSuffix(spec.Names[0].Name, "Script")
				}
			}
			return true
		})
	}
	return found, nil
}

// scriptsOf are the scripts of this version, and those of the version before that are others.
func scriptsOf(t testing.TB) (these, others map[string]string) {
	t.Helper()
	these, err := storageScripts()
	if err != nil || len(these) == 0 {
		t.Fatalf("the scripts of package storage: %v", err)
	}
	others, err = scriptsBefore()
	if err != nil {
		t.Fatalf("the scripts of the version before: %v", err)
	}
	return these, others
}

// script is one run of a script.
type script struct {
	*memory

	keys, args []string
}

// run does what the script of this name does: each is written here as it is there.
func (c *script) run(name string) (any, error) {
	switch name {
	case "lease":
		return c.lease(), nil
	case "commit":
		return c.commit(), nil
	case "delete":
		return c.delete(), nil
	case "count":
		n := c.add(c.keys[0], 1)
		if n == 1 {
			c.expire(c.keys[0], c.args[0])
		}
		return n, nil
	case "uncount":
		if v, _ := c.find(c.keys[0]); v.text != "" && v.text[0] != '-' && v.text != "0" {
			return c.add(c.keys[0], -1), nil
		}
		return int64(0), nil
	case "probe":
		c.set(c.keys[0], "", c.args[0])
		return "", nil
	case "load":
		v, ok := c.find(c.keys[0])
		if !ok {
			return nil, errAbsent
		}
		c.expire(c.keys[0], c.args[0])
		return v.text, nil
	case "ask":
		return c.ask(), nil
	case "say":
		return c.say(), nil
	case "unsay":
		return c.unsay(), nil
	case "add", "claim", "again", "remove":
		return c.queue(name), nil
	default:
		return nil, fmt.Errorf("%w: the script %q", errUnknownCommand, name)
	}
}

func (c *script) lease() string {
	if holder, ok := c.find(c.keys[0]); ok && holder.text != c.args[0] {
		return holder.text
	}
	c.set(c.keys[0], c.args[0], c.args[1])
	return c.args[0]
}

func (c *script) verb(i int) string   { return c.args[4*i] }
func (c *script) was(i int) string    { return c.args[4*i+1] }
func (c *script) value(i int) string  { return c.args[4*i+2] }
func (c *script) life(i int) string   { return c.args[4*i+3] }
func (c *script) header(i int) string { return c.part(c.keys[i], 0, 32) }
func (c *script) first(i int) string  { return c.part(c.keys[i], 0, 0) }

const (
	spentMark    = "\x81"
	replayedMark = "\x82"
)

func (c *script) commit() int64 {
	for i := range c.keys {
		if c.verb(i) == "spend" && c.first(i) == replayedMark {
			return 0
		}
	}
	for i := range c.keys {
		if value := c.value(i); (c.verb(i) == "set" || c.verb(i) == "replace") && c.header(i) == value[:min(33, len(value))] {
			return 1
		}
	}
	for i := range c.keys {
		if !c.allowed(i) {
			return 0
		}
	}
	for i := range c.keys {
		c.write(i)
	}
	return 1
}

// allowed is the guard of one write.
func (c *script) allowed(i int) bool {
	marked := c.first(i) == spentMark || c.first(i) == replayedMark
	switch c.verb(i) {
	case "replace":
		return c.header(i) == c.was(i)
	case "set":
		return !marked
	case "spend":
		return c.header(i) == c.was(i) || c.header(i) == ""
	case "replay":
		return marked && c.part(c.keys[i], 1, 20) == c.was(i)
	default:
		return true
	}
}

func (c *script) write(i int) {
	switch c.verb(i) {
	case "set", "replace", "spend":
		c.set(c.keys[i], c.value(i), c.life(i))
	case "replay":
		c.overwrite(c.keys[i], replayedMark)
	case "drop":
		c.remove(c.keys[i])
	case "release":
		v, ok := c.find(c.keys[i])
		switch {
		case !ok || v.text != c.was(i):
		case lifetime(c.life(i)) > 0:
			c.expire(c.keys[i], c.life(i))
		default:
			c.remove(c.keys[i])
		}
	}
}

func (c *script) delete() int64 {
	if c.part(c.keys[0], 0, 0) != "\x01" {
		return 0
	}
	label := c.part(c.keys[0], 1, 20)
	for _, arg := range c.args {
		if arg == label {
			return c.remove(c.keys[0])
		}
	}
	return 0
}

func (c *script) ask() string {
	if held, ok := c.field(c.keys[0], c.args[0]); ok {
		if held == c.args[1] {
			return "+"
		}
		return "-"
	}
	c.setField(c.keys[0], c.args[0], c.args[1])
	c.firstOfMinute(c.args[2], c.args[3])
	return "+"
}

func (c *script) firstOfMinute(minute, life string) {
	if c.fields(c.keys[0]) != 1 {
		return
	}
	c.addMember(c.keys[1], minute, minute)
	for _, key := range c.keys {
		c.expire(key, life)
	}
}

func (c *script) say() string {
	id, number, word, over := c.args[0], c.args[1], c.args[3], c.args[4]
	n, _ := strconv.Atoi(number)
	at := 14 * n
	held, was := c.field(c.keys[0], id)
	held, dot := strings.CutSuffix(held, ".")
	said := ""
	if len(held) >= at {
		said = held[at-1 : at]
	}
	if word == "" {
		word = said
	}
	if word == "" || said == word && (dot || over == "") {
		return "+"
	}
	capital := said >= "A" && said <= "Z"
	if c.args[5] == "" && (dot || word == "a" && said != "" || said != word && capital) {
		return "-"
	}
	before := c.args[2]
	if said != "" {
		before = held[at-14 : at-1]
	}
	if at > 14 {
		first := held[:min(at-14, len(held))]
		before = first + strings.Repeat("0000000000000-", (at-14-len(first))/14) + before
	}
	rest := held[min(at, len(held)):]
	end := over
	if dot {
		end = "."
	}
	c.setField(c.keys[0], id, before+word+rest+end)
	if !was {
		c.firstOfMinute(c.args[6], c.args[7])
	}
	if over != "" && !dot {
		n, _ := c.field(c.keys[0], ".")
		sum, _ := strconv.Atoi(n)
		c.setField(c.keys[0], ".", strconv.Itoa(sum+1))
	}
	return "+"
}

func (c *script) unsay() string {
	was, _ := c.field(c.keys[0], c.args[0])
	number, _ := strconv.Atoi(c.args[1])
	switch {
	case was == "" || len(was) != 14*number || !strings.HasSuffix(was, c.args[2]+"a"):
		return "-"
	case len(was) == 14:
		c.removeField(c.keys[0], c.args[0])
	default:
		c.setField(c.keys[0], c.args[0], was[:len(was)-14])
	}
	return "+"
}
