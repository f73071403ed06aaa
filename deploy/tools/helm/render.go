package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	commonutil "helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
)

// options are what the commands are told.
type options struct {
	files       list
	namespace   string
	version     string
	epoch       int64
	destination string
	notes       bool
}

// list is a flag that may come again.
type list []string

func (l *list) String() string { return strings.Join(*l, " ") }

func (l *list) Set(text string) error {
	*l = append(*l, text)
	return nil
}

// values are those of the files together.
func (o *options) values() (map[string]any, error) {
	all := map[string]any{}
	for _, name := range o.files {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		values, err := loader.LoadValues(file)
		_ = file.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = loader.MergeMaps(all, values)
	}
	return all, nil
}

// template writes what an installation would make.
func (o *options) template(release, folder string, out io.Writer) error {
	values, err := o.values()
	if err != nil {
		return err
	}
	c, err := loader.Load(folder)
	if err != nil {
		return err
	}
	inputs, err := commonutil.ToRenderValues(c, values, common.ReleaseOptions{
		Name: release, Namespace: o.namespace, Revision: 1, IsInstall: true,
	}, common.DefaultCapabilities)
	if err != nil {
		return err
	}
	rendered, err := engine.Render(c, inputs)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(rendered)) {
		if strings.HasPrefix(path.Base(name), "_") || (path.Base(name) == "NOTES.txt") != o.notes {
			continue
		}
		if o.notes {
			fmt.Fprint(out, rendered[name])
			continue
		}
		if err := write(out, name, rendered[name]); err != nil {
			return err
		}
	}
	return nil
}

// write writes the objects of a template.
func write(out io.Writer, name, text string) error {
	documents := releaseutil.SplitManifests(text)
	for _, key := range slices.Sorted(maps.Keys(documents)) {
		document := strings.TrimSpace(documents[key])
		if document == "" {
			continue
		}
		if err := strict([]byte(document)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Fprintf(out, "---\n# %s\n%s\n", name, document)
	}
	return nil
}
