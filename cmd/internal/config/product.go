package config

import (
	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/cmd/internal/product"
	"itsme-bridge/provider/client"
)

// checkProduct reads which product an entry is for, and warns of what that product
// cannot do, or does not get, by it. It is no more than a warning: an operator may
// have taught his product otherwise.
func checkProduct(s document.Section, c *client.Client, about situation) {
	v := s.Value("for")
	p, ok := product.Find(v.Choice("", product.Names()...))
	if !ok {
		return
	}
	if about.products != nil {
		about.products[c.ID] = p
	}
	for _, contradiction := range p.Contradictions(c, about.issuer) {
		s.Value(contradiction.Key).Warn("%s", contradiction.Text)
	}
}
