// Command compose reads a Compose file as `docker compose config` does, with the library of
// the Compose specification: the file against its schema, the environment and .env, and the
// profiles that are named. It prints the project as JSON.
//
//	go -C deploy/tools/compose run . FILE [PROFILE...]
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "compose:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("say which file")
	}
	options, err := cli.NewProjectOptions(args[:1], cli.WithWorkingDirectory(filepath.Dir(args[0])), cli.WithOsEnv, cli.WithEnvFiles(), cli.WithDotEnv,
		cli.WithProfiles(args[1:]))
	if err != nil {
		return err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return err
	}
	text, err := project.MarshalJSON()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(append(text, '\n'))
	return err
}
