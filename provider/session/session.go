package session

import (
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/claims"
)

// Session is a person's approval, to be used for more than one login. It
// is opened by the secret in a cookie of the browser that the approval came back
// to. Its id is that of the login, so that one commit writes both.
type Session struct {
	SID        string            `json:"sid"`                  // the id, sealed: what clients are told, while a login's id shows where it was
	ClientID   string            `json:"client_id"`            // whose login it was
	UserID     string            `json:"user_id"`              // CM's
	Attributes claims.Attributes `json:"attributes,omitempty"` // of the person, as far as Granted needs them
	Granted    []string          `json:"granted,omitempty"`    // the claims that the login was granted, by their names
	AuthTime   time.Time         `json:"auth_time"`            // of the approval
	Expires    time.Time         `json:"exp"`                  // our clock decides, whatever becomes of the TTL
}

// Person is the session's person, as CM would tell of them again.
func (s *Session) Person() *itsme.Identity { return s.Attributes.Person(s.UserID) }
