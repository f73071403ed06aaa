package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// configuration is that of a bridge with one usual client, without ceilings: all logins come from one address.
const configuration = `
issuer: http://%[6]s
listen: %[1]s
operations: {listen: %[2]q, pprof: true}
redis: {mode: single, addresses: [%[3]q]}
master_key: {current: PmQYs+pcKeRE/iuhBVblqE3/2EqXuxs17uj/SYyDNxs=}
subjects: {salt: HAitstpZs4UJrzEAy48s07IzrY3pgBZP0PF5MoI/jTQ=, fingerprint: "8922eda4cf70c65b"}
itsme: {url: %[4]q, token: 3f1d6c0e-5f2b-4c8a-9a54-0d6f6b7d2c11}
limits: {per_address: 100000000, per_client: 100000000, total: 100000000}
clients:
  - id: bench
    name: Bench
    home: http://127.0.0.1:8082/
    secret: 1rvoqOVZprJPZvA1lKHg-OZI4Ha-wYyQDuuB2fai8P0
    redirect_uris: [http://127.0.0.1:8082/callback]
    scopes: [profile, email, phone, address]
    signing_alg: %[5]s
`

// A client's own, and a pair of RFC 7636's appendix B.
const (
	callback  = "http://127.0.0.1:8082/callback"
	secret    = "1rvoqOVZprJPZvA1lKHg-OZI4Ha-wYyQDuuB2fai8P0"
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

// world is what stands around everything that is measured.
type world struct{ folder, binary, alg, redis, cm string }

// startBridge starts the binary, as the issuer, and waits until it answers.
func (w world) startBridge(ctx context.Context) (*subject, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	return w.startReplica(ctx, address, address)
}

// startReplica starts the binary at an address, as a replica of an issuer that is at another one perhaps.
func (w world) startReplica(ctx context.Context, address, issuer string) (*subject, error) {
	operations, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(w.folder, address+".yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, configuration, address, operations, w.redis, w.cm, w.alg, issuer), 0o600); err != nil {
		return nil, err
	}
	p, err := start(ctx, w.binary, "serve", "--config", file)
	if err != nil {
		return nil, err
	}
	s := &subject{processes: []*process{p}, client: browser(), issuer: issuer, step: bridgeStep("http://"+issuer, "http://"+address)}
	s.counts = bridgeCounts("http://" + operations)
	if s.started, err = answers(ctx, "http://"+address+"/.well-known/openid-configuration"); err != nil {
		p.end()
		return nil, err
	}
	return s, nil
}

// browser follows no redirect, and keeps its connections.
func browser() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 256},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// bridgeStep sends to a replica what a browser and a client send to the issuer.
func bridgeStep(issuer, at string) func(context.Context, *subject, *login, int) error {
	query := url.Values{
		"client_id": {"bench"}, "response_type": {"code"}, "redirect_uri": {callback}, "scope": {"openid profile email phone address"},
		"state": {"af0ifjsldkj"}, "nonce": {"n-0S6_WzA2Mj"}, "code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}.Encode()
	form := url.Values{"grant_type": {"authorization_code"}, "redirect_uri": {callback}, "code_verifier": {verifier}}.Encode() + "&code="
	return func(ctx context.Context, s *subject, l *login, step int) error {
		switch step {
		case authorize:
			return begin(ctx, s, l, at+"/authorize?"+query)
		case comeBack:
			return returned(ctx, s, l, at+strings.TrimPrefix(l.back, issuer))
		case redeem:
			body, _, err := s.send(ctx, http.MethodPost, at+"/token", form+l.code, "", "")
			if err != nil {
				return err
			}
			var tokens struct {
				AccessToken string `json:"access_token"`
			}
			err = json.Unmarshal(body, &tokens)
			l.token = tokens.AccessToken
			return err
		default:
			_, _, err := s.send(ctx, http.MethodGet, at+"/userinfo", "", "", l.token)
			return err
		}
	}
}

// begin keeps the cookies, and the address to which CM leads back.
func begin(ctx context.Context, s *subject, l *login, address string) error {
	_, header, err := s.send(ctx, http.MethodGet, address, "", "", "")
	if err != nil {
		return err
	}
	var pairs []string
	for _, line := range header.Values("Set-Cookie") {
		pair, _, _ := strings.Cut(line, ";")
		pairs = append(pairs, pair)
	}
	l.cookie = strings.Join(pairs, "; ")
	to, err := url.Parse(header.Get("Location"))
	if err == nil {
		l.back = to.Query().Get("to")
	}
	return err
}

// returned keeps the code.
func returned(ctx context.Context, s *subject, l *login, address string) error {
	_, header, err := s.send(ctx, http.MethodGet, address, "", l.cookie, "")
	if err != nil {
		return err
	}
	to, err := url.Parse(header.Get("Location"))
	if err == nil {
		l.code = to.Query().Get("code")
	}
	return err
}

// send sends a request as a browser or a client would.
func (s *subject) send(ctx context.Context, method, address, form, cookie, token string) ([]byte, http.Header, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form))
	if err != nil {
		return nil, nil, err
	}
	switch {
	case form != "":
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth("bench", secret)
	case token != "":
		r.Header.Set("Authorization", "Bearer "+token)
	default:
		r.Header = http.Header{"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}, "Sec-Fetch-User": {"?1"}, "Cookie": {cookie}}
	}
	response, err := s.client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: %s\n%s", method, r.URL.Path, response.Status, body)
	}
	return body, response.Header, err
}

// bridgeCounts are a bridge's, by its second listener. To write its metrics down costs it 2,600 to 5,200 objects, at one
// time more and at another less: that is left out. To say what it has allocated costs it some 60, at all times the same
// (GODEBUG=memprofilerate=0: there is no profile to write down with it).
func bridgeCounts(operations string) func(context.Context) (counts, error) {
	var scraped counts // what its metrics have cost it so far
	return func(ctx context.Context) (counts, error) {
		before, err := allocated(ctx, operations)
		if err != nil {
			return counts{}, err
		}
		said, err := countsOf(ctx, operations+"/metrics")
		if err != nil {
			return counts{}, err
		}
		after, err := allocated(ctx, operations)
		c := counts{before.objects - scraped.objects, before.bytes - scraped.bytes, said.trips}
		scraped.objects += after.objects - before.objects
		scraped.bytes += after.bytes - before.bytes
		return c, err
	}
}

// allocated is what a process has allocated, by its profiles.
func allocated(ctx context.Context, operations string) (c counts, err error) {
	text, err := get(ctx, operations+"/debug/pprof/heap?debug=1")
	if err != nil {
		return c, err
	}
	for name, figure := range map[string]*float64{"\n# TotalAlloc = ": &c.bytes, "\n# Mallocs = ": &c.objects} {
		_, after, _ := strings.Cut(text, name)
		if _, err := fmt.Sscan(after, figure); err != nil {
			return c, fmt.Errorf("%s says no %q: %w", operations, name, err)
		}
	}
	return c, nil
}

// countsOf are what metrics say, of a bridge or of another program in Go.
func countsOf(ctx context.Context, metrics string) (c counts, err error) {
	text, err := get(ctx, metrics)
	if err != nil {
		return c, err
	}
	for line := range strings.Lines(text) {
		name, figure, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, labels, _ := strings.Cut(name, "{")
		if _, rest, found := strings.Cut(figure, "} "); found { // a label with a space in it
			figure = rest
		}
		value, err := strconv.ParseFloat(figure, 64)
		if err != nil {
			continue
		}
		switch name {
		case "go_memstats_mallocs_total":
			c.objects = value
		case "go_memstats_alloc_bytes_total":
			c.bytes = value
		case "itsme_bridge_redis_command_duration_seconds_count":
			if labels != "" {
				c.trips += value
			}
		}
	}
	return c, nil
}
