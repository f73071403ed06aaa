package simulation_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"
)

// text runs a script as it stands, for those that are not written in Go: the version before has its own.
func (m *memory) text(text string, keys, args []string) (any, error) {
	l := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer l.Close()
	for name, open := range map[string]lua.LGFunction{lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable, lua.StringLibName: lua.OpenString} {
		l.Push(l.NewFunction(open))
		l.Push(lua.LString(name))
		l.Call(1, 0)
	}
	m.inReach = keys
	called := l.NewTable()
	called.RawSetString("call", l.NewFunction(m.called))
	l.SetGlobal("redis", called)
	l.SetGlobal("KEYS", list(l, keys))
	l.SetGlobal("ARGV", list(l, args))
	chunk, err := parse.Parse(strings.NewReader(text), "script")
	if err != nil {
		return nil, err
	}
	code, err := lua.Compile(chunk, "script")
	if err != nil {
		return nil, err
	}
	l.Push(l.NewFunctionFromProto(code))
	if err := l.PCall(0, 1, nil); err != nil {
		return nil, err
	}
	return replyOf(l.Get(-1))
}

func list(l *lua.LState, words []string) *lua.LTable {
	t := l.NewTable()
	for _, word := range words {
		t.Append(lua.LString(word))
	}
	return t
}

// replyOf is what Redis makes of the value that a script returns.
func replyOf(v lua.LValue) (any, error) {
	switch v := v.(type) {
	case lua.LString:
		return string(v), nil
	case lua.LNumber:
		return int64(v), nil
	case lua.LBool:
		if v {
			return int64(1), nil
		}
		return nil, errAbsent
	case *lua.LTable:
		all := []any{}
		for i := range v.Len() {
			all = append(all, v.RawGetInt(i+1).String())
		}
		return all, nil
	default:
		return nil, fmt.Errorf("%w: a script returns %v", errUnknownCommand, v.Type())
	}
}

// called is redis.call.
func (m *memory) called(l *lua.LState) int {
	words := make([]string, l.GetTop())
	for i := range words {
		words[i] = l.CheckString(i + 1)
	}
	reply, err := m.call(words)
	if err != nil {
		l.RaiseError("%v", err)
		return 0
	}
	switch reply := reply.(type) {
	case string:
		l.Push(lua.LString(reply))
	case int64:
		l.Push(lua.LNumber(reply))
	case []string:
		l.Push(list(l, reply))
	default:
		l.Push(lua.LFalse)
	}
	return 1
}

// call is one command of a script. The reply is a string, an int64, a list or, for what is not there, nil.
func (m *memory) call(words []string) (any, error) {
	key, rest := words[1], words[2:]
	if !slices.Contains(m.inReach, key) {
		return nil, m.refused(errNotLocal, key)
	}
	switch command := strings.ToUpper(words[0]); command {
	case "GET":
		if v, ok := m.find(key); ok {
			return v.text, nil
		}
		return nil, nil
	case "GETRANGE":
		return m.part(key, number(rest[0]), number(rest[1])), nil
	case "SET":
		return m.callSet(key, rest)
	case "SETRANGE":
		m.overwrite(key, rest[1])
		return int64(0), nil
	case "DEL":
		return m.remove(key), nil
	case "PEXPIRE":
		m.expire(key, rest[0])
		return int64(1), nil
	case "INCR":
		return m.add(key, 1), nil
	case "DECR":
		return m.add(key, -1), nil
	case "EXISTS":
		_, ok := m.find(key)
		return one(ok), nil
	case "LRANGE":
		v, _ := m.find(key)
		return v.list, nil // nobody asks for a part
	case "RPUSH":
		m.push(key, rest[0])
		return int64(1), nil
	default:
		if strings.HasPrefix(command, "Z") {
			return m.callSorted(command, key, rest)
		}
		return m.callHash(command, key, rest)
	}
}

// one is how Redis says yes.
func one(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

func (m *memory) callSorted(command, key string, rest []string) (any, error) {
	switch command {
	case "ZADD":
		m.addMember(key, rest[1], rest[0])
		return int64(1), nil
	case "ZREM":
		m.removeMember(key, rest[0])
		return int64(1), nil
	case "ZSCORE":
		if at, ok := m.score(key, rest[0]); ok {
			return strconv.FormatFloat(at, 'f', -1, 64), nil
		}
		return nil, nil
	case "ZRANGEBYSCORE":
		if len(rest) != 5 || rest[0] != "-inf" || rest[2] != "LIMIT" || rest[3] != "0" {
			return nil, fmt.Errorf("%w: ZRANGEBYSCORE %q", errUnknownCommand, rest)
		}
		most, _ := strconv.ParseFloat(rest[1], 64)
		return m.below(key, most, number(rest[4])), nil
	default:
		return nil, fmt.Errorf("%w: %s", errUnknownCommand, command)
	}
}

// callSet knows SET with a lifetime alone.
func (m *memory) callSet(key string, rest []string) (any, error) {
	if len(rest) != 3 || rest[1] != "PX" {
		return nil, fmt.Errorf("%w: SET %q", errUnknownCommand, rest[1:])
	}
	m.set(key, rest[0], rest[2])
	return "OK", nil
}

func (m *memory) callHash(command, key string, rest []string) (any, error) {
	held, ok := "", false
	if len(rest) > 0 {
		held, ok = m.field(key, rest[0])
	}
	switch command {
	case "HGET":
		if ok {
			return held, nil
		}
		return nil, nil
	case "HEXISTS":
		return one(ok), nil
	case "HSET":
		m.setField(key, rest[0], rest[1])
		return int64(1), nil
	case "HSETNX":
		if ok {
			return int64(0), nil
		}
		m.setField(key, rest[0], rest[1])
		return int64(1), nil
	case "HDEL":
		m.removeField(key, rest[0])
		return int64(1), nil
	case "HINCRBY":
		m.setField(key, rest[0], fmt.Sprint(number(held)+number(rest[1])))
		return int64(1), nil
	case "HLEN":
		return m.fields(key), nil
	default:
		return nil, fmt.Errorf("%w: %s", errUnknownCommand, command)
	}
}
