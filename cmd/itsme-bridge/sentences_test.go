package main_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"itsme-bridge/provider/pages"
)

// printed is what the command sentences prints.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	code, out, said := run(t, append([]string{"sentences"}, args...)...)
	if code != 0 || said != "" {
		t.Fatalf("%q: %d %s", args, code, said)
	}
	return out
}

// Whatever way the sentences are printed, all are there, in all languages.
func TestSentences(t *testing.T) {
	table, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(printed(t, "--csv"), "\ufeff"))).ReadAll()
	if err != nil || len(table) != len(pages.Sentences())+1 || strings.Join(table[0], " ") != "key where filled in nl fr de en" {
		t.Fatalf("%d rows, %q: %v", len(table), table[0], err)
	}
	text, html := printed(t), strings.NewReplacer("&#39;", "'", "&#34;", `"`).Replace(printed(t, "--html"))
	for i, sentence := range pages.Sentences() {
		for j, tag := range pages.LanguageTags() {
			said := sentence.Texts[tag]
			if table[i+1][0] != sentence.Key || table[i+1][3+j] != said {
				t.Errorf("%s in %s is %q in the table", sentence.Key, tag, table[i+1])
			}
			if !strings.Contains(text, sentence.Key+"\n  "+sentence.Where+"\n") || !strings.Contains(text, "\n  "+tag+"  "+said+"\n") {
				t.Errorf("%s in %s is not in the text", sentence.Key, tag)
			}
			if !strings.Contains(html, `<td lang="`+tag+`">`+said+`</td>`) {
				t.Errorf("%s in %s is not in the page", sentence.Key, tag)
			}
		}
	}
	for _, fetches := range []string{"src=", "href=", "url(", "@import", "<script"} {
		if strings.Contains(html, fetches) {
			t.Errorf("the page needs more than itself: %s", fetches)
		}
	}
}

// What is printed as a file of own words is one.
func TestSentencesAsOwnWords(t *testing.T) {
	for _, tag := range pages.LanguageTags() {
		var words map[string]string
		if err := yaml.Unmarshal([]byte(printed(t, "--yaml", tag)), &words); err != nil {
			t.Fatal(err)
		}
		for _, sentence := range pages.Sentences() {
			if words[sentence.Key] != sentence.Texts[tag] {
				t.Errorf("%s: %s is %q", tag, sentence.Key, words[sentence.Key])
			}
		}
	}
}

func TestSentencesWronglyAskedFor(t *testing.T) {
	for _, args := range [][]string{{"--csv", "--html"}, {"--csv", "--yaml", "nl"}, {"--yaml", "es"}, {"--yaml", ""}, {"x"}} {
		if code, out, said := run(t, append([]string{"sentences"}, args...)...); code != 2 || out != "" || said == "" {
			t.Errorf("%q: %d %q %q", args, code, out, said)
		}
	}
}
