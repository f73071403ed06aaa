package storage

import (
	"context"
	"crypto/rand"
	"regexp"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Rights are what Redis lets our user not do that the bridge does.
type Rights struct {
	Lacking []string // in the words of ACL SETUSER: +hset, ~prefix*
	Unknown []string // commands that Redis does not know
}

// tried are the commands of the bridge, each as it is tried on a key that holds a
// short text. Most of them do not suit such a key: Redis asks first whether the user
// may, so that it does not come to anything. A test holds them to the scripts here.
//
// The first writes the key with its lifetime, and the last takes it away.
func tried(key string) [][]any {
	return [][]any{
		{"set", key, "a text", "px", probeLife.Milliseconds()},
		{"get", key},
		{"getrange", key, 0, 0},
		{"exists", key},
		{"pexpire", key, probeLife.Milliseconds()},
		{"eval", "return 1", 1, key},
		{"setrange", key, 0, "a"},
		{"incr", key},
		{"decr", key},
		{"hset", key, "a", "b"},
		{"hsetnx", key, "a", "b"},
		{"hincrby", key, "a", 1},
		{"zadd", key, 1, "a"},
		{"rpush", key, "a"},
		{"hget", key, "a"},
		{"hdel", key, "a"},
		{"hexists", key, "a"},
		{"hlen", key},
		{"hscan", key, 0},
		{"zrem", key, "a"},
		{"zscore", key, "a"},
		{"zrange", key, 0, 0},
		{"zrangebyscore", key, "-inf", 0},
		{"zremrangebyscore", key, 1, 0},
		{"lrange", key, 0, 0},
		{"del", key},
	}
}

// creating are those of them that would leave something behind without a lifetime,
// where the key is not there.
func creating() []string {
	return []string{"setrange", "incr", "decr", "hset", "hsetnx", "hincrby", "zadd", "rpush"}
}

// Rights tries what the bridge does. The error is that of the way to Redis.
func (x *Examiner) Rights(ctx context.Context) (Rights, error) {
	var r Rights
	key, written := x.key("probe", "rights-"+rand.Text()), true
	all := tried(key)
	if x.mode == "cluster" {
		all = append(all, []any{"cluster", "slots"})
	} else if x.options.Database != 0 {
		all = append(all, []any{"select", x.options.Database})
	}
	for _, words := range all {
		name, _ := words[0].(string)
		if !written && slices.Contains(creating(), name) {
			continue
		}
		err := x.send(ctx, redis.NewCmd(ctx, words...))
		if err != nil && !isReply(err) {
			return r, unavailable("rights", err)
		}
		refused := r.note(name, x.prefix, err)
		written = written && !(refused && name == "set")
	}
	return r, nil
}

var unprivileged = regexp.MustCompile(`(?i)no permissions to run the '([^']+)' command`)

// note keeps what an answer says of a right, and reports whether the command was refused.
func (r *Rights) note(command, prefix string, err error) (refused bool) {
	if err == nil {
		return false
	}
	said := strings.ReplaceAll(err.Error(), "`", "'")
	var right string
	named := unprivileged.FindStringSubmatch(said) // perhaps SELECT or AUTH, with which a connection begins
	switch {
	case strings.HasPrefix(said, "NOPERM") && named != nil:
		right = "+" + strings.ToLower(named[1])
	case strings.HasPrefix(said, "NOPERM"):
		right = "~" + globbed(prefix) + "*"
	case strings.Contains(said, "unknown command"):
		r.Unknown = append(r.Unknown, command)
		return true
	default:
		return false
	}
	if !slices.Contains(r.Lacking, right) {
		r.Lacking = append(r.Lacking, right)
	}
	return true
}
