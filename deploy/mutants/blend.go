package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// chosen is the variable that a blended source asks which mistake to make.
const chosen = "mistakeThatIsMade"

// A body is that of a function, with the mistakes that are made in it.
type body struct {
	from, to int  // its text, between the braces
	results  bool // of the function
	rows     []row
}

// blend puts rows into their source such that the variable chooses one, and tells which could not be: they lie outside
// of any function, or in one with a label.
func blend(source []byte, rows []row) (blended []byte, alone []row, err error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, nil, err
	}
	var bodies []*body
	for _, r := range rows {
		at, err := r.find(source)
		if err != nil {
			return nil, nil, err
		}
		b := bodyAround(set, file, at, at+len(r.before()))
		if b == nil {
			alone = append(alone, r)
			continue
		}
		same := slices.IndexFunc(bodies, func(known *body) bool { return known.from == b.from })
		if same < 0 {
			bodies, same = append(bodies, b), len(bodies)
		}
		bodies[same].rows = append(bodies[same].rows, r)
	}
	slices.SortFunc(bodies, func(a, b *body) int { return b.from - a.from })
	blended = slices.Clone(source)
	for _, b := range bodies {
		blended = slices.Insert(blended, b.from, []byte(b.mistakes(source))...)
	}
	return blended, alone, nil
}

// mistakes are the bodies that go before the right one.
func (b *body) mistakes(source []byte) string {
	var text strings.Builder
	for _, r := range b.rows {
		at, _ := r.find(source)
		mistaken := string(source[b.from:at]) + r.after() + string(source[at+len(r.before()):b.to])
		fmt.Fprintf(&text, "\nif %s == %q {\n%s\n", chosen, r.id, strings.TrimSpace(mistaken))
		if !b.results {
			text.WriteString("return\n")
		}
		text.WriteString("}\n")
	}
	return text.String()
}

// bodyAround is that of the outermost function that holds a piece of the source, nil if there is none.
func bodyAround(set *token.FileSet, file *ast.File, from, to int) *body {
	var found *body
	ast.Inspect(file, func(n ast.Node) bool {
		var block *ast.BlockStmt
		var kind *ast.FuncType
		switch n := n.(type) {
		case *ast.FuncDecl:
			block, kind = n.Body, n.Type
		case *ast.FuncLit:
			block, kind = n.Body, n.Type
		}
		if block == nil || found != nil {
			return found == nil
		}
		b := &body{from: set.Position(block.Lbrace).Offset + 1, to: set.Position(block.Rbrace).Offset, results: kind.Results.NumFields() > 0}
		if b.from <= from && to <= b.to && !labelled(block) {
			found = b
		}
		return false
	})
	return found
}

// labelled says that a body cannot stand in its function twice.
func labelled(block *ast.BlockStmt) bool {
	there := false
	ast.Inspect(block, func(n ast.Node) bool {
		_, label := n.(*ast.LabeledStmt)
		there = there || label
		return !there
	})
	return there
}
