package config

import (
	"fmt"
	"math"
	"net"
	"strings"
	"time"

	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/storage"
)

// Redis says where Redis is. The options are without secrets and TLS, which
// stand beside them.
type Redis struct {
	storage.Options

	Password         document.Secret
	SentinelPassword document.Secret
	TLS              ClientTLS
}

// Reveal are the options with the passwords and TLS.
func (r Redis) Reveal() (storage.Options, error) {
	options := r.Options
	options.Password, options.SentinelPassword = r.Password.Reveal(), r.SentinelPassword.Reveal()
	secured, err := r.TLS.Config()
	if err != nil {
		return options, fmt.Errorf("redis.tls: %w", err)
	}
	options.TLS = secured
	return options, nil
}

func readRedis(s document.Section, about situation) Redis {
	s.Missing("mode", "write single, sentinel or cluster")
	s.Missing("addresses", "list host:port, such as [127.0.0.1:6379]")
	var r Redis
	r.Mode = s.Value("mode").Choice("", "single", "sentinel", "cluster")
	r.Addresses = readAddresses(s.Value("addresses"), r.Mode)
	r.Username = s.Value("username").Text()
	r.Password = readPassword(s, "password", about)
	r.TLS = readClientTLS(s.Section("tls"))
	r.Prefix = readPrefix(s.Value("prefix"))
	readMode(s, &r, about)

	timeouts := s.Section("timeouts")
	duration := func(key string) time.Duration {
		return timeouts.Value(key).Duration(2*time.Second, 10*time.Millisecond, writeBudget/2) // a write must fit twice
	}
	r.DialTimeout, r.ReadTimeout = duration("dial"), duration("read")
	r.WriteTimeout, r.PoolTimeout = duration("write"), duration("pool")
	r.PoolSize = int(s.Value("pool_size").Count(64, 1, 10_000))
	switch password := s.Value("password"); {
	case r.TLS.On || !r.remote():
	case !r.Password.Given():
		password.Warn("is missing, as is tls, and Redis is on another machine: whoever reaches it can throw every login and every signing key away, " +
			"and bring back what was revoked; set both")
	default:
		s.Value("tls").Warn("Redis is on another machine and is spoken to in clear; records are sealed, the password is not")
	}
	return r
}

// readMode reads what only some modes know.
func readMode(s document.Section, r *Redis, about situation) {
	database := s.Value("database")
	r.Database = int(database.Count(0, 0, math.MaxInt16))
	if r.Mode == "cluster" && r.Database != 0 {
		database.Wrong("is %d, and a cluster has only database 0; leave the key out", r.Database)
	}
	master := s.Value("master_name")
	r.MasterName = master.Text()
	r.SentinelUsername = s.Value("sentinel_username").Text()
	r.SentinelPassword = readPassword(s, "sentinel_password", about)
	if r.Mode == "sentinel" {
		s.Missing("master_name", "write the name that the sentinels know the master by")
		return
	}
	for _, key := range []string{"master_name", "sentinel_username", "sentinel_password", "sentinel_password_file"} {
		if v := s.Value(key); v.There() && r.Mode != "" {
			v.Wrong("is for mode sentinel, and the mode is %s; leave the key out", r.Mode)
		}
	}
}

func readPassword(s document.Section, key string, about situation) document.Secret {
	password, at := s.Secret(key)
	about.notExample(password, at)
	return password
}

func readAddresses(v document.Value, mode string) []string {
	addresses := make([]string, 0)
	items := v.Items()
	for _, item := range items {
		text := item.Text()
		if text == "" {
			continue // complained of
		}
		host, port, err := net.SplitHostPort(text)
		socket := strings.HasPrefix(text, "/") && mode == "single"
		if !socket && (err != nil || host == "" || port == "" || strings.ContainsAny(text, "/@")) {
			item.Wrong("is not host:port; write such as redis.example.be:6379, without redis:// and without a password")
			continue
		}
		addresses = append(addresses, text)
	}
	switch {
	case v.List() && len(items) == 0:
		v.Wrong("is empty; list host:port, such as [127.0.0.1:6379]")
	case mode == "single" && len(items) > 1:
		v.Wrong("has %d entries, and the mode is single; keep one, or write mode: sentinel or cluster", len(items))
	}
	return addresses
}

func readPrefix(v document.Value) string {
	if !v.There() {
		return "itsme-bridge:"
	}
	prefix := v.Text()
	if strings.ContainsAny(prefix, "{}") || strings.ContainsFunc(prefix, unfit) {
		v.Wrong("%s holds a brace, a space or the like; write letters, digits and :", v.Quoted())
	}
	return prefix
}

// remote reports whether an address is not of this machine.
func (r Redis) remote() bool {
	for _, address := range r.Addresses {
		if host, _, err := net.SplitHostPort(address); err == nil && !isLoopback(host) {
			return true
		}
	}
	return false
}
