package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// tagged is the annotation by which a layout names its images.
const tagged = "org.opencontainers.image.ref.name"

// write writes the layout FOLDER/NAME, and for each platform NAME_VERSION_OS_ARCH.tar.
// It prints the digest of the index.
func (a about) write(folder string, parts []part) error {
	at := filepath.Join(folder, a.name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := os.RemoveAll(at); err != nil {
		return err
	}
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, p := range parts {
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: p.image, Descriptor: v1.Descriptor{Platform: &p.platform}})
	}
	index = mutate.Annotations(index, a.annotations()).(v1.ImageIndex)
	to, err := layout.Write(at, empty.Index)
	if err != nil {
		return err
	}
	if err := to.AppendIndex(index, layout.WithAnnotations(map[string]string{tagged: a.version})); err != nil {
		return err
	}
	for _, p := range parts {
		if err := to.AppendImage(p.bom); err != nil {
			return err
		}
		if err := a.loadable(folder, p); err != nil {
			return err
		}
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	fmt.Println(digest)
	return nil
}

// loadable writes what `docker load` takes.
func (a about) loadable(folder string, p part) error {
	tag, err := name.NewTag(a.name+":"+a.version, name.WithDefaultRegistry(""))
	if err != nil {
		return err
	}
	file := fmt.Sprintf("%s_%s_%s_%s.tar", a.name, a.version, p.platform.OS, p.platform.Architecture)
	return tarball.WriteToFile(filepath.Join(folder, file), tag, p.image)
}

// push brings what a layout holds to a registry: the index under its tag, and the
// bills of material, which are found by what they refer to. Who may is what `docker
// login` has stored.
func push(from, to string) (digest v1.Hash, err error) {
	tag, err := name.NewTag(to)
	if err != nil {
		return digest, err
	}
	top, err := layout.ImageIndexFromPath(from)
	if err != nil {
		return digest, err
	}
	manifest, err := top.IndexManifest()
	if err != nil {
		return digest, err
	}
	login := remote.WithAuthFromKeychain(authn.DefaultKeychain)
	for _, m := range manifest.Manifests {
		if m.MediaType.IsIndex() {
			index, err := top.ImageIndex(m.Digest)
			if err != nil {
				return digest, err
			}
			if err := remote.WriteIndex(tag, index, login); err != nil {
				return digest, err
			}
			digest = m.Digest
		}
	}
	for _, m := range manifest.Manifests { // after what they refer to
		if m.MediaType.IsImage() {
			bill, err := top.Image(m.Digest)
			if err != nil {
				return digest, err
			}
			if err := remote.Write(tag.Context().Digest(m.Digest.String()), bill, login); err != nil {
				return digest, err
			}
		}
	}
	if digest == (v1.Hash{}) {
		return digest, fmt.Errorf("%s holds no index; say the folder that build wrote", from)
	}
	return digest, nil
}
