package config

import (
	"fmt"
	"slices"

	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
)

// Clients are the registered clients. They print as their number: some hold a
// merchant token.
type Clients []client.Client

// Format prints how many there are.
func (c Clients) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "config.Clients[%d]", len(c)) }

// Algorithms are those that something is to be signed with: RS256, which every
// client may expect, and what the clients' entries ask for, in a fixed order.
func (c Clients) Algorithms() []keys.Algorithm {
	return slices.DeleteFunc(keys.Algorithms(), func(a keys.Algorithm) bool {
		return a != keys.RS256 && !slices.ContainsFunc(c, func(one client.Client) bool { return one.SigningAlg == a || one.UserinfoAlg == a })
	})
}

func readClients(root document.Section, usual defaults, about situation) Clients {
	root.Missing("clients", "list who may log people in, or write [] for nobody yet; itsme-bridge client new prints an entry")
	clients := make(Clients, 0)
	lines := map[string]int{}
	for _, s := range root.Sections("clients") {
		client := readClient(s, usual, about)
		id := s.Value("id")
		if first, ok := lines[client.ID]; ok && client.ID != "" {
			id.Wrong("%s is the id of the client on line %d, too; give each its own", id.Quoted(), first)
		}
		lines[client.ID] = id.Line()
		clients = append(clients, client)
	}
	return clients
}
