package storage

import (
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strings"
)

// Refusal is an answer with which Redis itself refuses to work for us, in the words of
// whoever can mend it.
type Refusal struct {
	Setting string // what in the configuration it is about, below "redis."; "": nothing
	Text    string // what is wrong, and what would be right
	Lasting bool   // waiting does not mend it
}

// known is a refusal, and the words in Redis's answer by which it is known. Scripts wrap
// what a command of theirs said, differently in every version, so that they may stand
// anywhere in it.
type known struct {
	words string
	modes string // where it holds; "": everywhere
	Refusal
}

// refusals are those that are known. The first that fits counts.
func refusals() []known { return slices.Concat(wrongPlace(), wrongName(), notNow()) }

// wrongPlace is what answers that is not what the configuration takes it for.
func wrongPlace() []known {
	return []known{
		{"No such master with that name", "sentinel", unknownMaster()},
		{"redis: nil", "sentinel", unknownMaster()},
		{"unknown command 'sentinel'", "sentinel", Refusal{
			"mode", "what answers is a Redis and no sentinel; write single, or the addresses of the sentinels", true,
		}},
		{"cluster support disabled", "cluster", Refusal{
			"mode", "what answers is no node of a Cluster; write single or sentinel", true,
		}},
		{"MOVED ", "single sentinel", Refusal{
			"mode", "what answers is a node of a Cluster; write cluster", true,
		}},
		{"unknown command 'cluster'", "cluster", Refusal{
			"mode", "what answers knows no Cluster; write single or sentinel", true,
		}},
		{"unknown command", "", Refusal{
			"addresses", "what answers does not know a command that the bridge needs; it has to be Redis 6.0 or later, no sentinel, and no command renamed", true,
		}},
		{"unknown subcommand", "", Refusal{
			"addresses", "what answers does not know a command that the bridge needs; it has to be Redis 6.0 or later, with no command renamed", true,
		}},
		{"DB index is out of range", "", Refusal{
			"database", "Redis has no database of this number; write a smaller one, or set its databases", true,
		}},
		{"SELECT is not allowed in cluster mode", "", Refusal{
			"mode", "what answers is a node of a Cluster; write cluster", true,
		}},
		{"READONLY", "single", Refusal{
			"addresses", "what answers is a replica, which takes no writes; write the address of the master, or the mode sentinel", true,
		}},
	}
}

// wrongName is whoever may not come in, or may not do what the bridge does.
func wrongName() []known {
	return []known{
		{"without any password configured", "", Refusal{
			"password", "Redis has no password for this user, and is told one; leave it out here, or set it there", true,
		}},
		{"but no password is set", "", Refusal{
			"password", "Redis has no password, and is told one; leave it out here, or set it there", true,
		}},
		{"NOAUTH", "", Refusal{
			"password", "Redis or its sentinel wants a password, and is told none; write it here, with the username if there is one", true,
		}},
		{"WRONGPASS", "", Refusal{
			"password", "Redis or its sentinel does not take this password, or this username; write the right ones", true,
		}},
		{"invalid password", "", Refusal{
			"password", "Redis or its sentinel does not take this password; write the right one", true,
		}},
		{"wrong number of arguments for 'auth'", "", Refusal{
			"username", "what answers knows no users; it has to be Redis 6.0 or later", true,
		}},
		{"NOPERM", "", noPermission()},
		{"ACL failure in script", "", noPermission()},
		{"can't run this command", "", noPermission()},
		{"can't access at least one of the keys", "", noPermission()},
		{"is running in protected mode", "", Refusal{
			"password", "Redis runs in protected mode: it answers nobody from another machine before it has a password", true,
		}},
	}
}

// outOfMemory is how Redis says that its memory is full.
const outOfMemory = "OOM command not allowed"

// notNow is what passes.
func notNow() []known {
	return []known{
		{"READONLY", "", Refusal{"", "what answers is a replica, which takes no writes", false}},
		{outOfMemory, "", Refusal{"", "its memory is full (maxmemory), and it takes no writes", false}},
		{"NOREPLICAS", "", Refusal{"", "it has too few replicas (min-replicas-to-write), and takes no writes", false}},
		{"MISCONF", "", Refusal{"", "it cannot save to its disk, and takes no writes", false}},
		{"LOADING Redis", "", Refusal{"", "it is still loading what it holds", false}},
		{"BUSY Redis", "", Refusal{"", "it is busy with a script", false}},
		{"CLUSTERDOWN", "", Refusal{"", "some of the Cluster's slots are served by nobody", false}},
		{"MASTERDOWN", "", Refusal{"", "the replica that answers has lost its master", false}},
		{"max number of clients", "", Refusal{"", "it has too many clients (maxclients)", false}},
	}
}

func unknownMaster() Refusal {
	return Refusal{"master_name", "the sentinels know no master of this name; write the one of their \"sentinel monitor\"", true}
}

func noPermission() Refusal {
	return Refusal{
		"username", "this user may not do all that the bridge needs; allow it the keys that begin with redis.prefix, and +@read +@write +@scripting +@connection -@dangerous +select (and +cluster in a Cluster)", true,
	}
}

// mistrust is where TLS does not come about, whoever is to blame.
func mistrust(err error) (Refusal, bool) {
	if clear := (tls.RecordHeaderError{}); errors.As(err, &clear) {
		return Refusal{"tls", "what answers does not speak TLS; leave tls out, or write the port that does", true}, true
	}
	if certificate := (*tls.CertificateVerificationError)(nil); errors.As(err, &certificate) {
		return Refusal{"tls", "the certificate of Redis is not accepted; look at ca_file and server_name", true}, true
	}
	return Refusal{}, false
}

// RefusalIn finds out whether, and why, it was Redis itself that refused. Where several
// were asked and one of them was not reached, another may say something else later.
func (s *Store) RefusalIn(err error) (r Refusal, ok bool) {
	if r, ok := mistrust(err); ok {
		return r, true
	}
	if !isReply(err) {
		return Refusal{}, false
	}
	said := strings.ReplaceAll(err.Error(), "`", "'")
	for _, k := range refusals() {
		if strings.Contains(said, k.words) && (k.modes == "" || strings.Contains(k.modes, s.mode)) {
			r, unreached := k.Refusal, new(net.OpError)
			r.Lasting = r.Lasting && !errors.As(err, &unreached)
			if r.Setting == "password" && strings.Contains(said, "all sentinels") {
				r.Setting = "sentinel_password"
			}
			return r, true
		}
	}
	return Refusal{}, false
}
