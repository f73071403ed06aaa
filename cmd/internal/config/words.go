package config

import (
	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/provider/pages"
)

// readWords reads the operator's own sentences: a file for each language, in which every
// key is that of a sentence, as the command sentences prints them; nil: there are none.
func readWords(s document.Section) *pages.Words {
	own := map[string]map[string]string{}
	for _, language := range pages.LanguageTags() {
		s.Value(language).Within(func(file document.Section) {
			own[language] = readSentences(file, language)
		})
	}
	if len(own) == 0 {
		return nil
	}
	return pages.WordsWith(own)
}

func readSentences(file document.Section, language string) map[string]string {
	said := map[string]string{}
	for _, key := range pages.Keys() {
		v := file.Value(key)
		text, ok := v.Read()
		if !ok {
			continue
		}
		if err := pages.CheckSentence(language, key, text); err != nil {
			v.Wrong("%v", err)
			continue
		}
		said[key] = text
	}
	return said
}
