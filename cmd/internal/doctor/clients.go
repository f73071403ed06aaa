package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/remote"
)

// eachClient is a check of every client; what is fine of all is said once.
func eachClient(nothing string, look func(ctx context.Context, p *patient, c client.Client) []Finding) func(context.Context, *patient) []Finding {
	return func(ctx context.Context, p *patient) []Finding {
		var all []Finding
		for _, c := range p.settings.Clients {
			for _, f := range look(ctx, p, c) {
				all = append(all, f.about(c.ID))
			}
		}
		if len(all) == 0 {
			return one(skip(nothing))
		}
		return all
	}
}

// ofRemote is the finding of an address of a client's that does not answer.
func ofRemote(what string, err error) Finding {
	if errors.Is(err, remote.ErrForbidden) {
		return bad(what+" is none that the bridge asks: "+strings.TrimPrefix(err.Error(), remote.ErrForbidden.Error()+": "), "list its address under outbound.reachable, if it is meant")
	}
	return warn(what+": "+strings.TrimPrefix(strings.TrimPrefix(err.Error(), remote.ErrUnanswered.Error()+": "), remote.ErrBadAnswer.Error()+": "),
		"look whether the client's server runs, whether its certificate is one of outbound.ca_file or of the system's, and what the network lets out")
}

func clientKeys(ctx context.Context, p *patient, c client.Client) []Finding {
	if c.Keys.URI == "" {
		return nil
	}
	found, err := remote.NewKeySets(p.outbound, p.Now).Keys(ctx, c.Keys.URI, "")
	switch {
	case err != nil:
		return one(ofRemote("jwks_uri", err))
	case len(found) == 0:
		return one(bad("jwks_uri answers with no key that can be used", "publish there the public keys that the client signs with: RSA of at least 2048 bits, EC on P-256, or Ed25519"))
	}
	return one(fine("jwks_uri answers with %d keys", len(found)))
}

// clientRequests only connects: a request object may be good once.
func clientRequests(ctx context.Context, p *patient, c client.Client) []Finding {
	var found []Finding
	seen := map[string]bool{}
	for _, uri := range c.RequestURIs {
		host := hostOf(uri)
		if seen[host] {
			continue
		}
		seen[host] = true
		if err := p.outbound.Reach(ctx, uri); err != nil {
			found = append(found, ofRemote("request_uris", err))
			continue
		}
		found = append(found, fine("request_uris: %s takes connections; nothing was fetched", host))
	}
	return found
}

// clientLogout only connects: a POST there would be a logout, or look like an attack.
func clientLogout(ctx context.Context, p *patient, c client.Client) []Finding {
	if c.BackChannelLogoutURI == "" {
		return nil
	}
	if err := p.outbound.Reach(ctx, c.BackChannelLogoutURI); err != nil {
		return one(ofRemote("backchannel_logout_uri", err))
	}
	return one(fine("backchannel_logout_uri: %s takes connections; no logout was sent", hostOf(c.BackChannelLogoutURI)))
}

// clientPlaces looks up where people are sent.
func clientPlaces(ctx context.Context, p *patient, c client.Client) []Finding {
	var missing, hosts []string
	for _, place := range slices.Concat([]string{c.Home}, c.RedirectURIs, c.PostLogoutRedirectURIs) {
		u, err := url.Parse(place)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" {
			continue // an app's own scheme
		}
		host := hostOf(place)
		if _, err := netip.ParseAddr(host); err == nil || host == "localhost" || slices.Contains(hosts, host) {
			continue
		}
		hosts = append(hosts, host)
		if found, err := p.Lookup(ctx, host); err != nil || len(found) == 0 {
			missing = append(missing, host)
		}
	}
	switch {
	case len(missing) > 0:
		return one(warn("people are sent to "+strings.Join(missing, ", ")+", and the name is not found from here", "correct home or redirect_uris, unless the name exists only where people are"))
	case len(hosts) > 0:
		return one(fine("%s", fmt.Sprintf("people are sent to %s, which has an address", strings.Join(hosts, ", "))))
	}
	return nil
}
