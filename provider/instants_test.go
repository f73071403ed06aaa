package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/keys"
	"itsme-bridge/provider"
	"itsme-bridge/provider/authorize"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// elsewhere is the same provider as another replica serves it.
func elsewhere(s *Server) *Server {
	there := *s
	there.Issuer = s.Replica().URL
	return &there
}

// duel is two requests for something that only one of them may get.
type duel struct {
	first, second func() *Answer
	settled       func(first, second *Answer) // checks who got it
}

// atEveryInstant runs a duel again and again. The first request stops before its
// first round trip to Redis, then before its second one, and so on to its last;
// there the second one overtakes it, and goes all the way.
func atEveryInstant(t *testing.T, s *Server, begin func() duel) {
	t.Helper()
	for stop := 1; ; stop++ {
		r := begin()
		reached, release := s.Faults().Hold(stop)
		t.Cleanup(release) // also where the test has failed
		first := later(r.first)
		select {
		case <-reached:
			second := r.second()
			release()
			r.settled(<-first, second)
		case answer := <-first:
			if stop < 3 {
				t.Errorf("the first request makes only %d round trips: %d\n%s", stop-1, answer.Status, answer.Body)
			}
			return
		}
		if t.Failed() {
			t.Fatalf("the second request overtook the first before its round trip %d", stop)
		}
	}
}

// oneOf fails the test unless exactly one of two answers leads to an address that begins so.
func oneOf(t *testing.T, first, second *Answer, prefix string) {
	t.Helper()
	if strings.HasPrefix(first.Leads(), prefix) == strings.HasPrefix(second.Leads(), prefix) {
		t.Errorf("one leads to %q (%d %s), the other to %q (%d %s)",
			first.Leads(), first.Status, first.Page(), second.Leads(), second.Status, second.Page())
	}
}

// RFC 9126 §4: a request_uri that a session answers gives one code.
func TestRequestURIAnsweredTwiceAtOnce(t *testing.T) {
	s := withSessions(t, Options{})
	there := elsewhere(s)
	b, _ := signedIn(t, s, nil)
	atEveryInstant(t, s, func() duel {
		address := pushed(t, s, nil)
		started := s.Sandbox.Starts()
		return duel{
			first:  func() *Answer { return b.Get(address) },
			second: func() *Answer { return b.Get(strings.Replace(address, s.Issuer, there.Issuer, 1)) },
			settled: func(first, second *Answer) {
				oneOf(t, first, second, Callback+"?code=")
				if n := s.Sandbox.Starts() - started; n != 0 {
					t.Errorf("%d transactions", n)
				}
			},
		}
	})
}

// The last transaction that a request_uri may start is started once.
func TestLastTransactionOfARequestURITwiceAtOnce(t *testing.T) {
	for _, row := range []struct {
		name string
		mode authorize.StartMode
		// begin makes a request that starts a transaction.
		begin func(at *Server, b *Browser, address string) func() *Answer
	}{
		{"at once", authorize.StartAuto, func(_ *Server, b *Browser, address string) func() *Answer {
			return func() *Answer { return b.Get(address) }
		}},
		{"by a click on Continue", authorize.StartAsk, func(at *Server, b *Browser, address string) func() *Answer {
			to, fields, _ := b.Get(address).Form("/itsme/continue")
			return func() *Answer { return b.Post(at.Issuer+to, fields) }
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := light(t, Options{Config: func(c *provider.Config) { c.MaxAttempts, c.Start = 1, row.mode }})
			there := elsewhere(s)
			atEveryInstant(t, s, func() duel {
				address := pushed(t, s, nil)
				started := s.Sandbox.Starts()
				return duel{
					first:  row.begin(s, s.Browser(), address),
					second: row.begin(there, there.Browser(), strings.Replace(address, s.Issuer, there.Issuer, 1)),
					settled: func(first, second *Answer) {
						oneOf(t, first, second, s.Sandbox.URL)
						if n := s.Sandbox.Starts() - started; n != 1 {
							t.Errorf("%d transactions", n)
						}
					},
				}
			})
		})
	}
}

// A login ends at the instant at which another browser begins one with the same
// request_uri: from then on CM is asked for nothing more.
func TestRequestURIUsedUpWhileALoginBegins(t *testing.T) {
	s := light(t, Options{})
	there := elsewhere(s)
	atEveryInstant(t, s, func() duel {
		address := pushed(t, s, nil)
		b := there.Browser()
		toItsme(t, s, b.Get(strings.Replace(address, s.Issuer, there.Issuer, 1)))
		back := strings.Replace(s.ReturnURL(), s.Issuer, there.Issuer, 1)
		s.Approve()
		started := 0
		return duel{
			first: func() *Answer { return s.Browser().Get(address) },
			second: func() *Answer {
				defer func() { started = s.Sandbox.Starts() }()
				return b.Get(back)
			},
			settled: func(_, second *Answer) {
				if s.Response(second).Get("code") == "" {
					t.Errorf("the login does not end: %d %s", second.Status, second.Page())
				}
				if n := s.Sandbox.Starts() - started; n != 0 {
					t.Errorf("%d transactions after the request_uri was used up", n)
				}
			},
		}
	})
}

// A form of ours that begins a transaction begins one, of whichever replica it is
// asked twice at once. Who is not the one waits, or is led to the same.
func TestFormsTwiceAtOnce(t *testing.T) {
	for _, row := range []struct {
		action string
		page   func(s *Server, b *Browser) *Answer
	}{
		{"/itsme/continue", func(_ *Server, b *Browser) *Answer {
			b.Header = http.Header{}
			return b.Authorize(nil)
		}},
		{"/itsme/retry", cancelled},
	} {
		t.Run(row.action, func(t *testing.T) {
			s := light(t, Options{})
			there := elsewhere(s)
			atEveryInstant(t, s, func() duel {
				b := s.Browser()
				to, fields, ok := row.page(s, b).Form(row.action)
				if !ok {
					t.Fatal("no form")
				}
				started := s.Sandbox.Starts()
				return duel{
					first:  func() *Answer { return b.Post(to, fields) },
					second: func() *Answer { return b.Post(there.Issuer+to, fields) },
					settled: func(first, second *Answer) {
						for _, answer := range []*Answer{first, second} {
							if answer.Page() != "waiting" && answer.Leads() != last(s).AuthenticationURL {
								t.Errorf("%d %s leads to %q", answer.Status, answer.Page(), answer.Leads())
							}
						}
						if n := s.Sandbox.Starts() - started; n != 1 {
							t.Errorf("%d transactions", n)
						}
					},
				}
			})
		})
	}
}

// Promise 1: two returns at once ask CM once, and get one code between them.
func TestReturnTwiceAtOnce(t *testing.T) {
	s := light(t, Options{})
	there := elsewhere(s)
	atEveryInstant(t, s, func() duel {
		s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success})
		b := s.Browser()
		back := b.Begin(nil)
		return duel{
			first:  func() *Answer { return b.Get(back) },
			second: func() *Answer { return b.Get(strings.Replace(back, s.Issuer, there.Issuer, 1)) },
			settled: func(first, second *Answer) {
				if n := s.Sandbox.Fetches(last(s).Token); n != 1 {
					t.Errorf("CM was asked %d times", n)
				}
				if s.Response(first).Get("code") == "" || second.Page() != "waiting" && second.Location() != first.Location() {
					t.Errorf("one leads to %q, the other to %q (%d %s)", first.Leads(), second.Leads(), second.Status, second.Page())
				}
			},
		}
	})
}

// onCurves lets App have its tokens without RSA, and refresh them.
func onCurves(c *client.Client) {
	c.SigningAlg = keys.ES256
	c.Scopes = append(c.Scopes, "offline_access")
}

// RFC 6749 §4.1.2: of two that bring a code at once one gets tokens, and since
// the other is a replay, they are dead.
func TestCodeTwiceAtOnce(t *testing.T) {
	s := light(t, Options{App: onCurves})
	there := elsewhere(s)
	atEveryInstant(t, s, func() duel {
		code := s.Login(nil).Get("code")
		return duel{
			first:  func() *Answer { return s.Exchange(code, nil) },
			second: func() *Answer { return there.Exchange(code, nil) },
			settled: func(first, second *Answer) {
				won, lost := first, second
				if won.Status != http.StatusOK {
					won, lost = lost, won
				}
				won.Wants(t, http.StatusOK, "")
				lost.Wants(t, http.StatusBadRequest, "invalid_grant")
				access, _ := won.JSON()["access_token"].(string)
				s.UserInfo(access).Wants(t, http.StatusUnauthorized, "invalid_token")
			},
		}
	})
}

// RFC 9700 §4.14.2: two that refresh at once with the same refresh token get the
// same new one, and both go on.
func TestRefreshTwiceAtOnce(t *testing.T) {
	s := light(t, Options{App: onCurves})
	there := elsewhere(s)
	refresh := func(at *Server, token string) *Answer {
		form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}
		answer, err := at.Call("/token", form, func(r *http.Request) { r.SetBasicAuth(App, AppSecret) })
		if err != nil {
			t.Error(err)
			return &Answer{}
		}
		return answer
	}
	tokenOf := func(a *Answer) string {
		token, _ := a.JSON()["refresh_token"].(string)
		return token
	}
	atEveryInstant(t, s, func() duel {
		code := s.Login(set("scope", "openid profile offline_access")).Get("code")
		token := tokenOf(s.Exchange(code, nil))
		return duel{
			first:  func() *Answer { return refresh(s, token) },
			second: func() *Answer { return refresh(there, token) },
			settled: func(first, second *Answer) {
				next := tokenOf(first)
				if next == "" || next == token || tokenOf(second) != next {
					t.Errorf("%d %s\n%d %s", first.Status, first.Body, second.Status, second.Body)
				}
				refresh(there, next).Wants(t, http.StatusOK, "")
			},
		}
	})
}

// RP-Initiated Logout §2: a logout that is confirmed twice at once is one. Both
// browsers are told that it is done, and the client hears of it once.
func TestLogoutConfirmedTwiceAtOnce(t *testing.T) {
	app, other := newReceiver(t), newReceiver(t)
	s := withReceivers(t, app, other, nil)
	there := elsewhere(s)
	atEveryInstant(t, s, func() duel {
		b, _ := signedIn(t, s, nil)
		to, fields, ok := b.Get("/logout").Form("/itsme/logout")
		if !ok {
			t.Fatal("no form")
		}
		return duel{
			first:  func() *Answer { return b.Post(to, fields) },
			second: func() *Answer { return b.Post(there.Issuer+to, fields) },
			settled: func(first, second *Answer) {
				if first.Page() != "logged_out" || second.Page() != "logged_out" {
					t.Errorf("%d %s, %d %s", first.Status, first.Page(), second.Status, second.Page())
				}
				deliver(t, s.Provider)
				if n := len(app.heard(t)); n != 1 || lives(t, b) {
					t.Errorf("the client hears of it %d times", n)
				}
			},
		}
	})
}
