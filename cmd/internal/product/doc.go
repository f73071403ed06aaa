// Package product is what we know of the products that log people in through the
// bridge: what each sends by itself, what it reads, and what it needs of its
// client's entry.
//
//	table.go        the knowledge: one row a product
//	product.go      Product: what a row says
//	entry.go        Entry: a client as it stands in a configuration
//	registration.go Registration: an entry that suits a product, made from a row and from what only its operator knows
//	files.go        what to paste, import or do on the other side; files/PRODUCT holds the texts
//	es256.go        what ES256 would save, and for whom
//	contradict.go   Contradictions: what of a client's entry the product cannot do
//
// What holds it together: a fact stands in the table once. The entry that
// `client new` prints, what `check` says of an entry with `for`, and the guides
// under deploy come of it; the tests that log in through the products hold it to
// the truth.
package product
