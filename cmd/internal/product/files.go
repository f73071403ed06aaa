package product

import (
	"bytes"
	"crypto/rand"
	"embed"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"
	"text/template"
)

//go:embed all:files
var texts embed.FS

// stepsFile is what to do on the other side, in words. All other texts of a product are files.
const stepsFile = "steps.txt"

// File is something to paste or import on the other side.
type File struct {
	Name string
	Text []byte
}

// functions are what the texts may use beside the fields and methods of a Registration.
// drawn stands for what is drawn at random; empty: that is drawn.
func functions(drawn string) template.FuncMap {
	return template.FuncMap{
		"path":     url.PathEscape,
		"host":     hostOf,
		"scheme":   partOf(func(u *url.URL) string { return u.Scheme }),
		"hostname": partOf((*url.URL).Hostname),
		"port":     partOf((*url.URL).Port),
		"join":     strings.Join,
		// A secret of the other side's own: 32 bytes as base64url.
		"random": func() string {
			if drawn != "" {
				return drawn
			}
			raw := make([]byte, 32)
			_, _ = rand.Read(raw) // never fails
			return base64.RawURLEncoding.EncodeToString(raw)
		},
		"query": url.QueryEscape,
		"words": strings.Fields,
		"json": func(v any) (string, error) {
			var out bytes.Buffer
			encoder := json.NewEncoder(&out)
			encoder.SetEscapeHTML(false)
			err := encoder.Encode(v)
			return strings.TrimSpace(out.String()), err
		},
		"shell": func(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" },
		"hcl":   hcl,
		"xml": func(text string) (string, error) {
			var out strings.Builder
			err := xml.EscapeText(&out, []byte(text))
			return out.String(), err
		},
		"has": func(list []string, text string) bool { return slices.Contains(list, text) },
		"quoted": func(list []string) string {
			quoted := make([]string, len(list))
			for i, text := range list {
				quoted[i] = hcl(text)
			}
			return "[" + strings.Join(quoted, ", ") + "]"
		},
	}
}

// hcl is a text as Terraform writes it, where ${ and %{ begin something else.
func hcl(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // of a string, into memory
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(strings.TrimSpace(out.String()))
}

// hostOf is the host and port of an address, or a word that stands for itself.
func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return address
}

// partOf is a function of an address, which gives one part of it.
func partOf(part func(*url.URL) string) func(string) (string, error) {
	return func(address string) (string, error) {
		u, err := url.Parse(address)
		if err != nil {
			return "", err
		}
		return part(u), nil
	}
}

// render fills one template. What it asks for must be there. drawn stands for what is
// drawn at random; empty: that is drawn.
func render(text, drawn string, data any) (string, error) {
	t, err := template.New("").Option("missingkey=error").Funcs(functions(drawn)).Parse(text)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = t.Execute(&out, data)
	return out.String(), err
}

// Files are what to paste or import, in the order of their names. A text that comes to
// nothing is no file: the product cannot be told by it what this entry needs.
func (r Registration) Files() ([]File, error) {
	folder := path.Join("files", r.Product.Name)
	entries, err := fs.ReadDir(texts, folder)
	if err != nil {
		return nil, nil //nolint:nilerr // a product without a folder has no files
	}
	var files []File
	for _, entry := range entries {
		if entry.Name() == stepsFile {
			continue
		}
		text, err := r.fill(path.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		if strings.TrimSpace(text) != "" {
			files = append(files, File{entry.Name(), []byte(text)})
		}
	}
	return files, nil
}

// Steps are what to do on the other side, in words.
func (r Registration) Steps() (string, error) {
	name := path.Join("files", r.Product.Name, stepsFile)
	if _, err := fs.Stat(texts, name); err != nil {
		name = path.Join("files", stepsFile)
	}
	steps, err := r.fill(name)
	if err != nil {
		return "", err
	}
	return steps + r.signing(), nil
}

func (r Registration) fill(name string) (string, error) {
	text, err := fs.ReadFile(texts, name)
	if err != nil {
		return "", err
	}
	filled, err := render(string(text), r.Drawn, r)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return filled, nil
}
