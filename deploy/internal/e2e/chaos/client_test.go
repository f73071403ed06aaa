//go:build products && chaos

package chaos_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"itsme-bridge/provider/providertest"
)

const (
	app      = "http://127.0.0.1:1/" // the client's home; nobody listens there
	callback = app + "callback"
	secret   = "kX2vQ8rT5wY1zB4nM7jH0gF3dS6aP9cE"
)

// The clients. They have one home and one secret, and each a merchant token of its own.
const (
	appID   = "app"
	otherID = "other"
	// otherToken is the merchant token of the other one.
	otherToken = "7b0d2f7e-93c1-4a0e-8d53-2f6a1c9be804"
)

// relying is what a client has learnt of the bridge.
type relying struct {
	oauth    oauth2.Config
	verifier *oidc.IDTokenVerifier
}

func newRelying(id string, bridge *oidc.Provider) *relying {
	return &relying{
		oauth: oauth2.Config{
			ClientID: id, ClientSecret: secret, RedirectURL: callback, Scopes: []string{"openid", "profile"}, Endpoint: bridge.Endpoint(),
		},
		verifier: bridge.Verifier(&oidc.Config{ClientID: id}),
	}
}

// session is what the client's server keeps of one person's browser.
type session struct {
	w     *world
	p     *person
	at    *relying
	begun map[string]string // the verifier by the state
	last  string            // state
}

// begin is the client's button "Log in with itsme".
func (s *session) begin() step {
	s.last = oauth2.GenerateVerifier()
	s.begun[s.last] = oauth2.GenerateVerifier()
	return step{address: s.at.oauth.AuthCodeURL(s.last, oauth2.S256ChallengeOption(s.begun[s.last]), oidc.Nonce(s.last))}
}

// open is what the client does where a browser comes to one of its addresses. It tells
// who that is, or true where the person has to begin again.
func (s *session) open(ctx context.Context, address string) (end ending, begins bool) {
	at, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(address, callback) {
		s.p.tell("at the client's home")
		return 0, true
	}
	q := at.Query()
	verifier, known := s.begun[q.Get("state")]
	switch {
	case !known:
		s.p.tell("an answer to nobody's question")
		return wrong, false
	case q.Get("error") != "":
		s.p.tell("the client is told " + q.Get("error"))
		return 0, true
	}
	tokens, ok := s.exchange(ctx, q.Get("code"), verifier)
	if !ok {
		return 0, true
	}
	return s.recognise(ctx, tokens, q.Get("state"))
}

// exchange asks for the tokens until the bridge has said yes or no.
func (s *session) exchange(ctx context.Context, code, verifier string) (tokens map[string]any, ok bool) {
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier}}
	answer := s.persistently(ctx, func() (*http.Request, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.w.issuer+"/token", strings.NewReader(form.Encode()))
		if err == nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.SetBasicAuth(s.at.oauth.ClientID, secret)
		}
		return r, err
	})
	if answer == nil || answer.Status != http.StatusOK {
		return nil, false
	}
	return answer.JSON(), true
}

// recognise is what the client makes of its tokens: both must name the person who approved.
func (s *session) recognise(ctx context.Context, tokens map[string]any, nonce string) (end ending, begins bool) {
	raw, _ := tokens["id_token"].(string)
	token, err := s.at.verifier.Verify(ctx, raw)
	if err != nil {
		s.p.tell("the ID token: " + err.Error())
		return wrong, false
	}
	var claims struct{ Sub, Name, Nonce string }
	if err := token.Claims(&claims); err != nil || claims.Sub != s.p.id || claims.Name != s.p.name || claims.Nonce != nonce {
		s.p.tell("the ID token names somebody else")
		return wrong, false
	}
	access, _ := tokens["access_token"].(string)
	answer := s.persistently(ctx, func() (*http.Request, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.w.issuer+"/userinfo", http.NoBody)
		if err == nil {
			r.Header.Set("Authorization", "Bearer "+access)
		}
		return r, err
	})
	if answer == nil || answer.Status != http.StatusOK {
		return 0, true
	}
	if err := json.Unmarshal([]byte(answer.Body), &claims); err != nil || claims.Sub != s.p.id || claims.Name != s.p.name {
		s.p.tell("userinfo names somebody else")
		return wrong, false
	}
	if s.p.approvals > 1 {
		return ledOn, false
	}
	return completed, false
}

// persistently asks again while the bridge cannot say: RFC 9110 §15.6.4.
func (s *session) persistently(ctx context.Context, request func() (*http.Request, error)) *providertest.Answer {
	for ctx.Err() == nil {
		r, err := request()
		if err != nil {
			return nil
		}
		if s.w.faulty.Load() {
			s.p.met = true
		}
		client := http.Client{Transport: s.w.transport, Timeout: 10 * time.Second}
		s.p.goes(r)
		answer, err := read(client.Do(r))
		s.p.tell(told(step{address: r.URL.String()}, answer, err))
		s.p.fails(answer, err)
		if err == nil && answer.Status < http.StatusInternalServerError {
			return answer
		}
		wait(ctx, 250*time.Millisecond)
	}
	return nil
}
