package main

import (
	"archive/tar"
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// user owns nothing in the image, and is who runs.
const (
	userName = "itsme-bridge"
	userID   = 65532
)

// file is one of the image. All belong to root, so that who runs can change none.
type file struct {
	name    string // without a slash at its beginning; a folder's ends in one
	mode    int64
	content []byte
}

// ground is what every image has beside its binary: no shell, no tool, no library.
func ground() []file {
	return []file{
		{"etc/", 0o755, nil}, // a folder stands before what is in it
		{"etc/group", 0o644, fmt.Appendf(nil, "root:x:0:\n%s:x:%d:\n", userName, userID)},
		{"etc/" + userName + "/", 0o755, nil}, // where the configuration is mounted
		{"etc/passwd", 0o644, fmt.Appendf(nil, "root:x:0:0:root:/:/nonexistent\n%[1]s:x:%[2]d:%[2]d:%[1]s:/:/nonexistent\n", userName, userID)},
		{"etc/ssl/", 0o755, nil},
		{"etc/ssl/certs/", 0o755, nil},
		{"etc/ssl/certs/ca-certificates.crt", 0o644, authorities()},
		{"usr/", 0o755, nil},
		{"usr/bin/", 0o755, nil},
	}
}

// runFiles writes them below a folder, for a Dockerfile to copy.
func runFiles(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("say which folder")
	}
	for _, f := range ground() {
		name := filepath.Join(args[0], f.name)
		if strings.HasSuffix(f.name, "/") {
			if err := os.MkdirAll(name, 0o755); err != nil {
				return err
			}
			continue
		}
		if err := os.WriteFile(name, f.content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// authorities are Mozilla's, as the Go project keeps them. Those that are to be
// believed under a condition only are left out: a file of certificates cannot say it.
func authorities() []byte {
	var b bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // a buffer takes everything
		}
	}
	return b.Bytes()
}

// layer packs files.
func layer(files []file, made time.Time) (v1.Layer, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		h := &tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.content)), ModTime: made, Typeflag: tar.TypeReg, Format: tar.FormatPAX}
		if strings.HasSuffix(f.name, "/") {
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil },
		tarball.WithMediaType("application/vnd.oci.image.layer.v1.tar+gzip"), tarball.WithCompressionLevel(9))
}

// program is the layer of the binary, which alone changes from one version to the next.
func program(name, path string, made time.Time) (v1.Layer, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return layer([]file{{"usr/", 0o755, nil}, {"usr/bin/", 0o755, nil}, {"usr/bin/" + name, 0o755, content}}, made)
}
