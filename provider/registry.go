package provider

import "maps"

// registry is everything that follows from the clients. It is built whole and
// replaced whole, so that a request sees one state of the configuration.
type registry struct {
	clients   map[string]*Client
	discovery document

	anybodyHears bool // of logouts
}

// Register replaces the clients, without disturbing a request. A login that
// has begun keeps its [Terms]; a client that is gone can no longer authenticate.
func (p *Provider) Register(clients []Client) {
	byID := make(map[string]*Client, len(clients))
	hears := false
	for _, c := range clients {
		byID[c.ID] = &c
		hears = hears || c.BackChannelLogoutURI != ""
	}
	p.registry.Store(&registry{clients: byID, discovery: p.describe(maps.Values(byID)), anybodyHears: hears})
}

// client finds a registered client.
func (p *Provider) client(id string) (*Client, bool) {
	c, ok := p.registry.Load().clients[id]
	return c, ok
}
