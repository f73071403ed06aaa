package audit

import "time"

// Version is that of what a line looks like. It grows when a name changes its meaning
// or goes away; what is new does not change it.
const Version = 1

// The events.
const (
	LoginEnded      = "login_ended"      // a login has ended, in Outcome
	Refused         = "refused"          // a request was refused, and may be part of an attack: Reason
	RefusedMore     = "refused_more"     // so many more were refused in one minute, for one Reason: LeftOut
	KeyChanged      = "key_changed"      // a signing key stands elsewhere in its life: State, Was
	ClientsReloaded = "clients_reloaded" // the clients of a configuration that was read again count now
	ReloadRefused   = "reload_refused"   // a configuration that was read again has a problem: nothing has changed
	LoginsRevoked   = "logins_revoked"   // what was issued to Client, or to all clients, before NotBefore counts no more
	Started         = "started"          // this replica has joined the deployment
	Stopped         = "stopped"          // this replica has drained
)

// Events are all of them.
func Events() []string {
	return []string{LoginEnded, Refused, RefusedMore, KeyChanged, ClientsReloaded, ReloadRefused, LoginsRevoked, Started, Stopped}
}

// Event is one line. Only what is there is written.
type Event struct {
	Name string `json:"event"`

	Client    string `json:"client,omitempty"`    // id of a registered client
	Login     string `json:"login,omitempty"`     // name of the login in the log
	Reference string `json:"reference,omitempty"` // of the request's line in the log

	Outcome  string        `json:"outcome,omitempty"`
	Attempts int           `json:"attempts,omitempty"` // CM transactions of the login
	Duration time.Duration `json:"-"`                  // written as duration_ms

	Reason  string `json:"reason,omitempty"`
	Route   string `json:"route,omitempty"`    // pattern of the endpoint
	LeftOut int64  `json:"left_out,omitempty"` // how many events were not written

	KeyID     string `json:"kid,omitempty"`
	Algorithm string `json:"alg,omitempty"`
	State     string `json:"state,omitempty"`
	Was       string `json:"was,omitempty"`

	Came    []string `json:"came,omitempty"` // ids of clients
	Went    []string `json:"went,omitempty"`
	Changed []string `json:"changed,omitempty"`

	NotBefore time.Time `json:"not_before,omitzero"`

	BridgeVersion string `json:"bridge_version,omitempty"`
}

// line is an event as it is written.
type line struct {
	Time    time.Time `json:"time"`
	Stream  string    `json:"stream"` // "audit", so that it can be told from the log where both go to one place
	Version int       `json:"version"`
	Event
	Duration *int64 `json:"duration_ms,omitempty"`
}

// lineOf is an event at its time. A login always has a duration, if only of no time.
func lineOf(e *Event, at time.Time) line {
	l := line{Time: at.UTC(), Stream: "audit", Version: Version, Event: *e}
	if e.Name == LoginEnded {
		ms := e.Duration.Milliseconds()
		l.Duration = &ms
	}
	return l
}
