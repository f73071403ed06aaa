package itsme

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// Status is what a transaction has come to.
type Status string

// The statuses of CM's API. Whatever else CM says counts as Failure.
const (
	Open      Status = "open"
	Success   Status = "success"
	Cancelled Status = "cancelled"
	Failure   Status = "failure"
	Expired   Status = "expired"
)

// Result is CM's answer about a transaction. It prints without the identity.
type Result struct {
	Status   Status
	Raw      string   // CM's own word, at most 32 letters of it; for the log, where it differs from Status
	Identity Identity // empty unless Success
	Dropped  []string // names of fields that were there but not as documented, and were left out; for the log
}

// Status asks what a transaction has come to: one GET, never sent again by this
// client. With Success the person's data comes along, this one time only: the
// caller must have kept it before anybody gets an answer. The error is an
// *Error; its Kind is Taken where CM said success and named nobody.
func (c *Client) Status(ctx context.Context, transactionToken string) (Result, error) {
	ctx, span := c.begin(ctx, opStatus)
	result, err := c.status(ctx, transactionToken)
	finish(span, result.Status, err)
	return result, err
}

func (c *Client) status(ctx context.Context, transactionToken string) (Result, error) {
	if !isToken(transactionToken) {
		return Result{}, &Error{Kind: Refused, Operation: opStatus, reason: "no transaction token"}
	}
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()

	path := "status/" + url.PathEscape(transactionToken)
	reply, err := c.do(ctx, exchange{method: http.MethodGet, path: path})
	if err != nil {
		return Result{}, transportError(opStatus, err)
	}
	if reply.status != http.StatusOK {
		// No message: of a person's data in it we could not say what to remove.
		return Result{}, statusError(opStatus, reply.status)
	}
	return parseResult(reply)
}

// parseResult reads the answer to GET /status.
func parseResult(r reply) (Result, error) {
	answer, ok := parseObject(r.body)
	if r.cut || !ok {
		return Result{}, badAnswer(opStatus, r, "the body is not a JSON object of at most 64 KiB")
	}
	raw := answer.text("status")
	if raw == "" {
		return Result{}, badAnswer(opStatus, r, "no status")
	}
	result := Result{Status: statusOf(raw), Raw: statusWord(raw)}
	if result.Status != Success {
		return result, nil
	}
	result.Identity = answer.identity()
	result.Dropped = answer.dropped()
	switch {
	case answer.isWrong("userId"), result.Identity.UserID != "" && !isUserID(result.Identity.UserID):
		return Result{Status: Success}, badAnswer(opStatus, r, "userId is not a text of at most 255 visible characters")
	case result.Identity.UserID == "":
		return Result{Status: Success}, &Error{Kind: Taken, Operation: opStatus, Status: r.status, sent: true, reason: "success without userId"}
	}
	return result, nil
}

// statusOf reads CM's word. "failed" is known from a public client; it and every
// word that nobody told us of is a failure: never a login.
func statusOf(raw string) Status {
	switch s := Status(raw); s {
	case Open, Success, Cancelled, Expired:
		return s
	default:
		return Failure
	}
}

// statusWord makes CM's word fit for a log: letters, _ and - only, so that it
// can hold no number, address or name with spaces, and 32 of them at most.
func statusWord(raw string) string {
	word := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r == '-' {
			return r
		}
		return -1
	}, raw)
	return word[:min(len(word), 32)]
}
