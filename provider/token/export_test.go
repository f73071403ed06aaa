package token

// ParseRefreshToken reads a refresh token, and writes it again.
func ParseRefreshToken(text string) (again string, ok bool) {
	family, turn, ok := parseRefreshToken(text)
	return refreshToken(family, turn), ok
}
