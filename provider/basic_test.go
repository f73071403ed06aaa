package provider_test

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/grant"
	"itsme-bridge/storage/storagetest"
)

// RFC 6749 §2.3.1 wants both words of HTTP Basic form-urlencoded, and many clients
// encode neither: both readings are tried, the decoded one first.
func TestBothReadingsOfBasic(t *testing.T) {
	const (
		plus, percent, colon, hex = "a+b", "50%", "a:b:c", "p%41ss"
		all                       = "x+%zz:%41+y é&="
	)
	named := func(id, secret string) client.Client { return clientNamed(id, client.ClientSecretBasic, secret) }
	b := newBackchannel(
		t, storagetest.New(t),
		named("plus", plus), named("percent", percent), named("colon", colon), named("hex", hex), named("all", all), named("space", "a b"),
		named("id+plus", "one"), named("id%zz", "two"), named("id%41", "three"), named("id plus", "four"), named("idA", "five"),
		named("urn:app", "six"), named("twice a", "of-decoded"), named("twice+a", "of-raw"),
		clientNamed("post", client.ClientSecretPost, plus), clientNamed("rotating", client.ClientSecretBasic, "old+", "new%"),
	)
	header := func(words string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(words)) }
	for _, row := range []struct {
		name   string
		client string
		header string
		form   url.Values
		ok     bool
	}{
		{"a plus, encoded", "plus", basic("plus", plus), nil, true},
		{"a plus, raw", "plus", header("plus:a+b"), nil, true},
		{"a plus for a space that is none", "plus", header("plus:a b"), nil, false},
		{"a space, as a plus", "space", header("space:a+b"), nil, true},
		{"a space, as %20", "space", header("space:a%20b"), nil, true},
		{"a space, raw", "space", header("space:a b"), nil, true},
		{"a percent, encoded", "percent", basic("percent", percent), nil, true},
		{"a percent, raw", "percent", header("percent:50%"), nil, true},
		{"a colon, encoded", "colon", basic("colon", colon), nil, true},
		{"a colon, raw", "colon", header("colon:a:b:c"), nil, true},
		{"hex digits, encoded", "hex", basic("hex", hex), nil, true},
		{"hex digits, raw", "hex", header("hex:p%41ss"), nil, true},
		{"hex digits, decoded once too often", "hex", header("hex:pAss"), nil, false},
		{"all at once, encoded", "all", basic("all", all), nil, true},
		{"all at once, raw", "all", header("all:" + all), nil, true},
		{"while the secret changes: the old, raw", "rotating", header("rotating:old+"), nil, true},
		{"while the secret changes: the new, raw", "rotating", header("rotating:new%"), nil, true},
		{"an id with a plus, encoded", "id+plus", basic("id+plus", "one"), nil, true},
		{"an id with a plus, raw", "id+plus", header("id+plus:one"), nil, true},
		{"an id with a percent, raw", "id%zz", header("id%zz:two"), nil, true},
		{"an id with hex digits, encoded", "id%41", basic("id%41", "three"), nil, true},
		{"an id with hex digits, raw", "id%41", header("id%41:three"), nil, true},
		{"an id that another's decodes to", "idA", header("id%41:five"), nil, true},
		{"an id with a colon, encoded", "urn:app", basic("urn:app", "six"), nil, true},
		{"two clients that the words may name: the decoded one", "twice a", header("twice+a:of-decoded"), nil, true},
		{"two clients that the words may name: the raw one", "twice+a", header("twice+a:of-raw"), nil, true},
		{"two clients that the words may name, and another's secret", "twice a", header("twice a:of-raw"), nil, false},
		{"half decoded, half raw", "id+plus", header("id%2Bplus:%6fne%"), nil, false},
		{"the client_id beside a raw one", "id+plus", header("id+plus:one"), url.Values{"client_id": {"id+plus"}}, true},
		{"the client_id beside an encoded one", "id+plus", basic("id+plus", "one"), url.Values{"client_id": {"id+plus"}}, true},
		{"the client_id of the other reading", "twice+a", header("twice+a:of-raw"), url.Values{"client_id": {"twice a"}}, false},
		{"an empty secret that decodes to none", "plus", header("plus:"), nil, false},
		{"a client of another method, raw", "post", header("post:a+b"), nil, false},
		{"several spaces (RFC 9110 §11.4)", "plus", strings.Replace(header("plus:a+b"), " ", "   ", 1), nil, true},
		{"several spaces, another case", "plus", strings.Replace(header("plus:a+b"), "Basic ", "bAsIC  ", 1), nil, true},
		{"a tab", "plus", strings.Replace(header("plus:a+b"), " ", "\t", 1), nil, false},
		{"a space among the letters", "plus", header("plus:a+b")[:10] + " " + header("plus:a+b")[10:], nil, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, path := range []string{"/token", "/par", "/introspect", "/revoke"} {
				m := exchange("")
				m.path = path
				m.header.Set("Authorization", row.header)
				m.form = url.Values{"token": {"x"}}
				if path == "/token" {
					m.form = exchange(b.code(func(g *grant.Grant) { g.ClientID = row.client })).form
				}
				for name, values := range row.form {
					m.form[name] = values
				}
				got := b.send(m)
				if refused := got.status == 401 || strings.Contains(got.body, "The client_id is another one"); refused == row.ok {
					t.Errorf("%s: %d %s", path, got.status, got.body)
				}
				if path == "/token" && (got.status == 200) != row.ok {
					t.Errorf("%d %s", got.status, got.body)
				}
			}
		})
	}
}
