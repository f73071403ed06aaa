package main

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// plainWord is what a shell takes as it is.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@=,+-]+$`)

// shellWord is a text as one word for a shell.
func shellWord(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// yamlText is a text as a value of YAML, quoted where it must be.
func yamlText(text string) string {
	encoded, err := yaml.Marshal(text)
	if err != nil || strings.Count(string(encoded), "\n") > 1 { // in several lines
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(text) + `"`
	}
	return strings.TrimSpace(string(encoded))
}

// yamlList is a list of texts in one line.
func yamlList(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(strings.TrimSpace(text)) + `"`
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
