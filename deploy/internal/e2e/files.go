//go:build products

package e2e

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"maps"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"go.yaml.in/yaml/v3"
)

// JSON reads a file that `client new --out` wrote. What has no place in it fails the test.
func (c *Client) JSON(name string, it any) {
	c.w.t.Helper()
	c.strictly(name, []byte(c.Read(name)), it)
}

// YAML reads a file that `client new --out` wrote. What has no place in it fails the test.
func (c *Client) YAML(name string, it any) {
	c.w.t.Helper()
	decoder := yaml.NewDecoder(strings.NewReader(c.Read(name)))
	decoder.KnownFields(true)
	if err := decoder.Decode(it); err != nil {
		c.w.t.Fatalf("%s: %v", name, err)
	}
}

// XML reads a file that `client new --out` wrote.
func (c *Client) XML(name string, it any) {
	c.w.t.Helper()
	if err := xml.Unmarshal([]byte(c.Read(name)), it); err != nil {
		c.w.t.Fatalf("%s: %v", name, err)
	}
}

func (c *Client) strictly(name string, text []byte, it any) {
	c.w.t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(it); err != nil {
		c.w.t.Fatalf("%s: %v\n%s", name, err, text)
	}
}

// Terraform reads the arguments of the one resource of a type, as Terraform evaluates
// them in the folder of the file. What has no place in it fails the test, and so does
// the secret where Terraform would show it.
func (c *Client) Terraform(name, resourceType string, it any) {
	c.w.t.Helper()
	file, problems := hclsyntax.ParseConfig([]byte(c.Read(name)), name, hcl.InitialPos)
	if problems.HasErrors() {
		c.w.t.Fatal(problems)
	}
	body := file.Body.(*hclsyntax.Body)
	known := c.known(body)
	for _, block := range body.Blocks {
		if block.Type != "resource" || block.Labels[0] != resourceType {
			continue
		}
		shown, err := ctyjson.Marshal(c.unmarked(name, c.evaluate(known, block.Body)), cty.DynamicPseudoType)
		if err != nil {
			c.w.t.Fatal(err)
		}
		var typed struct {
			Value json.RawMessage `json:"value"`
		}
		if err := json.Unmarshal(shown, &typed); err != nil {
			c.w.t.Fatal(err)
		}
		c.strictly(name, typed.Value, it)
		return
	}
	c.w.t.Fatalf("%s has no %s", name, resourceType)
}

// evaluate makes an object of a block, in which its blocks are objects.
func (c *Client) evaluate(known *hcl.EvalContext, body *hclsyntax.Body) cty.Value {
	c.w.t.Helper()
	values := map[string]cty.Value{}
	for name, attribute := range body.Attributes {
		value, problems := attribute.Expr.Value(known)
		if problems.HasErrors() {
			c.w.t.Fatal(problems)
		}
		values[name] = value
	}
	for _, block := range body.Blocks {
		values[block.Type] = c.evaluate(known, block.Body)
	}
	return cty.ObjectVal(values)
}

// known is what expressions may name: variables, resources and data of the file, which
// have an id, and some of Terraform's functions.
func (c *Client) known(body *hclsyntax.Body) *hcl.EvalContext {
	c.w.t.Helper()
	resources, data, variables := map[string]cty.Value{}, map[string]cty.Value{}, map[string]cty.Value{}
	for _, block := range body.Blocks {
		switch block.Type {
		case "variable":
			variables[block.Labels[0]] = cty.StringVal("var." + block.Labels[0])
		case "resource":
			named(resources, block.Labels, "")
		case "data":
			named(data, block.Labels, "data.")
		}
	}
	known := map[string]cty.Value{
		"path": cty.ObjectVal(map[string]cty.Value{"module": cty.StringVal(c.Folder)}),
		"var":  cty.ObjectVal(variables), "data": cty.ObjectVal(data),
	}
	maps.Copy(known, resources)
	return &hcl.EvalContext{Variables: known, Functions: map[string]function.Function{
		"file": c.textOf(func(name string) cty.Value {
			within, err := filepath.Rel(c.Folder, name)
			if err != nil {
				c.w.t.Fatal(err)
			}
			return cty.StringVal(c.Read(within))
		}),
		"sensitive":  c.textOf(func(text string) cty.Value { return cty.StringVal(text).Mark("sensitive") }),
		"jsonencode": stdlib.JSONEncodeFunc,
	}}
}

func named(all map[string]cty.Value, labels []string, prefix string) {
	siblings := map[string]cty.Value{}
	if others, ok := all[labels[0]]; ok {
		siblings = others.AsValueMap()
	}
	id := cty.StringVal(prefix + labels[0] + "." + labels[1])
	siblings[labels[1]] = cty.ObjectVal(map[string]cty.Value{"id": id})
	all[labels[0]] = cty.ObjectVal(siblings)
}

func (c *Client) textOf(of func(string) cty.Value) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return of(args[0].AsString()), nil },
	})
}

// unmarked is the value, whose secret was marked as sensitive until now.
func (c *Client) unmarked(name string, value cty.Value) cty.Value {
	c.w.t.Helper()
	err := cty.Walk(value, func(_ cty.Path, v cty.Value) (bool, error) {
		if !v.IsMarked() && v.Type() == cty.String && v.AsString() == c.Secret && c.Secret != "" {
			c.w.t.Errorf("%s lets Terraform show the secret", name)
		}
		return true, nil
	})
	if err != nil {
		c.w.t.Fatal(err)
	}
	value, _ = value.UnmarkDeep()
	return value
}
