// Package document reads a YAML document strictly, and complains of everything
// at once, each with its line and its path:
//
//	config.yaml:12: clients[0].redirect_uris[1]: holds a fragment; write it without #…
//
//	document.go   Document: one text, what is wrong with it, in the order of its lines
//	survey.go     what is refused wherever it stands: keys given twice, aliases, tags
//	syntax.go     what is not even YAML, and in which line
//	section.go    Section: a mapping. The keys that are asked for are the keys that exist
//	value.go      Value: one entry with its place; lists, texts, flags, counts, choices
//	duration.go   5m, 30s, 30d
//	json.go       what is JSON elsewhere
//	file.go       values that name a file; owner_unix.go whose it is
//	secret.go     Secret: inline, from the environment or from a file; it prints as [secret]
//	shape.go      Shape: what was asked of a key, for whoever describes the document
//	nearest.go    which key was meant
//
// Whoever reads a document never stops at a problem: what cannot be read is its
// fallback, and whether there was a problem is asked once, at the end. No
// message repeats a secret or what came from the environment.
package document
