package provider_test

import (
	"net/http"
	"net/url"
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	. "itsme-bridge/provider/providertest"
)

// RFC 9207 §2: whatever goes back to the client says from whom it comes, so that
// a client of several providers takes no answer for another one's.
func TestResponsesNameTheirIssuer(t *testing.T) {
	s := withSessions(t, Options{App: front})
	b := s.Browser()
	told, _ := b.Get(s.Issuer + "/.well-known/openid-configuration").JSON()["issuer"].(string)
	if told != s.Issuer {
		t.Fatalf("discovery says %q", told)
	}
	approved := func(t *testing.T, change func(url.Values)) *Answer {
		t.Helper()
		browser := s.Browser()
		back := browser.Begin(change)
		s.Approve()
		return browser.Get(back)
	}
	logIn(t, s, b, nil)
	for _, mode := range []string{"query", "fragment", "form_post"} {
		for name, answer := range map[string]*Answer{
			"a code":                 approved(t, set("response_mode", mode)),
			"a silent login":         b.Authorize(all(set("response_mode", mode), set("prompt", "none"))),
			"an error":               b.Authorize(all(set("response_mode", mode), set("scope", "email"))),
			"login_required":         s.Browser().Authorize(all(set("response_mode", mode), set("prompt", "none"))),
			"a denial":               denied(s, set("response_mode", mode)),
			"an unknown request_uri": b.Authorize(all(set("response_mode", mode), set("request_uri", "urn:ietf:params:oauth:request_uri:x"))),
		} {
			got, fields := responseOf(t, answer)
			if got != mode || len(fields["iss"]) != 1 || fields.Get("iss") != told {
				t.Errorf("%s by %s: by %s %v", name, mode, got, fields)
			}
		}
	}
}

// denied is the response after a person has cancelled and gone back.
func denied(s *Server, change func(url.Values)) *Answer {
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
	b := s.Browser()
	return b.Submit(b.Get(b.Begin(change)), "/itsme/leave")
}

// RFC 9700 §4.4: what one provider has given is nothing to another one, even where
// the client is registered alike with both, and is not used up by that.
func TestMixUp(t *testing.T) {
	honest, other := withSessions(t, Options{App: parting}), withSessions(t, Options{App: parting})
	b := honest.Browser()
	idToken := logIn(t, honest, b, nil)
	code := honest.Login(nil).Get("code")
	other.Exchange(code, nil).Wants(t, http.StatusBadRequest, "invalid_grant")
	tokens := honest.Exchange(code, nil)
	tokens.Wants(t, http.StatusOK, "")
	accessToken, _ := tokens.JSON()["access_token"].(string)
	other.UserInfo(accessToken).Wants(t, http.StatusUnauthorized, "invalid_token")
	if answer := other.Browser().Get("/logout?" + loggingOut(idToken, nil).Encode()); answer.Leads() != "" {
		t.Errorf("a logout with a foreign ID token leads to %q", answer.Leads())
	}
	uri, _ := pushing(t, honest, nil).JSON()["request_uri"].(string)
	_, got := responseOf(t, other.Browser().Authorize(set("request_uri", uri)))
	if got.Get("error") != "invalid_request_uri" || got.Get("iss") != other.Issuer {
		t.Errorf("a request that was pushed elsewhere: %v", got)
	}
	if answer := honest.UserInfo(accessToken); answer.Status != http.StatusOK {
		t.Errorf("the token has suffered from being shown elsewhere: %d", answer.Status)
	}
}
