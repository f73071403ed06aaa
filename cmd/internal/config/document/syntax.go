package document

import (
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// errNothing is for a text without a document.
var errNothing = errors.New("nothing")

// decode reads the first document of a text, and the second if there is one.
func decode(text string) (first, second yaml.Node, err error) {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	if err = decoder.Decode(&first); err != nil {
		if errors.Is(err, io.EOF) {
			err = errNothing
		}
		return yaml.Node{}, second, err
	}
	if err = decoder.Decode(&second); errors.Is(err, io.EOF) {
		err = nil
	}
	return first, second, err
}

// reasonOf is what the parser says, without the line that it names: that is the one
// before, or the one where something around the mistake begins.
func reasonOf(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if strings.HasPrefix(text, "unknown anchor") { // its name may be a secret that begins with *
		return "a word that begins with * is an alias of nothing; quote it"
	}
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		_, text, _ = strings.Cut(rest, ": ")
	}
	return text
}

// lineOf is the line of a mistake: the first with which the text, read from its
// beginning, has it. Of a bracket or a quote that is never closed it is the line that
// opens it.
func lineOf(text string, mistake error) int {
	lines := strings.SplitAfter(text, "\n")
	end := len(text)
	for n := len(lines); n > 1; n-- {
		end -= len(lines[n-1])
		if _, _, err := decode(text[:end]); err == nil || reasonOf(err) != reasonOf(mistake) {
			return n
		}
	}
	return 1
}
