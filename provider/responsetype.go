package provider

import (
	"net/http"
	"slices"
	"strings"
)

// sortedWords are the words of a list whose order says nothing (RFC 6749 §3.1.1).
func sortedWords(list string) []string {
	words := strings.Fields(list)
	slices.Sort(words)
	return words
}

// checkResponseMode: OAuth 2.0 Multiple Response Type Encoding Practices §2.1,
// OAuth 2.0 Form Post Response Mode. It comes first of all that is told to the
// client, since it says how to tell.
func checkResponseMode(a *Asking) *Error {
	front := slices.ContainsFunc(strings.Fields(a.get("response_type")), func(t string) bool { return t != ResponseCode })
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
func checkResponseType(a *Asking) *Error {
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
		return fail(http.StatusBadRequest, UnauthorizedClient, "This client is not registered for this response_type.")
	}
	a.request.ResponseType = asked
	return nil
}
