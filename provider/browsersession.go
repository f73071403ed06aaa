package provider

import (
	"time"

	"itsme-bridge/itsme"
)

// BrowserSession is a person's approval, to be used for more than one login. It
// is opened by the secret in a cookie of the browser that the approval came back
// to. Its id is that of the login, so that one commit writes both.
type BrowserSession struct {
	SID        string     `json:"sid"`                  // the id, sealed: what every client is told, while a login's id shows where it was
	ClientID   string     `json:"client_id"`            // whose login it was
	UserID     string     `json:"user_id"`              // CM's
	Attributes Attributes `json:"attributes,omitempty"` // of the person, as far as Granted needs them
	Granted    []string   `json:"granted,omitempty"`    // the claims that the login was granted, by their names
	AuthTime   time.Time  `json:"auth_time"`            // of the approval
	Expires    time.Time  `json:"exp"`                  // our clock decides, whatever becomes of the TTL
}

// person is the session's person, as CM would tell of them again.
func (s *BrowserSession) person() *itsme.Identity { return s.Attributes.person(s.UserID) }
