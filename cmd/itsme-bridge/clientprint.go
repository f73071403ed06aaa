package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"itsme-bridge/cmd/internal/product"
)

// print says the entry on standard output, and on standard error, where the secret
// may be, all that the other side needs.
func (p *process) print(r product.Registration, entry []byte) error {
	r.Kept = "the one above"
	steps, files, err := toDo(r)
	if err != nil {
		return err
	}
	p.sayClient(r)
	if r.Secret != "" {
		fmt.Fprint(p.stderr, "\nThe secret is shown this once. The entry for the configuration, on standard output, holds its hash.\n")
	} else {
		fmt.Fprint(p.stderr, "\nIt has no secret. The entry for the configuration is on standard output.\n")
	}
	if steps != "" {
		fmt.Fprintf(p.stderr, "\n%s", steps)
	}
	for _, file := range files {
		fmt.Fprintf(p.stderr, "\n----- %s -----\n%s", file.Name, withBreak(file.Text))
	}
	if len(files) > 0 {
		fmt.Fprint(p.stderr, "-----\n--out FOLDER writes these files, complete, instead of printing them.\n")
	}
	_, err = p.stdout.Write(entry)
	return err
}

func (p *process) sayClient(r product.Registration) {
	fmt.Fprintf(p.stderr, "id:     %s\n", r.Entry.ID)
	if r.Secret != "" {
		fmt.Fprintf(p.stderr, "secret: %s\n", r.Secret)
	}
}

// toDo is what to do on the other side. Without an issuer there is nothing to say.
func toDo(r product.Registration) (steps string, files []product.File, err error) {
	if r.Issuer == "" {
		return "", nil, nil
	}
	if steps, err = r.Steps(); err != nil {
		return "", nil, err
	}
	files, err = r.Files()
	return steps, files, err
}

func withBreak(text []byte) string { return strings.TrimRight(string(text), "\n") + "\n" }

// writeInto writes everything into a folder, where nothing of that may stand yet.
func (p *process) writeInto(folder string, r product.Registration, entry []byte) error {
	r.Kept = "in the file secret"
	steps, files, err := toDo(r)
	if err != nil {
		return err
	}
	wanted := []newFile{{name: "client.yaml", text: string(entry)}}
	for _, file := range files {
		wanted = append(wanted, newFile{name: file.Name, text: string(file.Text)})
	}
	if r.Secret != "" {
		wanted = append(wanted, newFile{name: "secret", text: r.Secret})
	}
	if err := writeAll(folder, "--out", wanted); err != nil {
		return err
	}
	for _, file := range wanted {
		fmt.Fprintf(p.stderr, "wrote %s\n", filepath.Join(folder, file.name))
	}
	fmt.Fprintf(p.stderr, "\nid: %s\nPut the entry of client.yaml under clients of the bridge's configuration, and reload it (SIGHUP).\n", r.Entry.ID)
	if steps != "" {
		fmt.Fprintf(p.stderr, "\n%s", steps)
	}
	return nil
}

// placeholder stands for the secret in what is printed as JSON.
const placeholder = "CLIENT_SECRET"

// drawn stands for each secret that the product keeps to itself.
const drawn = "RANDOM_SECRET"

// sayRegistration says the same for programs: the secret on standard error, alone.
// What else is secret is not drawn.
func (p *process) sayRegistration(r product.Registration, warnings []string) error {
	r.Drawn = drawn
	secret := r.Secret
	if secret != "" {
		r.Secret, r.Kept = placeholder, "the one on standard error"
	}
	steps, files, err := toDo(r)
	if err != nil {
		return err
	}
	entry, err := r.Entry.Map()
	if err != nil {
		return err
	}
	type file struct {
		Name string `json:"name"`
		Text string `json:"text"`
	}
	document := struct {
		Entry map[string]any `json:"entry"`
		Steps string         `json:"steps"`
		Files []file         `json:"files"`

		Warnings []string `json:"warnings"`
	}{entry, steps, []file{}, warnings}
	for _, f := range files {
		document.Files = append(document.Files, file{f.Name, string(f.Text)})
	}
	if secret != "" {
		fmt.Fprintln(p.stderr, secret)
	}
	p.say(document, nil)
	return nil
}
