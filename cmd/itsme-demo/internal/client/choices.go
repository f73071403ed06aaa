package client

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"
)

// choices are what a visitor asks a login to be.
type choices struct {
	Scopes       []string // besides openid
	Create       bool     // register rather than log in
	Locale       string   // of the bridge and of itsme; empty: the browser's
	ResponseMode string   // how the answer comes back
	Hint         string   // a phone number for itsme
}

func allScopes() []string  { return []string{"profile", "email", "phone", "address"} }
func allModes() []string   { return []string{"query", "form_post", "fragment"} }
func allLocales() []string { return []string{"en", "nl", "fr", "de"} }

// usual is what the big button asks for.
func usual() choices { return choices{Scopes: allScopes(), ResponseMode: "query"} }

// choicesOf reads the form, and leaves out what is not on it.
func choicesOf(form url.Values) choices {
	chosen := choices{Create: form.Get("create") != "", ResponseMode: "query", Hint: strings.TrimSpace(form.Get("login_hint"))}
	for _, scope := range allScopes() {
		if slices.Contains(form["scope"], scope) {
			chosen.Scopes = append(chosen.Scopes, scope)
		}
	}
	if mode := form.Get("response_mode"); slices.Contains(allModes(), mode) {
		chosen.ResponseMode = mode
	}
	if locale := form.Get("ui_locales"); slices.Contains(allLocales(), locale) {
		chosen.Locale = locale
	}
	return chosen
}

// form is the same as fields again, so that a page can offer the same login once more.
func (c choices) form() []field {
	var fields []field
	for _, scope := range c.Scopes {
		fields = append(fields, field{"scope", scope})
	}
	if c.Create {
		fields = append(fields, field{"create", "yes"})
	}
	return append(fields,
		field{"ui_locales", c.Locale}, field{"response_mode", c.ResponseMode}, field{"login_hint", c.Hint})
}

// field is one hidden input.
type field struct{ Name, Value string }

// Asks reports whether a scope is chosen.
func (c choices) Asks(scope string) bool { return slices.Contains(c.Scopes, scope) }

// parameters are what the choices add to an authorization request
// (OpenID Connect Core §3.1.2.1). What is usual is left out.
func (c choices) parameters() []oauth2.AuthCodeOption {
	var options []oauth2.AuthCodeOption
	add := func(name, value string) {
		if value != "" {
			options = append(options, oauth2.SetAuthURLParam(name, value))
		}
	}
	if c.Create {
		add("prompt", "create")
	}
	add("ui_locales", c.Locale)
	if c.ResponseMode != "query" {
		add("response_mode", c.ResponseMode)
	}
	add("login_hint", c.Hint)
	return options
}
