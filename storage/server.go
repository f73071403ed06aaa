package storage

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// Server is one Redis as it describes itself (INFO). What it does not say is empty.
type Server struct {
	Address string
	Version string // 7.0.15
	Mode    string // standalone, sentinel, cluster
	Role    string // master, slave

	Policy    string // maxmemory-policy
	Memory    int64  // bytes in use
	MaxMemory int64  // bytes; 0: as many as the machine has
	Clients   int64  // connections now
	MaxClient int64  // connections at most; 0: it does not say

	Persistence bool   // it says how it keeps what it holds
	AppendOnly  bool   // it writes each change to a file
	Sync        string // appendfsync: always, everysec, no
	Snapshots   string // save: when it writes all; empty: never, or it may not be asked (see Configured)
	Failing     string // what of that fails now, in its words
	Configured  bool   // CONFIG GET was allowed

	Replicas []Replica // of a master
}

// Replica is one that a master knows.
type Replica struct {
	State string // online, or how far it has come
	Lag   int64  // seconds since it was heard of
}

// Servers are those that take our writes, in the order of their addresses: one, or the
// masters of a Cluster. One without a version has not let us ask.
func (x *Examiner) Servers(ctx context.Context) ([]Server, error) {
	var mu sync.Mutex
	var found []Server
	err := x.everyMaster(ctx, func(ctx context.Context, c *redis.Client) error {
		s, err := describe(ctx, c)
		mu.Lock()
		defer mu.Unlock()
		found = append(found, s)
		return err
	})
	slices.SortFunc(found, func(a, b Server) int { return cmp.Compare(a.Address, b.Address) })
	return found, err
}

// describe asks one server. That it does not let us ask is no error.
func describe(ctx context.Context, c *redis.Client) (Server, error) {
	s := Server{Address: c.Options().Addr}
	info, err := c.Info(ctx).Result()
	if err != nil && !isReply(err) {
		return s, unavailable("info", err)
	}
	s.read(factsOf(info))
	for setting, into := range map[string]*string{"maxmemory-policy": &s.Policy, "appendfsync": &s.Sync, "save": &s.Snapshots} {
		found, err := c.ConfigGet(ctx, setting).Result()
		if err != nil && !isReply(err) {
			return s, unavailable("config", err)
		}
		if value, ok := found[setting]; ok {
			*into, s.Configured = value, true
		}
	}
	return s, nil
}

func (s *Server) read(said facts) {
	s.Version, s.Mode, s.Role = said["redis_version"], said["redis_mode"], said["role"]
	s.Policy, s.Memory, s.MaxMemory = said["maxmemory_policy"], said.number("used_memory"), said.number("maxmemory")
	s.Clients, s.MaxClient = said.number("connected_clients"), said.number("maxclients")
	_, s.Persistence = said["aof_enabled"]
	s.AppendOnly = said["aof_enabled"] == "1"
	for _, name := range []string{"rdb_last_bgsave_status", "aof_last_write_status", "aof_last_bgrewrite_status"} {
		if state := said[name]; state != "" && state != "ok" && (s.AppendOnly || name == "rdb_last_bgsave_status") {
			s.Failing = name + ": " + state
		}
	}
	for i := 0; ; i++ {
		line, ok := said["slave"+strconv.Itoa(i)]
		if !ok {
			return
		}
		of := facts{}
		for part := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(part, "=")
			of[name] = value
		}
		s.Replicas = append(s.Replicas, Replica{of["state"], of.number("lag")})
	}
}

// facts are the lines of INFO.
type facts map[string]string

func factsOf(text string) facts {
	found := facts{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			found[name] = value
		}
	}
	return found
}

// number is a fact that is one; 0 where it is not there.
func (f facts) number(name string) int64 {
	n, _ := strconv.ParseInt(f[name], 10, 64)
	return n
}
