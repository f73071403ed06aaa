package request

import (
	"net/http"
	"slices"
	"strings"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
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
func checkResponseMode(a *Asking) *oauth.Error {
	asked := a.Get("response_type")
	if len(asked) > maxWords {
		asked = "" // refused next, whatever it is
	}
	front := false
	for word := range strings.FieldsSeq(asked) {
		front = front || word != client.ResponseCode
	}
	if front {
		a.Request.ResponseMode = "fragment"
	}
	switch mode := a.Get("response_mode"); {
	case mode == "":
		return nil
	case mode == "query" && front:
		return oauth.BadRequest("The response_mode query is only for the response_type code.")
	case mode == "query" || mode == "fragment" || mode == "form_post":
		a.Request.ResponseMode = mode
		return nil
	default:
		return oauth.BadRequest("The response_mode is none of query, fragment and form_post.").
			Because(edge.Asked("response_mode", edge.ShownWord(mode)))
	}
}

// checkResponseType: RFC 6749 §4.1.1, OpenID Connect Core §3.2.2.1 and §3.3.2.1.
func checkResponseType(a *Asking) *oauth.Error {
	words := sortedWords(a.Get("response_type"))
	if len(words) == 0 {
		return oauth.BadRequest("The parameter response_type is missing.")
	}
	asked := strings.Join(words, " ")
	switch {
	case !slices.Contains(client.ResponseTypes(), asked):
		return oauth.Fail(http.StatusBadRequest, "unsupported_response_type",
			"The response_type is not supported; no access token leaves this endpoint. Use code.").
			Because(edge.Asked("response_type", strings.Join(edge.ShownWords(words), " ")))
	case !a.Client.MayRespond(asked):
		return oauth.Fail(http.StatusBadRequest, oauth.UnauthorizedClient, "This client is not registered for this response_type.").
			Because(edge.Asked("response_type", asked))
	}
	a.Request.ResponseType = asked
	return nil
}
