package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/login"
)

// soon is how long before its end a certificate is worth a word.
const soon = 21 * 24 * time.Hour

func checkCM(_ context.Context, p *patient) []Finding {
	seen, err := p.cm()
	by := ""
	if p.settings.Upstream.Proxy != nil {
		by = " by the proxy at " + p.settings.Upstream.Proxy.Host
	}
	switch {
	case err != nil:
		return one(bad("CM is not reached"+by+": "+err.Error(), "look at itsme.url, at itsme.proxy, and at what the network lets out: TCP 443, and DNS"))
	case !seen.Expires.IsZero() && seen.Expires.Sub(p.Now()) < soon:
		return one(warn(fmt.Sprintf("CM answers%s; its certificate ends on %s", by, seen.Expires.Format(time.DateOnly)), "if it is not renewed by then, ask CM"))
	}
	return one(fine("CM answers%s", by))
}

// checkTransaction starts one transaction, as the first client would.
func checkTransaction(ctx context.Context, p *patient) []Finding {
	if !p.Transaction {
		return one(skip("a transaction may be billed; --transaction starts one"))
	}
	upstream, err := itsme.New(p.settings.Upstream)
	if err != nil {
		return one(bad(err.Error(), "look at the section itsme"))
	}
	start := itsme.Start{Service: itsme.Login, RedirectURL: returnURL(p)}
	about := "itsme.token"
	if len(p.settings.Clients) > 0 {
		first := p.settings.Clients[0]
		start.Scopes = scopesOf(first)
		if start.Token = first.MerchantToken; start.Token != "" {
			about = first.ID
		}
	}
	t, err := upstream.Start(ctx, start)
	if err != nil {
		saw := err.Error()
		if failed, ok := errors.AsType[*itsme.Error](err); ok && failed.Message() != "" {
			saw += " (" + failed.Message() + ")"
		}
		return one(bad("CM does not start a transaction: "+saw,
			"look at itsme.token, have CM allow the return URL that itsme-bridge check prints, and look at itsme.allowed_hosts").about(about))
	}
	host := "another place"
	if u, err := url.Parse(t.AuthenticationURL); err == nil {
		host = u.Host
	}
	saw := "CM started a transaction, which it may bill and which now expires; it would send the browser to " + host
	if len(p.settings.Upstream.AllowedHosts) == 0 && !p.settings.Upstream.AllowLoopback {
		return one(warn(saw+", and itsme.allowed_hosts allows any host", "write itsme.allowed_hosts: ["+host+"]").about(about))
	}
	return one(fine("%s", saw).about(about))
}

// returnURL is one that a login could have.
func returnURL(p *patient) string {
	switch p.settings.Provider.ReturnShape {
	case login.ReturnQuery:
		return p.issuer.At("/itsme/return?login=doctor")
	case login.ReturnFixed:
		return p.issuer.At("/itsme/return")
	default:
		return p.issuer.At("/itsme/return/doctor")
	}
}

func scopesOf(c client.Client) (scopes []itsme.Scope) {
	for _, s := range []itsme.Scope{itsme.ScopeProfile, itsme.ScopeEmail, itsme.ScopePhone, itsme.ScopeAddress} {
		if slices.Contains(c.Scopes, string(s)) {
			scopes = append(scopes, s)
		}
	}
	return scopes
}

// hostOf is where a URL leads, without what may be a secret in it.
func hostOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}
