package main

import (
	"strings"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/provider/client"
)

// pagesOf is whose pages the client's people see, and whom they can ask; nothing where
// nobody has said so.
func pagesOf(settings *config.Config, c *client.Client) []string {
	look := settings.Looks.Clients[c.ID].Over(settings.Looks.Operator)
	var lines, with []string
	if look.Logo != nil {
		with = append(with, "a logo")
	}
	if look.Accent != nil {
		with = append(with, "the accent "+look.Accent.Fill.String())
	}
	switch whose := strings.Join(with, " and "); {
	case look.Name != "" && whose != "":
		lines = append(lines, "of "+look.Name+", with "+whose)
	case look.Name != "":
		lines = append(lines, "of "+look.Name)
	case whose != "":
		lines = append(lines, "of nobody, with "+whose)
	}
	var ask []string
	for _, way := range []string{look.Support.URL, look.Support.Phone, look.Support.Mail} {
		if way != "" {
			ask = append(ask, way)
		}
	}
	if ask != nil {
		lines = append(lines, "people ask "+strings.Join(ask, ", "))
	}
	return lines
}
