package itsme

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
)

// Service is what a transaction is for.
type Service string

// The services of CM's API.
const (
	Login    Service = "login"
	Register Service = "register"
)

// Scope names a group of user information.
type Scope string

// The scopes of CM's API. Their values are those of OpenID Connect Core §5.4.
const (
	ScopeProfile Scope = "profile" // name, gender, locale, birth date
	ScopeEmail   Scope = "email"
	ScopePhone   Scope = "phone"
	ScopeAddress Scope = "address" // street, postal code, city, country code
)

// Start is a transaction to be created.
type Start struct {
	Token       string  `json:"-"` // the merchant token, if not the client's own
	Service     Service // required
	Scopes      []Scope // none: userId alone
	Locale      string  // en, nl, fr or de; "": CM decides
	RedirectURL string  `json:"-"` // where the browser comes back to
	PhoneNumber string  `json:"-"` // E.164, to be prefilled; "": the person types it
}

// Transaction is one that CM has created. Whoever holds Token gets the person's
// data; AuthenticationURL is where the browser goes. It prints as redacted, but
// encodes to JSON in full, to be kept sealed.
type Transaction struct {
	Token             string `json:"token"`
	AuthenticationURL string `json:"url"`
}

// Start creates a transaction: one POST, which CM probably bills. It is sent a
// second time only where the first found no connection to be sent on, so that
// CM cannot have seen it. The error is an *Error.
func (c *Client) Start(ctx context.Context, s Start) (Transaction, error) {
	ctx, span := c.begin(ctx, opStart)
	made, err := c.start(ctx, s)
	finish(span, "", err)
	return made, err
}

func (c *Client) start(ctx context.Context, s Start) (Transaction, error) {
	s.Token = c.tokenFor(s)
	if s.Token == "" {
		return Transaction{}, &Error{Kind: Refused, Operation: opStart, reason: "no merchant token"}
	}
	body, err := s.encode()
	if err != nil {
		return Transaction{}, &Error{Kind: Refused, Operation: opStart, reason: "not encodable"}
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()

	request := exchange{method: http.MethodPost, path: "transactions", body: body}
	reply, err := c.do(ctx, request)
	if isUnsent(err) && ctx.Err() == nil {
		reply, err = c.do(ctx, request)
	}
	if err != nil {
		return Transaction{}, transportError(opStart, err)
	}
	if reply.status != http.StatusOK {
		failure := statusError(opStart, reply.status)
		failure.message = newSecret(message(reply.body, s.Token, s.PhoneNumber, s.RedirectURL))
		return Transaction{}, failure
	}
	return c.transaction(reply)
}

// tokenFor chooses the merchant token.
func (c *Client) tokenFor(s Start) string {
	if s.Token != "" {
		return s.Token
	}
	return c.token.reveal()
}

// encode writes the body of POST /transactions.
func (s Start) encode() ([]byte, error) {
	return json.Marshal(struct {
		Token       string  `json:"token"`
		Service     Service `json:"service"`
		Scopes      []Scope `json:"scopes,omitempty"`
		Locale      string  `json:"locale,omitempty"`
		RedirectURL string  `json:"redirectUrl"`
		PhoneNumber string  `json:"phoneNumber,omitempty"`
	}{s.Token, s.Service, s.Scopes, s.Locale, s.RedirectURL, s.PhoneNumber})
}

// isUnsent reports whether a call failed before there was a connection.
// Anything else may have carried the request to CM.
func isUnsent(err error) bool {
	operation, ok := errors.AsType[*net.OpError](err)
	return ok && operation.Op == "dial"
}

// transaction reads the answer to POST /transactions.
func (c *Client) transaction(r reply) (Transaction, error) {
	answer, ok := parseObject(r.body)
	if r.cut || !ok {
		return Transaction{}, badAnswer(opStart, r, "the body is not a JSON object of at most 64 KiB")
	}
	t := Transaction{Token: answer.text("transactionToken"), AuthenticationURL: answer.text("authenticationUrl")}
	if !isToken(t.Token) {
		return Transaction{}, badAnswer(opStart, r, "no usable transactionToken")
	}
	if !c.destination.allows(t.AuthenticationURL) {
		return Transaction{}, badAnswer(opStart, r, "authenticationUrl is not an allowed URL")
	}
	return t, nil
}
