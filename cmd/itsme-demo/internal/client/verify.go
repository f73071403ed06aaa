package client

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"net/url"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// person is who the bridge says has logged in, once everything about it has been checked.
type person struct {
	token  decoded                    // the ID token
	claims map[string]json.RawMessage // of userinfo
	checks []check
}

// check is one thing that was looked at, by the name it has in the specifications.
type check struct{ Name, Text string }

// believe goes from the bridge's answer to a person, or to the reason why not.
// The state has been checked before: it is what found the login.
func (c *Client) believe(ctx context.Context, l *login, answer url.Values) (*person, *Failure) {
	// RFC 9207 §2.4: first of all, and for errors too, whose answer this is.
	if iss := answer.Get("iss"); iss != c.config.Issuer {
		return nil, distrusted("iss", "The answer names another issuer than the one that was asked: "+iss)
	}
	if code := answer.Get("error"); code != "" {
		return nil, told(code, answer.Get("error_description"))
	}
	token, err := l.oauth.Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(l.verifier))
	if err != nil {
		return nil, tokenFailure(err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return nil, distrusted("id_token", "There is no ID token in the token response.")
	}
	idToken, failed := c.checkIDToken(ctx, l, raw, token.AccessToken)
	if failed != nil {
		return nil, failed
	}
	claims, failed := l.userInfo(ctx, token, idToken.Subject)
	if failed != nil {
		return nil, failed
	}
	shown, err := decode(raw)
	if err != nil {
		return nil, distrusted("id_token", err.Error())
	}
	return &person{token: shown, claims: claims, checks: checksOf(idToken)}, nil
}

// checkIDToken is OpenID Connect Core §3.1.3.7. The library checks signature,
// issuer, audience and time, and leaves the nonce and at_hash to its caller.
func (c *Client) checkIDToken(ctx context.Context, l *login, raw, accessToken string) (*oidc.IDToken, *Failure) {
	verifier := l.provider.VerifierContext(ctx, &oidc.Config{ClientID: c.config.ID, Now: c.config.Now})
	idToken, err := verifier.Verify(ctx, raw)
	if err != nil {
		return nil, distrusted("id_token", err.Error())
	}
	if subtle.ConstantTimeCompare([]byte(idToken.Nonce), []byte(l.nonce)) == 0 {
		return nil, distrusted("nonce", "The ID token was not made for this login: its nonce is another.")
	}
	if idToken.AccessTokenHash != "" {
		if err := idToken.VerifyAccessToken(accessToken); err != nil {
			return nil, distrusted("at_hash", "The access token is not the one that the ID token came with.")
		}
	}
	return idToken, nil
}

// userInfo asks for the claims. They are of the same person, or of no use
// (OpenID Connect Core §5.3.2).
func (l *login) userInfo(ctx context.Context, token *oauth2.Token, subject string) (map[string]json.RawMessage, *Failure) {
	info, err := l.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return nil, &Failure{Title: "The bridge gave no claims", Code: "userinfo", Description: err.Error()}
	}
	if info.Subject != subject {
		return nil, distrusted("sub", "Userinfo speaks of another person than the ID token.")
	}
	var claims map[string]json.RawMessage
	if err := info.Claims(&claims); err != nil {
		return nil, distrusted("userinfo", err.Error())
	}
	return claims, nil
}

// checksOf says what has been checked when a person is believed.
func checksOf(t *oidc.IDToken) []check {
	checks := []check{
		{"state", "the answer is to a request of this browser"},
		{"iss", "it comes from the issuer that was asked"},
		{"signature", "by a key that the issuer publishes"},
		{"aud", "the ID token is for this application"},
		{"exp", "and has not expired"},
		{"nonce", "it was made for this very login"},
	}
	if t.AccessTokenHash != "" {
		checks = append(checks, check{"at_hash", "the access token belongs to it"})
	}
	return append(checks, check{"sub", "userinfo speaks of the same person"})
}
