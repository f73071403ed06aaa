package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// dexConfiguration is that of a Dex that keeps everything in memory, with one client and one connector, to a provider of ours.
const dexConfiguration = `
issuer: http://%[1]s/dex
storage: {type: memory}
web: {http: %[1]q}
telemetry: {http: %[2]q}
oauth2: {skipApprovalScreen: true}
staticClients:
  - {id: bench, name: Bench, secret: 1rvoqOVZprJPZvA1lKHg-OZI4Ha-wYyQDuuB2fai8P0, redirectURIs: ["http://127.0.0.1:8082/callback"]}
connectors:
  - type: oidc
    id: upstream
    name: Upstream
    config: {issuer: %[3]q, clientID: dex, clientSecret: secret, redirectURI: "http://%[1]s/dex/callback", scopes: [profile, email]}
`

// startDex starts a Dex, and the provider behind it. stop ends both.
func (w world) startDex(ctx context.Context, binary string) (s *subject, stop func(), err error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, nil, err
	}
	metrics, err := freeAddress(ctx)
	if err != nil {
		return nil, nil, err
	}
	upstream, end, err := serveUpstream(ctx)
	if err != nil {
		return nil, nil, err
	}
	file := filepath.Join(w.folder, "dex.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, dexConfiguration, address, metrics, upstream), 0o600); err != nil {
		end()
		return nil, nil, err
	}
	p, err := startSaying(ctx, io.Discard, binary, "serve", file) // where its log goes
	if err != nil {
		end()
		return nil, nil, err
	}
	stop = func() { p.end(); end() }
	s = &subject{processes: []*process{p}, client: browser(), step: dexStep("http://" + address)}
	s.counts = func(ctx context.Context) (counts, error) { return countsOf(ctx, "http://"+metrics+"/metrics") }
	if s.started, err = answers(ctx, "http://"+address+"/dex/.well-known/openid-configuration"); err != nil {
		stop()
		return nil, nil, err
	}
	return s, stop, nil
}

// dexStep is the same login through Dex, whose /auth leads to its connector's own address first.
func dexStep(at string) func(context.Context, *subject, *login, int) error {
	query := url.Values{
		"client_id": {"bench"}, "response_type": {"code"}, "redirect_uri": {callback}, "scope": {"openid profile email"},
		"state": {"af0ifjsldkj"}, "nonce": {"n-0S6_WzA2Mj"}, "code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}.Encode()
	client := bridgeStep(at+"/dex", at+"/dex")
	return func(ctx context.Context, s *subject, l *login, step int) error {
		switch step {
		case authorize:
			_, header, err := s.send(ctx, http.MethodGet, at+"/dex/auth?"+query, "", "", "")
			if err != nil {
				return err
			}
			_, header, err = s.send(ctx, http.MethodGet, at+header.Get("Location"), "", "", "")
			if err != nil {
				return err
			}
			to, err := url.Parse(header.Get("Location"))
			if err == nil {
				l.back = at + "/dex/callback?code=code&state=" + url.QueryEscape(to.Query().Get("state"))
			}
			return err
		case comeBack:
			return returned(ctx, s, l, l.back)
		default:
			return client(ctx, s, l, step)
		}
	}
}

// serveUpstream serves as little of an OpenID provider as Dex's connector needs: every code is worth the same ID token.
func serveUpstream(ctx context.Context) (issuer string, stop func(), err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	issuer = "http://" + listener.Addr().String()
	token, keys, err := upstreamToken(issuer)
	if err != nil {
		_ = listener.Close()
		return "", nil, err
	}
	mux := http.NewServeMux()
	says := func(pattern string, document any) {
		text, _ := json.Marshal(document) // texts and a key always encode
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(text)
		})
	}
	says("GET /.well-known/openid-configuration", map[string]any{
		"issuer": issuer, "authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + "/token", "jwks_uri": issuer + "/keys",
		"id_token_signing_alg_values_supported": []string{"ES256"},
	})
	says("GET /keys", keys)
	says("POST /token", map[string]any{"access_token": strings.Repeat("a", 64), "token_type": "Bearer", "expires_in": 300, "id_token": token})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	return issuer, func() { _ = server.Close() }, nil
}

// upstreamToken is an ID token for a day, and the key that it is verified with.
func upstreamToken(issuer string) (token string, set jose.JSONWebKeySet, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", set, err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "upstream"}}, nil)
	if err != nil {
		return "", set, err
	}
	claims, err := json.Marshal(map[string]any{
		"iss": issuer, "aud": "dex", "sub": "248289761001", "iat": time.Now().Unix(), "exp": time.Now().Add(24 * time.Hour).Unix(),
		"name": "Lucas Maes", "email": "lucas.maes@example.com", "email_verified": true,
	})
	if err != nil {
		return "", set, err
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		return "", set, err
	}
	token, err = signed.CompactSerialize()
	return token, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "upstream", Algorithm: "ES256", Use: "sig"}}}, err
}
