package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"itsme-bridge/provider/pages"
)

func (p *process) sentencesCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "sentences [--csv|--html|--yaml LANGUAGE]",
		Short: "print every sentence of the pages, in all languages",
		Long: "Print every sentence that people read, in all languages, with its key and where it stands: for whoever checks them.\n" +
			"What stands in braces is filled in: {app} is the application's name, {operator} that of who runs the service,\n" +
			"{limit} a length of time.\n\n" +
			"--yaml prints one language as a file of own words, for pages.words in the configuration. Keep in it what you\n" +
			"say in another way, and leave out the rest.",
		Example: examples("itsme-bridge sentences --html > sentences.html", "itsme-bridge sentences --yaml nl > words.nl.yaml"),
		Args:    takes(),
	}
	asCSV := c.Flags().Bool("csv", false, "as a table for a spreadsheet")
	asHTML := c.Flags().Bool("html", false, "as a page in one file, for a browser")
	asYAML := c.Flags().String("yaml", "", "one `LANGUAGE` as a file of own words: "+strings.Join(pages.LanguageTags(), ", "))
	_ = c.RegisterFlagCompletionFunc("yaml", cobra.FixedCompletions(pages.LanguageTags(), cobra.ShellCompDirectiveNoFileComp)) // the flag is there
	c.RunE = func(*cobra.Command, []string) error {
		chosen := 0
		for _, name := range []string{"csv", "html", "yaml"} {
			if c.Flags().Changed(name) {
				chosen++
			}
		}
		switch {
		case chosen > 1:
			return misuseError{"--csv, --html and --yaml are three ways to print the same; write one of them"}
		case *asCSV:
			return sentencesAsCSV(p.stdout)
		case *asHTML:
			return sentencesAsHTML(p.stdout)
		case c.Flags().Changed("yaml"):
			if !slices.Contains(pages.LanguageTags(), *asYAML) {
				return misuseError{fmt.Sprintf("--yaml: %s is no language of the pages; write one of %s", shellWord(*asYAML), strings.Join(pages.LanguageTags(), ", "))}
			}
			return sentencesAsYAML(p.stdout, *asYAML)
		default:
			return sentencesAsText(p.stdout)
		}
	}
	return c
}

// sentencesAsText prints them for a terminal.
func sentencesAsText(to io.Writer) error {
	var out bytes.Buffer
	for _, sentence := range pages.Sentences() {
		fmt.Fprintf(&out, "%s\n  %s\n", sentence.Key, sentence.Where)
		for _, tag := range pages.LanguageTags() {
			fmt.Fprintf(&out, "  %s  %s\n", tag, sentence.Texts[tag])
		}
		out.WriteByte('\n')
	}
	_, err := out.WriteTo(to)
	return err
}

// sentencesAsCSV prints them for a spreadsheet (RFC 4180). Without the mark at the
// beginning, Excel takes them for another encoding.
func sentencesAsCSV(to io.Writer) error {
	if _, err := io.WriteString(to, "\ufeff"); err != nil {
		return err
	}
	table := csv.NewWriter(to)
	table.UseCRLF = true
	rows := [][]string{append([]string{"key", "where", "filled in"}, pages.LanguageTags()...)}
	for _, sentence := range pages.Sentences() {
		row := []string{sentence.Key, sentence.Where, strings.Join(sentence.Placeholders, " ")}
		for _, tag := range pages.LanguageTags() {
			row = append(row, sentence.Texts[tag])
		}
		rows = append(rows, row)
	}
	return table.WriteAll(rows)
}

// sentencesAsYAML prints one language, as a file of own words.
func sentencesAsYAML(to io.Writer, tag string) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "# The sentences of the pages in %s, for pages.words.%s in the configuration.\n", pages.LanguageName(tag), tag)
	out.WriteString("# Keep what you say in another way, and leave out the rest. What stands in braces is filled in: keep it.\n")
	for _, sentence := range pages.Sentences() {
		fmt.Fprintf(&out, "\n# %s\n%s: %s\n", sentence.Where, sentence.Key, yamlText(sentence.Texts[tag]))
	}
	_, err := out.WriteTo(to)
	return err
}

// sheet is the page of all sentences. It fetches nothing.
var sheet = template.Must(template.New("sentences").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>The sentences of the pages</title>
<style>
:root { --paper: #fbfaf7; --ink: #1c2226; --quiet: #59636a; --line: #d9d6cd; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181b; --ink: #ebe8e1; --quiet: #a3adb2; --line: #343b40; } }
body { margin: 0; padding: 1.5rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
table { border-collapse: collapse; min-width: 70rem; }
div { overflow-x: auto; }
th, td { padding: .6rem .8rem; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { position: sticky; top: 0; background: var(--paper); }
tbody th { font-weight: 400; width: 16rem; }
code { font-size: .875rem; overflow-wrap: anywhere; }
small { display: block; color: var(--quiet); }
tr:target { outline: 2px solid currentcolor; }
</style>
</head>
<body>
<main>
<h1>The sentences of the pages</h1>
<p>What stands in braces is filled in: {app} is the application’s name, {operator} that of who runs the service, {limit} a length of time.</p>
<div tabindex="0" role="region" aria-label="The sentences">
<table>
<thead><tr><th scope="col">Key, and where it stands</th>{{range .Languages}}<th scope="col" lang="{{.Tag}}">{{.Name}}</th>{{end}}</tr></thead>
<tbody>
{{range .Rows}}<tr id="{{.Key}}"><th scope="row"><code>{{.Key}}</code><small>{{.Where}}</small></th>{{range .Texts}}<td lang="{{.Tag}}">{{.Name}}</td>{{end}}</tr>
{{end}}</tbody>
</table>
</div>
</main>
</body>
</html>
`))

// sentencesAsHTML prints them for a browser.
func sentencesAsHTML(to io.Writer) error {
	type said struct{ Tag, Name string }
	type row struct {
		Key, Where string
		Texts      []said
	}
	var shown struct {
		Languages []said
		Rows      []row
	}
	for _, tag := range pages.LanguageTags() {
		shown.Languages = append(shown.Languages, said{tag, pages.LanguageName(tag)})
	}
	for _, sentence := range pages.Sentences() {
		one := row{Key: sentence.Key, Where: sentence.Where}
		for _, tag := range pages.LanguageTags() {
			one.Texts = append(one.Texts, said{tag, sentence.Texts[tag]})
		}
		shown.Rows = append(shown.Rows, one)
	}
	return sheet.Execute(to, shown)
}
