package pages

import (
	"cmp"
	"html/template"
	"slices"
)

// Look is whose pages they are, as an operator or a client of his wants them. The zero
// value of each field leaves it out; none takes away what a page says, or a way on.
type Look struct {
	Name string // of who runs the service, as people know it; also what the logo says to whoever does not see it
	Home string // where they are at home

	Logo, LogoDark *Image // the second for dark schemes; without it, the first
	Icon           *Image
	Accent         *Palette

	Support       Support
	Privacy       string // address of the privacy statement
	Accessibility string // address of the accessibility statement
	Links         []Link // others

	Itsme *Mark

	Words *Words // in place of ours; nil: ours

	Images string // path that the addresses of pictures begin with
}

// Support is who helps people.
type Support struct {
	URL   string // https, or http on loopback
	Phone string // as people read it, such as +32 2 555 12 34
	Mail  string // address
}

// Link is one of an operator's own.
type Link struct {
	URL    string
	Labels map[string]string // by language; "" for those that are not there
}

// Mark is itsme's mark on the button that starts a login, in the colours of its brand guide.
// Whoever has a brand agreement has the files.
type Mark struct {
	Image  *Image
	Height int    // in CSS pixels
	Button Colour // of the button; Text of what is written on it
	Text   Colour
}

// Over is the look with another one's in place of what it leaves out. What belongs together
// stays together: a name and a logo, what is said of support, and the logo of both schemes.
func (l Look) Over(base Look) Look {
	if l.Name == "" && l.Logo == nil {
		l.Name, l.Logo, l.LogoDark = base.Name, base.Logo, base.LogoDark
	}
	l.Name = cmp.Or(l.Name, base.Name)
	l.Home = cmp.Or(l.Home, base.Home)
	l.Icon = cmp.Or(l.Icon, base.Icon)
	l.Accent = cmp.Or(l.Accent, base.Accent)
	l.Support = cmp.Or(l.Support, base.Support)
	l.Privacy = cmp.Or(l.Privacy, base.Privacy)
	l.Accessibility = cmp.Or(l.Accessibility, base.Accessibility)
	if l.Links == nil {
		l.Links = base.Links
	}
	l.Itsme = cmp.Or(l.Itsme, base.Itsme)
	l.Words = cmp.Or(l.Words, base.Words)
	l.Images = cmp.Or(l.Images, base.Images)
	return l
}

// Pictures are those of the look.
func (l Look) Pictures() []*Image {
	all := []*Image{l.Logo, l.LogoDark, l.Icon}
	if l.Itsme != nil {
		all = append(all, l.Itsme.Image)
	}
	return slices.DeleteFunc(all, func(i *Image) bool { return i == nil })
}

// Looks are the operator's, and those of the clients that have another.
type Looks struct {
	Operator Look
	Clients  map[string]Look // by client_id
}

// picture is one, as the template prints it: in the size at which it is shown, so that
// nothing moves when it comes.
type picture struct {
	URL, Type     string
	Width, Height int
}

// logoHeight is how high a logo is at most, in CSS pixels.
const logoHeight = 48

// picture is a picture of the look, shown so high at most.
func (l Look) picture(i *Image, height int) *picture {
	if i == nil {
		return nil
	}
	p := &picture{l.Images + i.Name, i.Type, i.Width, i.Height}
	if p.Height > height {
		p.Width, p.Height = max(1, (p.Width*height+i.Height/2)/i.Height), height
	}
	return p
}

// picture is the mark, exactly as high as the guide wants it.
func (m *Mark) picture(images string) *picture {
	p := Look{Images: images}.picture(m.Image, m.Height)
	if p != nil && p.Height < m.Height {
		p.Width, p.Height = p.Width*m.Height/p.Height, m.Height
	}
	return p
}

// outfit is a look, as the template prints it.
type outfit struct {
	Owner          string // empty where a page looks like nobody's
	Logo, LogoDark *picture
	Icon           *picture
	Accent         template.CSS
	Theme          *theme

	Mark  *picture // on the button that starts a login
	Help  *help
	Links []footLink
}

// theme are the colours that a browser may draw around the page.
type theme struct{ Light, Dark string }

// help is who to ask.
type help struct {
	Question string
	Ways     []footLink
}

// footLink is a link at the foot of a page.
type footLink struct {
	Label string
	URL   template.URL
}

// outfit is how a page looks, in its language.
func (p Page) outfit(lang words, say func(string) string) outfit {
	var l Look
	if p.Look != nil {
		l = *p.Look
	}
	o := outfit{
		Owner: l.Name, Logo: l.picture(l.Logo, logoHeight), LogoDark: l.picture(l.LogoDark, logoHeight),
		Icon: l.picture(l.Icon, maxSide), Accent: l.Accent.css(),
	}
	if l.Accent != nil {
		o.Theme = &theme{l.Accent.Fill.String(), darkPaper.String()}
	}
	if l.Itsme != nil && p.Kind == Continue {
		o.Mark = l.Itsme.picture(l.Images)
		o.Accent += l.Itsme.css()
	}
	if p.mayNeedHelp() {
		o.Help = l.Support.help(lang, say, l.Name != "")
	}
	if p.Kind.mood() != moving {
		o.Links = l.links(lang)
	}
	return o
}

// shows reports whether the page has pictures, for its policy.
func (o outfit) shows() bool { return o.Logo != nil || o.Icon != nil || o.Mark != nil }

// mayNeedHelp reports whether something went wrong, or nobody else is there to ask.
func (p Page) mayNeedHelp() bool {
	switch p.Kind {
	case Continue, Logout, Finished, Cancelled:
		return false
	case LoggedOut, Front:
		return p.App == ""
	default:
		return p.Kind.mood() != moving
	}
}

// help says whom to ask; nil: nobody.
func (s Support) help(lang words, say func(string) string, named bool) *help {
	h := &help{Question: lang.help}
	if to := outside(s.URL); to != "" {
		label := lang.contact
		if !named {
			label = lang.contactUs
		}
		h.Ways = append(h.Ways, footLink{say(label), to})
	}
	if to := phone(s.Phone); to != "" {
		h.Ways = append(h.Ways, footLink{s.Phone, to})
	}
	if to := mail(s.Mail); to != "" {
		h.Ways = append(h.Ways, footLink{s.Mail, to})
	}
	if h.Ways == nil {
		return nil
	}
	return h
}

// links are those at the foot of every page that does not go on by itself.
func (l Look) links(lang words) []footLink {
	var links []footLink
	add := func(label, address string) {
		if to := outside(address); to != "" && label != "" {
			links = append(links, footLink{label, to})
		}
	}
	add(l.Name, l.Home)
	add(lang.privacy, l.Privacy)
	add(lang.accessibility, l.Accessibility)
	for _, link := range l.Links {
		add(cmp.Or(link.Labels[lang.tag], link.Labels[""]), link.URL)
	}
	return links
}
