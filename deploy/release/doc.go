// Package release holds no code: its test makes a release twice, and looks at what is in it.
package release
