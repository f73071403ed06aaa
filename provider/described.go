package provider

import (
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/discovery"
	"itsme-bridge/provider/edge"
)

// Discovery is the discovery document that a provider of this configuration serves, to
// the byte.
func Discovery(c Config, clients []client.Client) ([]byte, error) {
	issuer, err := edge.NewIssuer(c.Issuer)
	if err != nil {
		return nil, err
	}
	all := make([]*client.Client, 0, len(clients))
	for i := range clients {
		all = append(all, &clients[i])
	}
	return discovery.New(issuer, paths(), c.Session.TTL > 0, nil).Describe(all).Body, nil
}
