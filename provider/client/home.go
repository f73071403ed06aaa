package client

import (
	"net/url"

	"itsme-bridge/provider/oauth"
)

// Home is where the page of a refused request leads: to the client that the
// request names. Where it names none that is registered, to the clients that
// registered its redirect URI; and else to all, if they are at home at one address.
func (r *Registry) Home(parameters url.Values) (app oauth.App, locale string) {
	if ids := parameters["client_id"]; len(ids) == 1 {
		if c, ok := r.Find(ids[0]); ok {
			return c.App(), c.Locale
		}
	}
	var led, all []*Client
	for _, c := range r.current.Load().byID {
		all = append(all, c)
		if c.MayRedirectTo(parameters.Get("redirect_uri")) || c.MayLeadTo(parameters.Get("post_logout_redirect_uri")) {
			led = append(led, c)
		}
	}
	if len(led) > 0 {
		return common(led)
	}
	return common(all)
}

// common is what clients have in common of an application and its language.
func common(clients []*Client) (app oauth.App, locale string) {
	for i, c := range clients {
		switch {
		case i == 0:
			app, locale = c.App(), c.Locale
		case c.Home != app.Home:
			return oauth.App{}, ""
		default:
			app.ID = "" // it is no more the one's than the other's
			if c.Name != app.Name {
				app.Name = ""
			}
			if c.Locale != locale {
				locale = ""
			}
		}
	}
	return app, locale
}
