package provider_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	"itsme-bridge/provider/edge"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/provider/providertest/collector"
	"itsme-bridge/storage"
)

// secrets are the values that must be found nowhere, by name.
type secrets map[string]string

// fixtures are everything that is known about the simulator's person, and about the test's client.
func fixtures(s *Server) secrets {
	found := secrets{
		"login_hint": "+32499887766", "login_hint without its plus": "32499887766",
		"merchant token": sandbox.MerchantToken, "client secret": AppSecret, "salt": string(s.Config.Salt),
		"code_verifier": Verifier, "state": "a-state-of-the-client-9731", "nonce": "a-nonce-of-the-client-8642",
		"address of the browser": "198.51.100.77", "user agent": "Mozilla/5.0 (the person's own telephone)", "e-mail": maes().EmailAddress, "full name": maes().FullName,
	}
	for i, value := range sandbox.Personas()[0].Values() {
		found["attribute "+strconv.Itoa(i)] = value
	}
	return found
}

// search looks for the secrets in a text, as they are and as they may be written.
func (s secrets) search(t *testing.T, where, text string) {
	t.Helper()
	for name, value := range s {
		if len(value) < 4 {
			t.Fatalf("%s is too short to be searched for: %q", name, value)
		}
		for _, form := range []string{
			value, url.QueryEscape(value), url.PathEscape(value), hex.EncodeToString([]byte(value)),
			base64.StdEncoding.EncodeToString([]byte(value)), base64.RawURLEncoding.EncodeToString([]byte(value)),
		} {
			if strings.Contains(text, form) {
				t.Errorf("%s holds the %s", where, name)
				break
			}
		}
	}
}

// searchTraces looks for the secrets in all that a collector has got, and for more: no
// address of anybody is in it, and no path but a route.
func (s secrets) searchTraces(t *testing.T, c *collector.Collector) {
	t.Helper()
	text := c.Text()
	s.search(t, "a trace", text)
	for _, never := range []string{"127.0.0.1", "198.51.100", "http://", "https://", "/status/", ".example", "Mozilla", "test:"} {
		if at := strings.Index(text, never); at >= 0 {
			t.Errorf("a trace holds %q: …%s…", never, text[max(0, at-200):min(len(text), at+200)])
		}
	}
	for _, span := range c.Spans() {
		if span.Scope != edge.Scope || len(span.GetEvents()) > 0 || len(span.GetLinks()) > 0 || span.GetStatus().GetMessage() != "" || span.GetTraceState() != "" {
			t.Errorf("a span holds what is nobody's business: %v", span)
		}
	}
	if len(c.Spans()) < 60 {
		t.Errorf("only %d spans came", len(c.Spans()))
	}
}

// everyFlow goes every way that a login can go, and adds the secrets that it meets.
func everyFlow(t *testing.T, s *Server, found secrets) {
	t.Helper()
	n := 0
	note := func(name, value string) {
		if value != "" {
			n++
			found[name+" "+strconv.Itoa(n)] = value
		}
	}
	request := func(v url.Values) {
		v.Set("state", found["state"])
		v.Set("nonce", found["nonce"])
		v.Set("login_hint", found["login_hint"])
	}
	begin := func(script sandbox.Script) (*Browser, string) {
		s.Sandbox.Next(script)
		b := s.Browser()
		b.Header.Set("X-Forwarded-For", found["address of the browser"])
		b.Header.Set("User-Agent", found["user agent"])
		return b, b.Begin(request)
	}
	met := func(b *Browser, back string) {
		note("transactionToken", last(s).Token)
		note("proof", back[strings.LastIndex(back, ".")+1:])
		note("handle", loginID(back))
		for _, secret := range b.Secrets() {
			note("cookie", secret)
		}
	}

	b, back := begin(sandbox.Script{Outcome: itsme.Success})
	met(b, back)
	code := s.Response(b.Get(back)).Get("code")
	note("code", strings.Split(code, ".")[1])
	b.Get(back)
	tokens := s.Exchange(code, nil).JSON()
	accessToken, _ := tokens["access_token"].(string)
	idToken, _ := tokens["id_token"].(string)
	note("access token", strings.Split(accessToken, ".")[1])
	note("ID token's signature", idToken[strings.LastIndex(idToken, ".")+1:])
	s.UserInfo(accessToken)
	s.UserInfo(accessToken + "x")
	call := func(path string) {
		_, _ = s.Call(path, url.Values{"token": {accessToken}}, func(r *http.Request) { r.SetBasicAuth(App, AppSecret) })
	}
	call("/introspect")
	call("/revoke")
	s.Exchange(code, nil) // a replay
	s.Exchange(code, func(v url.Values) { v.Set("code_verifier", Verifier+"x") })
	_, _ = s.Call("/token", url.Values{"grant_type": {"authorization_code"}, "code": {code}},
		func(r *http.Request) { r.SetBasicAuth(App, AppSecret+"x") })
	s.Browser().Get(back)

	for _, script := range []sandbox.Script{
		{Outcome: itsme.Cancelled},
		{Outcome: itsme.Failure},
		{Outcome: itsme.Expired},
		{Outcome: "lucas.maes@example.com"},
		{Outcome: itsme.Success, NoData: true},
		{Outcome: itsme.Success, OpenFor: 3},
		{Outcome: itsme.Success, Fault: sandbox.HTML500},
		{Outcome: itsme.Success, Fault: sandbox.Cut, Spend: true},
		{Outcome: itsme.Success, Fault: sandbox.BadJSON},
		{Outcome: itsme.Success, Fault: sandbox.CutBody},
	} {
		b, back := begin(script)
		met(b, back)
		page := b.Get(back)
		if _, _, ok := page.Form("/itsme/retry"); ok {
			b.Submit(page, "/itsme/retry")
			met(b, s.ReturnURL())
		}
		if _, _, ok := page.Form("/itsme/leave"); ok {
			b.Submit(page, "/itsme/leave")
		}
	}
	for _, fault := range []sandbox.Fault{sandbox.BadRequest, sandbox.HTML500, sandbox.Cut} {
		s.Sandbox.Next(sandbox.Script{StartFault: fault})
		s.Sandbox.Next(sandbox.Script{StartFault: fault})
		s.Browser().Authorize(request)
	}
	for _, change := range []func(url.Values){
		set("login_hint", found["login_hint"]), set("client_id", found["e-mail"]), set("scope", found["e-mail"]),
		set("response_mode", found["e-mail"]), set("redirect_uri", "https://evil.example/?"+found["e-mail"]),
	} {
		s.Browser().Authorize(func(v url.Values) { request(v); change(v) })
	}
	b = plain(s)
	b.Submit(b.Authorize(request), "/itsme/continue")
	met(b, s.ReturnURL())
	s.Browser().Get(s.Issuer + "/" + found["e-mail"] + "?" + found["full name"])

	b, back = begin(sandbox.Script{Outcome: itsme.Success})
	met(b, back)
	s.Faults().Down()
	b.Get(back)
	s.Exchange(code, nil)
	s.Faults().Up()
}

// Promise 4: no personal data anywhere it need not be, and no secret in a log, metric or error.
func TestNothingLeaks(t *testing.T) {
	traces := collector.New(t)
	s := With(t, Options{Tracer: traces.Tracer(t), Config: func(c *provider.Config) {
		c.WriteBudget = time.Second
		c.TrustedProxies = []string{"127.0.0.1"}
		c.Limits.PerClient = 0
	}})
	found := fixtures(s)
	everyFlow(t, s, found)
	if len(found) < 40 {
		t.Fatalf("only %d secrets were met", len(found))
	}
	found.search(t, "the log", s.Log.String())
	found.search(t, "the audit stream", s.Audited())
	for _, event := range []string{"login_ended", "refused", `"outcome":"success"`, `"reason":"code_replay"`} {
		if !strings.Contains(s.Audited(), event) {
			t.Errorf("the audit stream tells nothing of %s", event)
		}
	}
	families, err := s.Metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		found.search(t, "the metrics", family.String())
	}
	found.searchTraces(t, traces)
	if lines := strings.Count(s.Log.String(), `"msg":"request"`); lines < 40 {
		t.Errorf("only %d requests were logged", lines)
	}
}

// Promise 3: Redis alone opens no identity, not even with the server's key.
func TestADumpOpensNothing(t *testing.T) {
	s := New(t)
	found := fixtures(s)
	everyFlow(t, s, found)
	s.Browser().Begin(nil) // one that is under way
	s.Approve()
	var dump bytes.Buffer
	for key, value := range s.Dump() {
		dump.WriteString(key)
		dump.Write(value)
	}
	maps.DeleteFunc(found, func(name, _ string) bool { return strings.HasPrefix(name, "handle ") }) // the id of a login opens nothing
	found.search(t, "the dump", dump.String())

	// With the server's key, what the label says can be read, and no more.
	b := s.Browser()
	back := b.Begin(nil)
	id := loginID(back)
	readable(t, s, id, "label")
	s.Approve()
	code := s.Response(b.Get(back)).Get("code")
	readable(t, s, id, "label")
	s.Exchange(code, nil)
	readable(t, s, id, "label")
}

// readable fails the test unless the server's key alone opens these records of a login.
func readable(t *testing.T, s *Server, id string, want ...string) {
	t.Helper()
	var opened []string
	for _, bucket := range []string{"label", "login", "transaction", "grant", "session"} {
		_, ok, err := storage.NewBucket[json.RawMessage](s.Store, bucket).Get(t.Context(), storage.HandleOf(id, ""))
		if err == nil && ok {
			opened = append(opened, bucket)
		}
	}
	if !slices.Equal(opened, want) {
		t.Errorf("the server's key alone opens %v, want %v", opened, want)
	}
}

// URLs hold no personal data, and nothing that opens something alone.
func TestURLs(t *testing.T) {
	s := New(t)
	found := fixtures(s)
	b := s.Browser()
	answer := b.Authorize(func(v url.Values) {
		v.Set("state", "x")
		v.Set("login_hint", found["login_hint"])
	})
	back := s.ReturnURL()
	found["transactionToken"] = last(s).Token
	for _, secret := range b.Secrets() {
		found["cookie"] = secret
	}
	found.search(t, "the way to itsme", answer.Leads())
	found.search(t, "the return URL", back)
	s.Approve()
	found.search(t, "the way to the client", b.Get(back).Location())
}

// A client that goes away in the middle of its request leaves no address in the log.
func TestABrokenRequestLeavesNoAddress(t *testing.T) {
	s := New(t)
	host := strings.TrimPrefix(s.Issuer, "http://")
	var dialer net.Dialer
	connection, err := dialer.DialContext(t.Context(), "tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := connection.Write([]byte("POST /token HTTP/1.1\r\nHost: " + host +
		"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ngrant")); err != nil {
		t.Fatal(err)
	}
	_ = connection.(*net.TCPConn).SetLinger(0) // a reset
	_ = connection.Close()
	for range 200 {
		if strings.Contains(s.Log.String(), `"route":"/token"`) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if log := s.Log.String(); !strings.Contains(log, `"route":"/token"`) || strings.Contains(log, "127.0.0.1") {
		t.Errorf("the log:\n%s", log)
	}
}
