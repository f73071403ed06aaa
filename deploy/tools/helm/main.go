// Command helm does to a chart what Helm does, with Helm's own packages: the parts of
// it that need no cluster, which build in a third of the time.
//
//	main.go     lint, template and package
//	render.go   values, their schema, and what the templates make of them
//	strict.go   whether each object is one that Kubernetes has
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"helm.sh/helm/v4/pkg/chart/v2/lint"
	"helm.sh/helm/v4/pkg/chart/v2/lint/support"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/chart/v2/util"
)

const usage = `Usage:
  helm lint     [--values FILE]... CHART
  helm template [--values FILE]... [--namespace NAME] [--notes] RELEASE CHART
  helm package  --version VERSION [--epoch SECONDS] [--destination FOLDER] CHART

template writes the objects, each checked strictly: a field that its kind does not have is an error.`

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "helm:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	var o options
	flags := flag.NewFlagSet("helm "+args[0], flag.ContinueOnError)
	flags.Var(&o.files, "values", "a file of values; the last one counts most")
	flags.StringVar(&o.namespace, "namespace", "default", "of the release")
	flags.StringVar(&o.version, "version", "", "of the chart and of the image")
	flags.Int64Var(&o.epoch, "epoch", 0, "when it was made, in seconds since 1970: the same chart is the same file then")
	flags.StringVar(&o.destination, "destination", ".", "where the package goes")
	flags.BoolVar(&o.notes, "notes", false, "what an installation says, and no objects")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	command := args[0]
	switch rest := flags.Args(); {
	case command == "lint" && len(rest) == 1:
		return o.lint(rest[0], out)
	case command == "template" && len(rest) == 2:
		return o.template(rest[0], rest[1], out)
	case command == "package" && len(rest) == 1 && o.version != "":
		return o.pack(rest[0], out)
	}
	return errors.New(usage)
}

// lint writes what Helm finds, and fails for more than a hint.
func (o *options) lint(folder string, out io.Writer) error {
	values, err := o.values()
	if err != nil {
		return err
	}
	result := lint.RunAll(folder, values, o.namespace)
	for _, message := range result.Messages {
		fmt.Fprintln(out, message)
	}
	if result.HighestSeverity > support.InfoSev {
		return errors.New("the chart has faults")
	}
	return nil
}

// pack writes the chart as a release has it.
func (o *options) pack(folder string, out io.Writer) error {
	c, err := loader.Load(folder)
	if err != nil {
		return err
	}
	c.Metadata.Version, c.Metadata.AppVersion = o.version, o.version
	made := time.Unix(o.epoch, 0)
	c.ModTime, c.SchemaModTime = made, made
	for _, file := range slices.Concat(c.Raw, c.Templates, c.Files) {
		file.ModTime = made
	}
	name, err := util.Save(c, o.destination)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, name)
	return nil
}
