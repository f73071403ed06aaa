// Package providertest runs a whole provider in process, for tests: the real
// one, on a real listener, over a Redis and a simulator of CM's API.
//
//	s := providertest.New(t)
//	code := s.Login(nil).Get("code")
//	s.Advance(time.Minute)
//	s.Exchange(code, nil).Wants(t, 400, "invalid_grant")
//
// server.go is the provider and what it stands on, ring.go its keys, browser.go a
// browser without eyes, login.go the way of one login. [Server.Advance] moves the
// clock and every TTL together.
package providertest
