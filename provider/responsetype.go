package provider

import (
	"net/http"
	"slices"
	"strings"
)

// The response types (OAuth 2.0 Multiple Response Type Encoding Practices §3,
// §5), with their words in alphabetical order. An access token never leaves the
// authorization endpoint (RFC 9700 §2.1.2).
const (
	responseCode   = "code"
	responseToken  = "id_token"
	responseHybrid = "code id_token"
)

func responseTypes() []string { return []string{responseCode, responseToken, responseHybrid} }

// wantsCode reports whether the response has a code.
func (q *Request) wantsCode() bool { return q.ResponseType != responseToken }

// wantsIDToken reports whether the response itself has an ID token.
func (q *Request) wantsIDToken() bool { return q.ResponseType != responseCode }

// sortedWords are the words of a list whose order says nothing (RFC 6749 §3.1.1).
func sortedWords(list string) []string {
	words := strings.Fields(list)
	slices.Sort(words)
	return words
}

// checkResponseMode: OAuth 2.0 Multiple Response Type Encoding Practices §2.1,
// OAuth 2.0 Form Post Response Mode. It comes first of all that is told to the
// client, since it says how to tell.
func checkResponseMode(a *asking) *Error {
	front := slices.ContainsFunc(strings.Fields(a.get("response_type")), func(t string) bool { return t != responseCode })
	if front {
		a.request.ResponseMode = "fragment"
	}
	switch mode := a.get("response_mode"); {
	case mode == "":
		return nil
	case mode == "query" && front:
		return badRequest("The response_mode query is only for the response_type code.")
	case mode == "query" || mode == "fragment" || mode == "form_post":
		a.request.ResponseMode = mode
		return nil
	default:
		return badRequest("The response_mode is none of query, fragment and form_post.")
	}
}

// checkResponseType: RFC 6749 §4.1.1, OpenID Connect Core §3.2.2.1 and §3.3.2.1.
func checkResponseType(a *asking) *Error {
	words := sortedWords(a.get("response_type"))
	if len(words) == 0 {
		return badRequest("The parameter response_type is missing.")
	}
	asked := strings.Join(words, " ")
	switch {
	case !slices.Contains(responseTypes(), asked):
		return fail(http.StatusBadRequest, "unsupported_response_type",
			"The response_type is not supported; no access token leaves this endpoint. Use code.")
	case !a.client.mayRespond(asked):
		return fail(http.StatusBadRequest, unauthorizedClient, "This client is not registered for this response_type.")
	}
	a.request.ResponseType = asked
	return nil
}
