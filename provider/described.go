package provider

import (
	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/discovery"
	"itsme-bridge/provider/edge"
)

// Discovery is the discovery document that a provider of this configuration serves while
// keys of these algorithms are published, to the byte.
func Discovery(c Config, clients []client.Client, published []keys.Algorithm) ([]byte, error) {
	issuer, err := edge.NewIssuer(c.Issuer)
	if err != nil {
		return nil, err
	}
	all := make([]*client.Client, 0, len(clients))
	for i := range clients {
		all = append(all, &clients[i])
	}
	return discovery.New(issuer, paths(), c.Session.TTL > 0, publisher(published)).Describe(all).Document.Body, nil
}

// publisher publishes nothing but of which algorithms there are keys, in the order of [keys.Algorithms].
type publisher []keys.Algorithm

// JWKS is the set of no keys.
func (p publisher) JWKS() keys.Document { return keys.Document{Algorithms: p} }
