// Command image makes a container image of one static binary, without a container
// engine and without a base image, and pushes it. It is a module of its own, so that
// what it needs is no dependency of the bridge.
//
//	main.go    the commands: build, push, and files, for the Dockerfile
//	rootfs.go  the files of the image
//	image.go   the image of one platform, the index of all, and their bills of material
//	write.go   an OCI layout, what `docker load` takes, and a registry
//
// The same arguments give the same bytes: nothing in an image is of the moment or of
// the machine that it is made on.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "build":
			return runBuild(args[1:])
		case "push":
			return runPush(args[1:])
		case "files":
			return runFiles(args[1:])
		}
	}
	return fmt.Errorf("say build, push or files")
}

// about is what an image is told of itself.
type about struct {
	name, title, version, revision, source string
	made                                   time.Time
	arguments                              list // of the entry point, unless others are given
	environment, ports, health             list
}

// list is a flag that may be given several times.
type list []string

func (l *list) String() string { return strings.Join(*l, " ") }

func (l *list) Set(text string) error {
	*l = append(*l, text)
	return nil
}

func runBuild(args []string) error {
	var a about
	var binaries, boms list
	flags := flag.NewFlagSet("image build", flag.ContinueOnError)
	folder := flags.String("out", "", "the `FOLDER` to write to")
	epoch := flags.Int64("epoch", 0, "when it was made, in `SECONDS` since 1970")
	flags.StringVar(&a.name, "name", "", "what it is called, and its binary")
	flags.StringVar(&a.title, "title", "", "what it is, in a sentence")
	flags.StringVar(&a.version, "version", "", "its version, which is its tag, too")
	flags.StringVar(&a.revision, "revision", "", "the commit that it is of")
	flags.StringVar(&a.source, "source", "", "the `URL` of its sources, if any")
	flags.Var(&a.arguments, "argument", "an argument of the entry point, unless others are given")
	flags.Var(&a.environment, "env", "`NAME=VALUE` of its environment")
	flags.Var(&a.ports, "port", "a `PORT` that it listens on")
	flags.Var(&a.health, "health", "an argument with which the binary says whether it is healthy")
	flags.Var(&binaries, "binary", "`PLATFORM=FILE`, such as linux/arm64=itsme-bridge")
	flags.Var(&boms, "bom", "`PLATFORM=FILE`, its bill of materials as CycloneDX's JSON")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case *folder == "" || a.name == "" || a.version == "" || a.revision == "" || len(binaries) == 0:
		return fmt.Errorf("--out, --name, --version, --revision and --binary are needed")
	case len(boms) != len(binaries):
		return fmt.Errorf("each --binary needs its --bom")
	}
	a.made = time.Unix(*epoch, 0).UTC()
	parts := make([]part, len(binaries))
	for i := range binaries {
		p, err := a.part(binaries[i], boms[i])
		if err != nil {
			return err
		}
		parts[i] = p
	}
	return a.write(*folder, parts)
}

func runPush(args []string) error {
	flags := flag.NewFlagSet("image push", flag.ContinueOnError)
	layout := flags.String("layout", "", "the `FOLDER` that build wrote")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *layout == "" || flags.NArg() == 0 {
		return fmt.Errorf("say --layout FOLDER and where to: HOST/NAME:TAG")
	}
	for _, to := range flags.Args() {
		digest, err := push(*layout, to)
		if err != nil {
			return err
		}
		fmt.Println(digest)
	}
	return nil
}
