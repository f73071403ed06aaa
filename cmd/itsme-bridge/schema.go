package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"itsme-bridge/cmd/internal/config"
)

func (p *process) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "print the JSON Schema of the configuration, for editors",
		Long: "Print the JSON Schema (2020-12) of the configuration. An editor with a YAML language server completes and checks\n" +
			"a file whose first line is: # yaml-language-server: $schema=config.schema.json\n" +
			"What settings ask of each other is not in it: check says that.",
		Example: examples("itsme-bridge config schema > config.schema.json"),
		Args:    takes(),
		RunE: func(*cobra.Command, []string) error {
			schema, err := config.Schema()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.stdout, "%s\n", schema)
			return err
		},
	}
}
