package request

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"itsme-bridge/provider/claims"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/oauth"
)

// claimsRequest is the claims parameter (OpenID Connect Core §5.5). A claim
// that is asked for without a word about it is null.
type claimsRequest struct {
	Userinfo map[string]*claimRequest `json:"userinfo"`
	IDToken  map[string]*claimRequest `json:"id_token"`
}

// claimRequest is what is asked about one claim (§5.5.1).
type claimRequest struct {
	Essential bool  `json:"essential"`
	Value     any   `json:"value"`
	Values    []any `json:"values"`
}

// checkClaims reads claims and acr_values. Claims that nobody knows, or that
// the client may not have, are not returned (§5.5.1, §5.3.3); whether they are
// essential changes nothing, but for acr and sub.
func checkClaims(a *Asking) *oauth.Error {
	var asked claimsRequest
	if text := a.Get("claims"); text != "" {
		if json.Unmarshal([]byte(text), &asked) != nil { // the cause quotes it
			return oauth.BadRequest("The parameter claims is not a JSON object as in OpenID Connect Core 5.5.")
		}
	}
	q := &a.Request
	if q.WantsCode() {
		q.UserinfoClaims = allowed(a.Client, asked.Userinfo)
	}
	q.IDTokenClaims = allowed(a.Client, asked.IDToken)
	_, q.SID = asked.IDToken["sid"]
	if e := checkSubject(a, asked.Userinfo["sub"], asked.IDToken["sub"]); e != nil {
		return e
	}
	acr, ok := acrFor(a.Client, strings.Fields(a.Get("acr_values")), asked.IDToken["acr"])
	if !ok {
		return oauth.Fail(http.StatusBadRequest, "unmet_authentication_requirements",
			"The acr that is asked for as essential cannot be reached.")
	}
	q.ACR = acr
	return nil
}

// allowed are the claims that the client is granted by name, in the table's
// order. What says whether a claim is verified comes along with it.
func allowed(c *client.Client, asked map[string]*claimRequest) []string {
	if len(asked) == 0 {
		return nil
	}
	var granted []string
	for _, row := range claims.Table() {
		_, byName := asked[row.Name]
		_, along := asked[strings.TrimSuffix(row.Name, "_verified")]
		if (byName || along) && c.MayAsk(row.Scope) {
			granted = append(granted, row.Name)
		}
	}
	return granted
}

// checkSubject: a request may name the one person who will do (§5.5.1).
func checkSubject(a *Asking, requests ...*claimRequest) *oauth.Error {
	for _, r := range requests {
		if r == nil || r.Value == nil {
			continue
		}
		sub, ok := r.Value.(string)
		if !ok || sub == "" || a.Request.Subject != "" && a.Request.Subject != sub {
			return oauth.BadRequest("The sub in claims is not one subject.")
		}
		a.Request.Subject = sub
	}
	return nil
}

// acrFor is the name for what a login of this client is worth: the first that
// is asked for of those that the operator asserts, else the operator's own
// (§3.1.2.1, §5.5.1.1). It is not ok where another one is essential.
func acrFor(c *client.Client, preferred []string, asked *claimRequest) (acr string, ok bool) {
	var offered []string
	if c.ACR != "" {
		offered = append([]string{c.ACR}, c.ACRAliases...)
	}
	if asked != nil {
		named := asked.names()
		switch {
		case asked.Essential && (asked.Value != nil || len(asked.Values) > 0):
			return firstOf(named, offered, "")
		case asked.Essential && c.ACR == "":
			return "", false
		}
		preferred = append(slices.Clone(preferred), named...)
	}
	acr, _ = firstOf(preferred, offered, c.ACR)
	return acr, true
}

// names are the values that are asked for, as far as they are texts.
func (r *claimRequest) names() []string {
	var names []string
	for _, value := range append([]any{r.Value}, r.Values...) {
		if name, ok := value.(string); ok {
			names = append(names, name)
		}
	}
	return names
}

// firstOf is the first of the wanted that is offered, else another.
func firstOf(wanted, offered []string, otherwise string) (string, bool) {
	for _, name := range wanted {
		if slices.Contains(offered, name) {
			return name, true
		}
	}
	return otherwise, false
}
