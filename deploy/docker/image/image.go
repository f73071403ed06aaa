package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// part is the image of one platform, and its bill of materials.
type part struct {
	platform v1.Platform
	image    v1.Image
	bom      v1.Image // refers to image (OCI image specification 1.1, "subject")
}

// part makes it of PLATFORM=FILE twice: the binary, and what is in it.
func (a about) part(binary, bom string) (part, error) {
	name, path, ok := strings.Cut(binary, "=")
	of, materials, okToo := strings.Cut(bom, "=")
	if !ok || !okToo || name != of {
		return part{}, fmt.Errorf("--binary %s --bom %s: write PLATFORM=FILE, and the same platform", binary, bom)
	}
	platform, err := v1.ParsePlatform(name)
	if err != nil {
		return part{}, err
	}
	image, err := a.image(*platform, path)
	if err != nil {
		return part{}, err
	}
	refers, err := billOf(image, materials)
	return part{*platform, image, refers}, err
}

// image is that of one platform.
func (a about) image(platform v1.Platform, path string) (v1.Image, error) {
	below, err := layer(ground(), a.made)
	if err != nil {
		return nil, err
	}
	above, err := program(a.name, path, a.made)
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err = mutate.ConfigFile(image, &v1.ConfigFile{
		Architecture: platform.Architecture, OS: platform.OS, Variant: platform.Variant,
		Created: v1.Time{Time: a.made}, RootFS: v1.RootFS{Type: "layers"}, Config: a.config(),
	})
	if err != nil {
		return nil, err
	}
	history := func(what string) v1.History { return v1.History{Created: v1.Time{Time: a.made}, CreatedBy: what} }
	return mutate.Append(image,
		mutate.Addendum{Layer: below, History: history("users and certificate authorities")},
		mutate.Addendum{Layer: above, History: history(a.name + " " + a.version)})
}

// config is how a container runs.
func (a about) config() v1.Config {
	entry := "/usr/bin/" + a.name
	c := v1.Config{
		User:       fmt.Sprintf("%d:%[1]d", userID), // by number: Kubernetes' runAsNonRoot believes no name
		Entrypoint: []string{entry}, Cmd: a.arguments,
		Env:        append([]string{"PATH=/usr/bin"}, a.environment...),
		Labels:     a.annotations(),
		WorkingDir: "/", StopSignal: "SIGTERM",
	}
	for _, port := range a.ports {
		if c.ExposedPorts == nil {
			c.ExposedPorts = map[string]struct{}{}
		}
		c.ExposedPorts[port+"/tcp"] = struct{}{}
	}
	if len(a.health) > 0 {
		c.Healthcheck = &v1.HealthConfig{
			Test:     append([]string{"CMD", entry}, a.health...),
			Interval: 10 * time.Second, Timeout: 5 * time.Second, StartPeriod: 30 * time.Second, Retries: 3,
		}
	}
	return c
}

// annotations are those of the OCI image specification.
func (a about) annotations() map[string]string {
	const prefix = "org.opencontainers.image."
	m := map[string]string{
		prefix + "title": a.name, prefix + "description": a.title, prefix + "version": a.version, prefix + "revision": a.revision,
		prefix + "created": a.made.Format(time.RFC3339), prefix + "licenses": "Apache-2.0",
	}
	if a.source != "" {
		m[prefix+"source"] = a.source
	}
	return m
}

// billOf is a bill of materials that refers to its image, by which scanners find it.
func billOf(image v1.Image, path string) (v1.Image, error) {
	const kind = "application/vnd.cyclonedx+json"
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	digest, err := image.Digest()
	if err != nil {
		return nil, err
	}
	size, err := image.Size()
	if err != nil {
		return nil, err
	}
	bill := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), kind)
	bill, err = mutate.AppendLayers(bill, static.NewLayer(content, kind))
	if err != nil {
		return nil, err
	}
	referring := mutate.Subject(bill, v1.Descriptor{MediaType: types.OCIManifestSchema1, Digest: digest, Size: size})
	return referring.(v1.Image), nil
}
