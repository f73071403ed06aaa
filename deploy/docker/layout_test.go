//go:build products

package docker_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// descriptor, manifest and config are what the OCI image specification says of an image, as far as we look.
type descriptor struct {
	MediaType   string
	Digest      string
	Size        int64
	Platform    struct{ OS, Architecture string }
	Annotations map[string]string
}

type manifest struct {
	Manifests, Layers []descriptor
	Config, Subject   descriptor
	Annotations       map[string]string
}

type config struct {
	Created string
	Config  struct {
		User, StopSignal     string
		Entrypoint, Cmd, Env []string
		Labels               map[string]string
		ExposedPorts         map[string]struct{}
		Healthcheck          struct{ Test []string }
	}
}

// layout is a folder that deploy/docker/build wrote. It is read by hand, and not by what wrote it.
type layout struct {
	t      *testing.T
	folder string
}

// blob reads one, and holds its name to its content.
func (l layout) blob(d descriptor) []byte {
	l.t.Helper()
	_, sum, _ := strings.Cut(d.Digest, ":")
	content, err := os.ReadFile(filepath.Join(l.folder, "blobs/sha256", sum))
	if err != nil {
		l.t.Fatal(err)
	}
	if got := sha256.Sum256(content); hex.EncodeToString(got[:]) != sum || int64(len(content)) != d.Size {
		l.t.Fatalf("the blob %s has %d bytes and another content", d.Digest, len(content))
	}
	return content
}

func (l layout) read(content []byte, it any) {
	l.t.Helper()
	if err := json.Unmarshal(content, it); err != nil {
		l.t.Fatalf("%v\n%s", err, content)
	}
}

// index is that of all platforms, and what stands beside it.
func (l layout) index() (digest string, index manifest, beside []descriptor) {
	l.t.Helper()
	content, err := os.ReadFile(filepath.Join(l.folder, "index.json"))
	if err != nil {
		l.t.Fatal(err)
	}
	var top manifest
	l.read(content, &top)
	for _, d := range top.Manifests {
		if d.MediaType == "application/vnd.oci.image.index.v1+json" {
			digest = d.Digest
			l.read(l.blob(d), &index)
		} else {
			beside = append(beside, d)
		}
	}
	return digest, index, beside
}

// image is that of one platform.
func (l layout) image(platform string) (d descriptor, m manifest, c config) {
	l.t.Helper()
	_, index, _ := l.index()
	for _, d := range index.Manifests {
		if d.Platform.OS+"/"+d.Platform.Architecture == platform {
			l.read(l.blob(d), &m)
			l.read(l.blob(m.Config), &c)
			return d, m, c
		}
	}
	l.t.Fatalf("there is no image for %s", platform)
	return d, m, c
}

// unpack makes the root file system of an image, and says what was in it.
func (l layout) unpack(m manifest, root string) (found map[string]tar.Header) {
	l.t.Helper()
	found = map[string]tar.Header{}
	for _, d := range m.Layers {
		zipped, err := gzip.NewReader(bytes.NewReader(l.blob(d)))
		if err != nil {
			l.t.Fatal(err)
		}
		packed := tar.NewReader(zipped)
		for {
			h, err := packed.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				l.t.Fatal(err)
			}
			found[h.Name] = *h
			l.place(filepath.Join(root, h.Name), h, packed)
		}
	}
	return found
}

func (l layout) place(name string, h *tar.Header, content io.Reader) {
	l.t.Helper()
	var err error
	switch h.Typeflag {
	case tar.TypeDir:
		err = os.MkdirAll(name, 0o755)
	case tar.TypeReg:
		var f *os.File
		if f, err = os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fs.FileMode(h.Mode)); err == nil {
			_, err = io.Copy(f, content)
			err = errors.Join(err, f.Close())
		}
	default:
		l.t.Fatalf("%s is neither a file nor a folder", h.Name)
	}
	if err == nil {
		err = os.Chmod(name, fs.FileMode(h.Mode)) // whatever the umask says
	}
	if err != nil {
		l.t.Fatal(err)
	}
}
