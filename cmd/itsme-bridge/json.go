package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"itsme-bridge/cmd/internal/config"
)

// jsonFlag gives a command the flag --json.
func (p *process) jsonFlag(c *cobra.Command) {
	c.Flags().BoolVar(&p.json, "json", false, "print one JSON document on standard output instead")
}

// say prints an answer: words for people, or a document for machines. What goes to
// standard error is the same for both.
func (p *process) say(document any, words func(w io.Writer)) {
	p.answered = true
	if !p.json {
		words(p.stdout)
		return
	}
	encoder := json.NewEncoder(p.stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(document) // as good as the writer below it, and every document can be encoded
}

// place is a problem or a warning as JSON.
type place struct {
	File string `json:"file"`
	Line int    `json:"line,omitempty"` // unless it is of no line
	Path string `json:"path,omitempty"` // the setting, such as clients[0].home
	Text string `json:"text"`
}

func places(list []config.Problem) []place {
	found := make([]place, 0)
	for _, problem := range list {
		found = append(found, place(problem))
	}
	return found
}

// failure is the document of a command that has no other: it failed, or was wrongly called.
type failure struct {
	Error    string  `json:"error"`
	Problems []place `json:"problems,omitempty"` // of the configuration
}

// sayFailure is for whoever waits for a document.
func (p *process) sayFailure(err error, args []string) {
	p.json = p.json || slices.Contains(args, "--json") // the call may not have been understood
	if p.answered || !p.json {
		return
	}
	f := failure{Error: err.Error()}
	if invalid, ok := errors.AsType[*config.InvalidError](err); ok {
		f = failure{number(len(invalid.Problems), "problem"), places(invalid.Problems)}
	}
	p.say(f, nil)
}

// number is "1 problem" or "2 problems".
func number(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}
