package config

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/provider/pages"
)

// languages are those of our pages.
func languages() []string { return []string{"en", "nl", "fr", "de"} }

// readLook reads how pages look: the operator's, or those of a client.
func readLook(s document.Section) pages.Look {
	l := pages.Look{
		Name: readLabel(s.Value("name"), "who runs this, as people know them"), Home: readPageLink(s.Value("home")),
		Logo: readPicture(s.Value("logo_file")), LogoDark: readPicture(s.Value("logo_dark_file")), Icon: readIcon(s.Value("icon_file")),
		Support: readSupport(s.Section("support")), Privacy: readPageLink(s.Value("privacy")), Accessibility: readPageLink(s.Value("accessibility")),
		Links: readPageLinks(s),
	}
	if colour, ok := readColour(s.Value("accent")); ok {
		l.Accent = pages.PaletteOf(colour)
	}
	if s.Has("logo_dark_file") && !s.Has("logo_file") {
		s.Value("logo_dark_file").Wrong("stands without logo_file, which is shown where the scheme is light; write that, too")
	}
	return l
}

// readOperatorLook reads how pages look that no client has a look of its own for.
func readOperatorLook(s document.Section) pages.Look {
	l := readLook(s)
	l.Itsme = readMark(s.Section("itsme"))
	l.Words = readWords(s.Section("words"))
	for _, key := range []string{"home", "logo_file"} {
		if s.Has(key) && !s.Has("name") {
			s.Value("name").Wrong("is missing, and %s needs one: whoever cannot see a picture or follow a link is told it; write who runs this, as people know them", key)
			break
		}
	}
	return l
}

// readClientLook reads what is different on the pages of a client. A logo without a name
// is that of the application.
func readClientLook(s document.Section, name string) pages.Look {
	l := readLook(s)
	if l.Logo != nil && l.Name == "" {
		l.Name = name
	}
	return l
}

// readLabel reads a few words that people see.
func readLabel(v document.Value, what string) string {
	text, ok := v.Read()
	if ok && (strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > 100 || strings.ContainsFunc(text, unicode.IsControl)) {
		v.Wrong("is not up to 100 characters on one line; write %s", what)
		return ""
	}
	return text
}

// readPageLink reads where a page may lead people.
func readPageLink(v document.Value) string {
	if _, ok := address(v, web()); !ok {
		return ""
	}
	return v.Text()
}

// readPicture reads a picture and checks it.
func readPicture(v document.Value) *pages.Image {
	content, ok := v.Content()
	if !ok {
		return nil
	}
	picture, err := pages.NewImage(content)
	if err != nil {
		v.Wrong("the file %s %v", v.Quoted(), err)
		return nil
	}
	return picture
}

func readIcon(v document.Value) *pages.Image {
	icon := readPicture(v)
	if icon != nil && icon.Width != icon.Height {
		v.Wrong("the file %s has %d × %d pixels, and an icon is a square; cut it so", v.Quoted(), icon.Width, icon.Height)
		return nil
	}
	return icon
}

func readColour(v document.Value) (pages.Colour, bool) {
	text, ok := v.Read()
	if !ok {
		return pages.Colour{}, false
	}
	colour, ok := pages.ParseColour(text)
	if !ok {
		v.Wrong(`%s is no colour; write six hexadecimal digits with # before them, in quotes, such as "#0e5a63"`, v.Quoted())
	}
	return colour, ok
}

func readSupport(s document.Section) pages.Support {
	support := pages.Support{URL: readPageLink(s.Value("url"))}
	var ok bool
	v := s.Value("phone")
	if support.Phone, ok = v.Read(); ok && !pages.IsPhone(support.Phone) {
		v.Wrong("%s is no telephone number; write it as people read it, such as +32 2 555 12 34, without a word beside it", v.Quoted())
	}
	v = s.Value("mail")
	if support.Mail, ok = v.Read(); ok && !pages.IsMail(support.Mail) {
		v.Wrong("%s is no plain mail address; write such as help@example.be", v.Quoted())
	}
	return support
}

// mostLinks is how many links of their own somebody may have at the foot of a page.
const mostLinks = 6

func readPageLinks(s document.Section) []pages.Link {
	sections := s.Sections("links")
	if !s.Has("links") {
		return nil
	}
	links := make([]pages.Link, 0)
	for _, one := range sections {
		one.Missing("url", "write where the link leads")
		links = append(links, pages.Link{URL: readPageLink(one.Value("url")), Labels: readLabels(one)})
	}
	if len(links) > mostLinks {
		s.Value("links").Wrong("has %d links, and more than %d at the foot of a page hide each other; leave some out", len(links), mostLinks)
	}
	return links
}

// readLabels reads what a link is called: in one word for everybody, or in each language.
func readLabels(s document.Section) map[string]string {
	label, in := s.Value("label"), s.Section("labels")
	labels := map[string]string{}
	everywhere := readLabel(label, "what the link is called, in every language")
	for _, language := range languages() {
		if in.There() {
			in.Missing(language, "write what the link is called there")
		}
		if word := readLabel(in.Value(language), "what the link is called"); word != "" {
			labels[language] = word
		}
	}
	switch {
	case label.There() && in.There():
		label.Wrong("stands beside labels; keep one of them")
	case label.There():
		labels[""] = everywhere
	case !in.There():
		label.Wrong("is missing; write what the link is called in every language, or labels: {en: …, nl: …, fr: …, de: …}")
	}
	return labels
}

// readMark reads itsme's mark on the button that starts a login.
// A file with problems is used by nobody, so that what is missing here stays so.
func readMark(s document.Section) *pages.Mark {
	height := s.Value("mark_height").Count(24, 16, 64)
	button, text := s.Value("button_color"), s.Value("button_text_color")
	mark := &pages.Mark{Image: readPicture(s.Value("mark_file")), Height: int(height)}
	var known, written bool
	mark.Button, known = readColour(button)
	mark.Text, written = readColour(text)
	if !s.There() {
		return nil
	}
	s.Missing("mark_file", "write the path of the mark that itsme has given you")
	s.Missing("button_color", "write the colour of the button, as itsme's guide has it")
	s.Missing("button_text_color", "write the colour of what is written on the button, as itsme's guide has it")
	if ratio := pages.Contrast(mark.Button, mark.Text); known && written && ratio < readableText {
		text.Wrong("has a contrast of %.1f to button_color, and text needs %.1f (WCAG 2.2 §1.4.3); write another that the guide allows, such as %s", ratio, readableText, betterText(mark.Button))
	}
	return mark
}

// readableText is the contrast that text needs (WCAG 2.2 §1.4.3).
const readableText = 4.5

// betterText is what can be read on a colour: white or black.
func betterText(on pages.Colour) pages.Colour { return pages.PaletteOf(on).OnFill }

// Accents says what becomes of the accents of a configuration: the operator's first, and
// those of clients under their ids.
func (c Config) Accents() []string {
	var said []string
	say := func(whose string, p *pages.Palette) {
		if p != nil {
			said = append(said, whose+accent(p))
		}
	}
	say("", c.Looks.Operator.Accent)
	for _, one := range c.Clients {
		say(one.ID+": ", c.Looks.Clients[one.ID].Accent)
	}
	return said
}

// accent says what becomes of one.
func accent(p *pages.Palette) string {
	scheme := func(name string, s pages.Scheme) string {
		if s.Accent == p.Fill {
			return "as it is on " + name + " pages"
		}
		return fmt.Sprintf("%s on %s pages, where it could not be read", s.Accent, name)
	}
	return fmt.Sprintf("%s on buttons, with %s on it; as text %s, and %s", p.Fill, p.OnFill, scheme("light", p.Light), scheme("dark", p.Dark))
}
