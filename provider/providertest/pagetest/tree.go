package pagetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
)

// states are the properties that a screen reader speaks of.
var states = []accessibility.PropertyName{
	accessibility.PropertyNameLevel, accessibility.PropertyNameLive, accessibility.PropertyNameDisabled, accessibility.PropertyNameExpanded,
	accessibility.PropertyNameChecked, accessibility.PropertyNamePressed, accessibility.PropertyNameRequired, accessibility.PropertyNameInvalid,
}

// passed are roles that say nothing: their children stand in their place.
var passed = []string{"none", "generic", "GenericContainer", "LineBreak", "InlineTextBox", "ListMarker"}

// Tree is what a screen reader is told of the page: a line for each role with its name
// and states, under that which holds it.
func (w *Window) Tree() string {
	w.t.Helper()
	nodes := call(w, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes
	known := map[accessibility.NodeID]*accessibility.Node{}
	for _, n := range nodes {
		known[n.NodeID] = n
	}
	var tree strings.Builder
	if len(nodes) > 0 {
		branch(&tree, known, nodes[0], 0)
	}
	return tree.String()
}

func branch(tree *strings.Builder, known map[accessibility.NodeID]*accessibility.Node, n *accessibility.Node, depth int) {
	role := text(n.Role)
	inside := n.ChildIDs
	if !n.Ignored && !slices.Contains(passed, role) {
		line, whole := said(known, n)
		fmt.Fprintf(tree, "%s%s\n", strings.Repeat("  ", depth), line)
		depth++
		if whole {
			return
		}
	}
	for _, id := range inside {
		if child := known[id]; child != nil {
			branch(tree, known, child, depth)
		}
	}
}

// said is a node's line, and whether it says all that is inside it.
func said(known map[accessibility.NodeID]*accessibility.Node, n *accessibility.Node) (line string, whole bool) {
	role, name := text(n.Role), text(n.Name)
	if role == "StaticText" {
		role = "text"
	}
	line = role
	if name == "" && onlyText(known, n) {
		name, whole = strings.TrimSpace(inner(known, n)), true
	}
	if name != "" {
		line += fmt.Sprintf(" %q", name)
		whole = whole || onlyText(known, n)
	}
	for _, property := range n.Properties {
		if slices.Contains(states, property.Name) {
			if value := text(property.Value); value != "false" {
				line += " " + strings.TrimSuffix(fmt.Sprintf("%s=%s", property.Name, value), "=true")
			}
		}
	}
	return line, whole
}

// onlyText reports whether there is nothing but text in a node.
func onlyText(known map[accessibility.NodeID]*accessibility.Node, n *accessibility.Node) bool {
	if role := text(n.Role); role == "StaticText" || role == "LineBreak" {
		return true
	}
	for _, id := range n.ChildIDs {
		child := known[id]
		if child == nil {
			continue
		}
		role := text(child.Role)
		seen := !child.Ignored && role != "StaticText" && !slices.Contains(passed, role)
		if seen || !onlyText(known, child) {
			return false
		}
	}
	return len(n.ChildIDs) > 0 || n.Ignored
}

// inner is the text in a node.
func inner(known map[accessibility.NodeID]*accessibility.Node, n *accessibility.Node) string {
	if text(n.Role) == "StaticText" {
		return text(n.Name)
	}
	var all strings.Builder
	for _, id := range n.ChildIDs {
		if child := known[id]; child != nil {
			all.WriteString(inner(known, child))
		}
	}
	return all.String()
}

// text is a value as a word.
func text(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	var any any
	if json.Unmarshal([]byte(v.Value), &any) != nil || any == nil {
		return ""
	}
	return fmt.Sprint(any)
}
