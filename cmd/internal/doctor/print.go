package doctor

import (
	"fmt"
	"io"
	"strings"
)

const (
	wide   = 110 // columns
	indent = 9   // of what follows the verdict
)

// Print writes a report for people.
func (r Report) Print(w io.Writer) {
	margin := strings.Repeat(" ", indent)
	for _, f := range r.Checks {
		name := f.ID
		if f.About != "" {
			name += " (" + f.About + ")"
		}
		fmt.Fprintf(w, "%-*s%s\n", indent, f.Verdict, wrapped(name+": "+f.Saw, margin))
		if f.Advice != "" {
			fmt.Fprintf(w, "%s-> %s\n", margin, wrapped(f.Advice, margin+"   "))
		}
	}
	fmt.Fprintf(w, "\n%s: %d checks: %d ok, %d warnings, %d problems, %d skipped\n",
		r.File, len(r.Checks), r.Count(OK), r.Count(Warning), r.Count(Problem), r.Count(Skipped))
}

// wrapped is a text in lines, all but the first after a margin.
func wrapped(text, margin string) string {
	var b strings.Builder
	column := len(margin)
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case column+1+len(word) > wide:
			b.WriteString("\n" + margin)
			column = len(margin)
		default:
			b.WriteString(" ")
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}
