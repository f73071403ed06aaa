package provider_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// receiver is a client's backchannel_logout_uri.
type receiver struct {
	*httptest.Server

	mu     sync.Mutex
	status int // of the answers; 0: the connection is cut
	tokens []string
	faults []string
	arrive chan struct{} // one for each that has come
}

// hangs is a receiver's status that never comes.
const hangs = -1

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{status: http.StatusOK, arrive: make(chan struct{}, 1000)}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	_ = q.ParseForm()
	r.mu.Lock()
	if r.status == hangs {
		r.mu.Unlock()
		r.arrive <- struct{}{}
		<-q.Context().Done()
		return
	}
	defer r.mu.Unlock()
	r.tokens = append(r.tokens, q.PostForm.Get("logout_token"))
	if q.Method != http.MethodPost || len(q.PostForm) != 1 || q.URL.RawQuery != "" {
		r.faults = append(r.faults, q.Method+" "+q.URL.String())
	}
	r.arrive <- struct{}{}
	if r.status == 0 {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(r.status)
}

// answers sets what is answered from now on.
func (r *receiver) answers(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// heard are the logout tokens that have come, without those seen before.
func (r *receiver) heard(t *testing.T) []string {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.faults) > 0 {
		t.Errorf("malformed: %q", r.faults)
	}
	heard := r.tokens
	r.tokens = nil
	return heard
}

// poster is an Outbound that reaches receivers on this machine.
type poster struct{ client http.Client }

func (*poster) Fetch(context.Context, string, string, int64) ([]byte, http.Header, error) {
	return nil, nil, errors.New("nothing is fetched here")
}

func (p *poster) Post(ctx context.Context, address string, form url.Values) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := p.client.Do(r)
	if err != nil {
		return 0, errors.New("no answer")
	}
	defer answer.Body.Close()
	return answer.StatusCode, nil
}

func newPoster() *poster {
	return &poster{http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// withReceivers is a provider with sessions that all clients share, of which App
// and Other each have a receiver; SPA has none. App's server may log out.
func withReceivers(t *testing.T, app, other *receiver, more func(*Options)) *Server {
	t.Helper()
	second := Clients(nil)[0]
	second.ID, second.Sector, second.BackChannelLogoutURI = Other, "other.example", other.URL
	o := Options{
		App:     func(c *client.Client) { parting(c); c.BackChannelLogoutURI, c.LogoutByServer = app.URL, true },
		Clients: []client.Client{second},
		Config:  func(c *provider.Config) { c.Session.Share = true },
		Parts:   func(p *provider.Parts) { p.Outbound = newPoster() },
	}
	if more != nil {
		more(&o)
	}
	return withSessions(t, o)
}

// Other is a second client that hears of logouts.
const Other = "other"

func asOther(v url.Values) { v.Set("client_id", Other) }

// deliver is one pass.
func deliver(t *testing.T, p *provider.Provider) {
	t.Helper()
	if err := p.DeliverLogouts(t.Context()); err != nil {
		t.Error(err)
	}
}

// byServer is a logout by App's server, without a browser.
func byServer(t *testing.T, s *Server, hint string) *Answer {
	t.Helper()
	answer, err := s.Call("/logout?"+loggingOut(hint, nil).Encode(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}
