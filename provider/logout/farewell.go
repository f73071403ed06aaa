package logout

import (
	"cmp"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/pages"
)

// farewell is a logout request (OpenID Connect RP-Initiated Logout 1.0 §2), as
// far as it can be believed.
type farewell struct {
	Client string `json:"client,omitempty"` // a registered one; its pages lead back to it
	Locale string `json:"locale"`

	URI   string `json:"uri,omitempty"`   // post_logout_redirect_uri, registered for Client
	State string `json:"state,omitempty"` // goes with URI
	Wrong string `json:"wrong,omitempty"` // what is wrong with the request, for a developer; so the person is asked

	hint grant.Hint // the ID token, where it was issued to Client and nothing is wrong with the request
}

// farewellOf decides how far a logout request can be believed. Its client is the
// one that it names by client_id, by the ID token, or by an address that no other
// client has registered, in this order.
func (l *Logouts) farewellOf(parameters url.Values, accept string) farewell {
	id, uri := parameters.Get("client_id"), parameters.Get("post_logout_redirect_uri")
	var faults []string
	hint, fault := l.hintOf(parameters)
	faults = append(faults, fault)
	c, ok := l.clients.Find(id)
	if id != "" && !ok {
		faults = append(faults, "The client_id is not registered.")
	}
	if !ok {
		c, ok = l.clients.Find(hint.Audience)
	}
	if !ok {
		c, ok = l.clients.LedTo(uri)
	}
	f := farewell{Locale: pages.Locale(parameters.Get("ui_locales"), accept)}
	if ok {
		f.Client, f.Locale = c.ID, pages.Locale(parameters.Get("ui_locales"), c.Locale, accept)
	}
	if hint.Audience != "" && hint.Audience != f.Client {
		faults = append(faults, "The id_token_hint was issued to another client.")
	}
	switch {
	case uri == "":
	case ok && c.MayLeadTo(uri):
		f.URI, f.State = uri, parameters.Get("state")
	case ok:
		faults = append(faults, "The post_logout_redirect_uri is not registered for this client.")
	default:
		faults = append(faults, "The post_logout_redirect_uri alone names no client: it is registered for none, or for several.")
	}
	if f.Wrong = strings.TrimSpace(strings.Join(faults, " ")); f.Wrong == "" {
		f.hint = hint
	}
	return f
}

// hintOf reads the ID token of a logout request, or says what is wrong with it.
// Nothing is wrong with a person who asks without any parameters.
func (l *Logouts) hintOf(parameters url.Values) (h grant.Hint, fault string) {
	if token := parameters.Get("id_token_hint"); token != "" {
		return l.idTokens.Read(token)
	}
	if cmp.Or(parameters.Get("client_id"), parameters.Get("post_logout_redirect_uri"), parameters.Get("state")) == "" {
		return grant.Hint{}, ""
	}
	return grant.Hint{}, "The id_token_hint is missing."
}

// explain lets the log say what is wrong with a request, and which address is not
// registered.
func (l *Logouts) explain(r *http.Request, f *farewell, uri string) {
	event := edge.EventOf(r.Context())
	event.Add(slog.String("client", f.Client))
	if f.Wrong == "" {
		return
	}
	event.Add(slog.String("logout_wrong", f.Wrong))
	if uri != "" && f.URI == "" {
		event.Refuse(oauth.ForeignLogout)
		event.Add(slog.String("post_logout_redirect_uri_refused", edge.ShownURL(uri)))
	}
}

// reopened is what the form of askLogout held. What is not registered any more
// is forgotten.
func (l *Logouts) reopened(sealed string) (farewell, bool) {
	var f farewell
	plain, ok := l.keyring.Open("logout", sealed)
	if !ok || json.Unmarshal(plain, &f) != nil {
		return farewell{}, false
	}
	if client, registered := l.clients.Find(f.Client); !registered || !client.MayLeadTo(f.URI) {
		f.URI = ""
	}
	return f, true
}

// onward is where a farewell leads, with the state.
func (f *farewell) onward() string {
	if f.URI == "" || f.State == "" {
		return f.URI
	}
	return oauth.AddTo(f.URI, "", []pages.Field{{Name: "state", Value: f.State}})
}
