package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/provider/claims"
	"itsme-bridge/provider/client"
)

func (p *process) explainClientCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "explain ID",
		Short:   "say what a client gets, where, signed how and for how long, and what it must send",
		Example: examples("itsme-bridge client explain example --config config.yaml", "itsme-bridge client explain example --config config.yaml --json"),
		Args:    takes("ID"),
	}
	file := p.configFlag(c)
	p.jsonFlag(c)
	c.ValidArgsFunction = func(c *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return file.completeClients(c, args, typed)
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		settings, path, err := file.load()
		if err != nil {
			return err
		}
		one, err := clientOf(settings, path, args[0])
		if err != nil {
			return err
		}
		p.sayFacts(explain(settings, one))
		return nil
	}
	return c
}

// clientOf is the client of an id. The error names those that there are.
func clientOf(settings *config.Config, path, id string) (*client.Client, error) {
	i := slices.IndexFunc(settings.Clients, func(c client.Client) bool { return c.ID == id })
	if i < 0 {
		ids := make([]string, len(settings.Clients))
		for j, c := range settings.Clients {
			ids[j] = c.ID
		}
		return nil, fmt.Errorf("%s has no client %q; its clients are: %s", path, id, cmp.Or(strings.Join(ids, ", "), "none"))
	}
	return &settings.Clients[i], nil
}

// fact is one line of an explanation.
type fact struct {
	key   string // in JSON
	label string
	lines []string
}

// sayFacts prints an explanation: as JSON, an object with a list for each key.
func (p *process) sayFacts(facts []fact) {
	object := map[string][]string{}
	for _, f := range facts {
		object[f.key] = f.lines
	}
	p.say(object, func(w io.Writer) {
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, f := range facts {
			for i, line := range f.lines {
				label := f.label
				if i > 0 {
					label = ""
				}
				fmt.Fprintf(table, "%s\t%s\n", label, line)
			}
		}
		_ = table.Flush() // as good as the writer below it
	})
}

// explain is what a client gets, where, signed how and for how long, and what it must send.
func explain(settings *config.Config, c *client.Client) []fact {
	var facts []fact
	add := func(key, label string, lines ...string) {
		if len(lines) > 0 {
			facts = append(facts, fact{key, label, lines})
		}
	}
	add("client_id", "client id", c.ID)
	add("name", "name, for people", c.Name)
	found, known := settings.Product(c.ID)
	if known {
		add("for", "for", strings.TrimSuffix(found.Title+", "+found.Guide, ", "))
	}
	add("discovery", "finds everything at", settings.Provider.Issuer+"/.well-known/openid-configuration")
	add("authentication", "authenticates by", authenticationOf(c))
	add("must_send", "must send", mustSend(c)...)
	add("redirect_uris", "takes answers at", c.RedirectURIs...)
	add("scopes", "may ask for", strings.Join(append([]string{"openid"}, c.Scopes...), " "))
	add("sub", "knows people by", subjectOf(c))
	add("id_token", "ID token", idTokenOf(settings, c)...)
	if c.MayRespond(client.ResponseCode) { // without one, nobody gets an access token
		add("userinfo", "userinfo", userinfoOf(c))
	}
	add("asserted", "you assert", asserted(c)...)
	add("lifetimes", "lives", lifetimesOf(settings, c)...)
	add("pages", "pages", pagesOf(settings, c)...)
	add("failures", "a login that fails", failuresOf(c))
	add("logout", "logout", logoutOf(settings, c)...)
	if known {
		add("faster", "would be faster with", found.Faster(c.SigningAlg)...)
	}
	return facts
}

func authenticationOf(c *client.Client) string {
	switch c.AuthMethod {
	case client.None:
		return "nothing (none): it can keep no secret"
	case client.PrivateKeyJWT:
		return "private_key_jwt, signed by " + cmp.Or(c.Keys.URI, fmt.Sprintf("one of %d keys of its entry", len(c.Keys.Set)))
	default:
		if n := len(c.SecretHashes); n > 1 {
			return fmt.Sprintf("%s; %d secrets are valid", c.AuthMethod, n)
		}
		return string(c.AuthMethod)
	}
}

func mustSend(c *client.Client) []string {
	types := c.ResponseTypes
	if len(types) == 0 {
		types = []string{client.ResponseCode}
	}
	must := []string{"response_type " + strings.Join(types, ", or ")}
	switch {
	case !c.MayRespond(client.ResponseCode), c.PKCE == client.PKCEOptional: // neither
	case c.PKCE == client.PKCEOrNonce:
		must = append(must, "code_challenge with S256, or a nonce")
	default:
		must = append(must, "code_challenge with code_challenge_method=S256")
	}
	for _, one := range []struct {
		so   bool
		text string
	}{
		{slices.ContainsFunc(types, func(t string) bool { return t != client.ResponseCode }), "nonce, where an ID token comes with the response"},
		{c.MustPush(), "its request to /par, and only request_uri and client_id to /authorize"},
		{c.RequireSigned, "its request as a signed JWT (request, request_uri)"},
		{c.RequireDPoP, "a DPoP proof with each request for tokens, and with each access token"},
	} {
		if one.so {
			must = append(must, one.text)
		}
	}
	return must
}

func subjectOf(c *client.Client) string {
	if c.Subject == client.Public {
		return "sub, which is CM's own userId"
	}
	return "sub, made for the sector " + c.Sector
}

// told are the claims that the client may learn.
func told(c *client.Client) string {
	var names []string
	for _, row := range claims.Table() {
		flat := slices.Contains([]string{"street_address", "postal_code", "locality", "country"}, row.Name)
		if c.MayAsk(row.Scope) && (!flat || c.FlatAddress) {
			names = append(names, row.Name)
		}
	}
	return strings.Join(names, ", ")
}

func idTokenOf(settings *config.Config, c *client.Client) []string {
	lines := []string{fmt.Sprintf("signed with %s, good for %s", c.SigningAlg, document.Duration(settings.Provider.IDToken))}
	switch names := told(c); {
	case names == "":
		return append(lines, "sub, and nothing about the person")
	case c.IDTokenClaims || !c.MayRespond(client.ResponseCode):
		return append(lines, "sub, "+names)
	case c.MayRespond("id_token"):
		return append(lines, "sub; with response_type id_token, where there is no access token, also "+names)
	default:
		return append(lines, "sub; the other claims are at userinfo")
	}
}

func userinfoOf(c *client.Client) string {
	form := "JSON: "
	if c.UserinfoAlg != "" {
		form = "a JWT, signed with " + string(c.UserinfoAlg) + ": "
	}
	if names := told(c); names != "" {
		return form + "sub, " + names
	}
	return form + "sub"
}

func asserted(c *client.Client) []string {
	var lines []string
	if c.EmailVerified {
		lines = append(lines, "email_verified: true, which CM does not say")
	}
	if c.PhoneNumberVerified {
		lines = append(lines, "phone_number_verified: true, which CM does not say")
	}
	if c.ACR != "" {
		lines = append(lines, "acr: "+c.ACR)
	}
	if len(c.AMR) > 0 {
		lines = append(lines, "amr: "+strings.Join(c.AMR, ", "))
	}
	return lines
}

func lifetimesOf(settings *config.Config, c *client.Client) []string {
	lives := settings.Provider
	lines := []string{fmt.Sprintf("a login: %s, all attempts together", document.Duration(c.Deadline))}
	if !c.MayRespond(client.ResponseCode) {
		return lines
	}
	lines = append(lines,
		fmt.Sprintf("a code: %s, for one use", document.Duration(lives.Code)),
		"an access token: "+document.Duration(lives.AccessToken))
	if c.MayRefresh() {
		lines = append(lines, fmt.Sprintf("refresh tokens: %s after the login", document.Duration(lives.RefreshToken))+idleOf(settings))
	}
	if c.MustPush() {
		lines = append(lines, "a request_uri: "+document.Duration(lives.PushedRequest))
	}
	return lines
}

// idleOf says when refresh tokens end that nobody uses, where that is sooner.
func idleOf(settings *config.Config) string {
	lives := settings.Provider
	if lives.RefreshIdle >= lives.RefreshToken {
		return ""
	}
	return "; one that nobody uses, " + document.Duration(lives.RefreshIdle)
}

func failuresOf(c *client.Client) string {
	switch {
	case c.RedirectFailures:
		return "leads to the application at once, with an error"
	case c.RestartExpired:
		return "leads to our page, which offers to try again; after its time is up that begins anew at the application"
	default:
		return "leads to our page, which offers to try again, or to go back with an error"
	}
}

func logoutOf(settings *config.Config, c *client.Client) []string {
	var lines []string
	if settings.Provider.Session.TTL > 0 {
		lines = append(lines, fmt.Sprintf("a browser stays logged in for %s after the approval", document.Duration(settings.Provider.Session.TTL)))
	} else {
		lines = append(lines, "no browser stays logged in (session.ttl): every login is an approval in the app")
	}
	for _, uri := range c.PostLogoutRedirectURIs {
		lines = append(lines, "may lead to "+uri)
	}
	if c.BackChannelLogoutURI != "" {
		lines = append(lines, "is told to "+c.BackChannelLogoutURI)
	}
	if c.LogoutByServer {
		lines = append(lines, "may be asked for by its server, without a browser")
	}
	return lines
}
