package token

import (
	"net/http"

	"itsme-bridge/provider/edge"
)

// ParseRefreshToken reads a refresh token, and writes it again.
func ParseRefreshToken(text string) (again string, ok bool) {
	family, turn, ok := parseRefreshToken(text)
	return refreshToken(family, turn), ok
}

// Guarded puts the guard of /userinfo before another backend than op.
func (e *Endpoints) Guarded(backend http.Handler) edge.Handler {
	return e.guarded(userinfoRules(), backend)
}
