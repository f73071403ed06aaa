package provider

import (
	"net/http"
	"time"

	"itsme-bridge/itsme"
)

// What the tests see of the inside: pure functions only.

var PhoneNumber = phoneNumber

var HashOf = hashOf

func MayStart(m StartMode, h http.Header) (bool, error) { return m.mayStart(h) }

func SubjectOf(salt []byte, t Terms, userID string) string { return subjectOf(salt, &t, userID) }

func ClaimsOf(i itsme.Identity, t Terms, scopes ...string) string {
	claims, err := claimsOf(&i, &t, (&Request{Scopes: scopes}).inUserinfo)
	if err != nil {
		return err.Error()
	}
	if claims == nil {
		return "{}"
	}
	return string(claims)
}

func (n NotBefore) With(client string, at time.Time) NotBefore { return n.with(client, at) }

func (n NotBefore) Refuses(client string, authTime time.Time) bool {
	return n.refuses(client, authTime)
}
