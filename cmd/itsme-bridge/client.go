package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/cmd/internal/product"
	"itsme-bridge/provider/client"
)

// wish is what the call of client new asks for.
type wish struct {
	product  string
	issuer   string
	answers  map[string]*string // to the products' questions, by flag
	given    product.Entry      // what the flags say of the entry
	changed  []property         // which of them were given
	public   bool
	sessions bool
	out      string
}

func (p *process) newClientCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "new [--for PRODUCT --issuer URL] [--name NAME] …",
		Short: "make a client: its entry on standard output, its secret and what the other side needs on standard error",
		Long: "Make a client. Its entry for the configuration goes to standard output, as YAML. Its secret goes to standard error,\n" +
			"is shown this once, and is kept nowhere: the entry holds its hash. With --for the entry suits that product, and\n" +
			"what to type, paste or import there is said too; as JSON, " + placeholder + " stands where the secret belongs,\nand " + drawn + " where one of the product's own does. A product is one of:\n\n" + productList(),
		Example: examples(
			"itsme-bridge client new --for keycloak --issuer https://login.example.be --name 'The shop' --url https://sso.example.be --realm main",
			"itsme-bridge client new --for spa --config config.yaml --name 'The page' --url https://page.example.be > page.yaml",
			"itsme-bridge client new --name 'The shop' --home https://shop.example/ --redirect-uri https://shop.example/callback"),
		Args: takes(),
	}
	w := wish{answers: map[string]*string{}}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&w.product, "for", "plain", "the `PRODUCT` that it is for")
	for _, q := range questions() {
		w.answers[q.Flag] = flags.String(q.Flag, "", q.Text)
	}
	flags.StringVar(&w.issuer, "issuer", "", "the bridge's issuer, a `URL`; without it, the one of --config")
	file := p.configFlag(c)
	flags.BoolVar(&w.sessions, "session", false, "browsers stay logged in at the bridge (session.ttl): logout settings too; without it, as --config says")
	flags.StringVar(&w.out, "out", "", "write it all into this `FOLDER` instead: client.yaml, secret, and the product's files, ready to be used")
	p.jsonFlag(c)
	flags.BoolVar(&w.public, "public", false, "it can keep no secret: --auth-method none")
	for _, one := range properties() {
		one.define(flags, &w.given)
	}
	completeFlag(c, "for", product.Names()...)
	c.RunE = func(c *cobra.Command, _ []string) error {
		switch {
		case p.json && w.out != "":
			return misuseError{"--json and --out are two ways to say the same; write one of them"}
		case w.public && c.Flags().Changed("auth-method"):
			return misuseError{"--public means --auth-method none; write one of them"}
		}
		w.changed = slices.DeleteFunc(properties(), func(one property) bool { return !c.Flags().Changed(one.flag) })
		return p.newClient(&w, file)
	}
	return c
}

// completeFlag offers the values of a flag to the shell.
func completeFlag(c *cobra.Command, flag string, values ...string) {
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // the flag is there
}

// productList is one product a line.
func productList() string {
	var list strings.Builder
	for _, one := range product.All() {
		fmt.Fprintf(&list, "  %-13s %s\n", one.Name, one.Title)
	}
	return strings.TrimSuffix(list.String(), "\n")
}

// newClient makes a client. Its secret is said once, apart from the entry, and kept nowhere.
func (p *process) newClient(w *wish, file *file) error {
	chosen, ok := product.Find(w.product)
	if !ok {
		return misuseError{noSuchProduct(w.product)}
	}
	known, err := w.learn(file)
	if err != nil {
		return err
	}
	r, err := w.register(chosen, known)
	if err != nil {
		return err
	}
	if slices.Contains(known.ids, r.Entry.ID) {
		return misuseError{fmt.Sprintf("--id %s: the configuration has a client of this id; choose another", r.Entry.ID)}
	}
	text, registered, err := written(r.Entry, w.sessions || known.sessions)
	if err != nil {
		return err
	}
	warnings := w.warnings(r, registered)
	if p.json {
		return p.sayRegistration(r, warnings)
	}
	for _, warning := range warnings {
		fmt.Fprintln(p.stderr, "warning:", warning)
	}
	switch {
	case w.out != "":
		return p.writeInto(w.out, r, text)
	default:
		return p.print(r, text)
	}
}

// warnings are what of the entry the product cannot do, and what of the printed texts
// does not follow the flags.
func (w *wish) warnings(r product.Registration, registered *client.Client) []string {
	said := make([]string, 0)
	for _, c := range r.Product.Contradictions(registered, r.Issuer) {
		said = append(said, fmt.Sprintf("%s (--%s)", c.Text, flagOf(c.Key)))
	}
	usual, err := r.Product.Suitable(r.Answers, false)
	if err == nil && r.Product.ChoosesRedirect && len(usual.RedirectURIs) > 0 && !slices.Contains(r.Entry.RedirectURIs, usual.RedirectURIs[0]) {
		said = append(said, fmt.Sprintf("what is printed for %s stands at %s; change it there to your address (--redirect-uri)",
			r.Product.Title, usual.RedirectURIs[0]))
	}
	return said
}

func noSuchProduct(name string) string {
	if nearest, sure := document.Nearest(name, product.Names()); sure {
		return fmt.Sprintf("--for %s: no such product is known; did you mean %s?", name, nearest)
	}
	return fmt.Sprintf("--for %s: no such product is known; plain is for any other, and these are known: %s", name, strings.Join(product.Names(), ", "))
}

// knowledge is what a configuration says that the client will stand in.
type knowledge struct {
	issuer   string
	sessions bool
	ids      []string
}

// learn reads the configuration, where there is one, so that nobody types what it says.
func (w *wish) learn(file *file) (knowledge, error) {
	if _, ok := file.path(); !ok {
		return knowledge{}, nil
	}
	settings, _, err := file.load()
	if err != nil {
		return knowledge{}, err
	}
	k := knowledge{issuer: settings.Provider.Issuer, sessions: settings.Provider.Session.TTL > 0}
	for _, c := range settings.Clients {
		k.ids = append(k.ids, c.ID)
	}
	return k, nil
}

// register makes the entry: what suits the product, and then what the flags say.
func (w *wish) register(chosen product.Product, known knowledge) (product.Registration, error) {
	r := product.Registration{Product: chosen}
	var err error
	if r.Issuer, err = w.whose(chosen, known); err != nil {
		return r, err
	}
	answers := map[string]string{}
	for flag, answer := range w.answers {
		answers[flag] = *answer
	}
	if r.Answers, err = chosen.Complete(answers); err != nil {
		return r, misuseError{err.Error()}
	}
	if r.Entry, err = chosen.Suitable(r.Answers, w.sessions || known.sessions); err != nil {
		return r, err
	}
	for _, one := range w.changed {
		one.copy(&r.Entry, &w.given)
	}
	if w.public {
		r.Entry.AuthMethod = string(client.None)
	}
	if r, err = r.Settle(); err != nil {
		return r, err
	}
	w.fill(&r.Entry, chosen)
	if r.AuthMethod() == string(client.ClientSecretBasic) || r.AuthMethod() == string(client.ClientSecretPost) {
		r.Secret, r.Entry.SecretHash = newSecret()
	}
	return r, nil
}

// whose is the bridge's issuer. Without one, a client of no product can be made all the same.
func (w *wish) whose(chosen product.Product, known knowledge) (string, error) {
	issuer := w.issuer
	switch {
	case issuer == "" && known.issuer == "" && chosen.Name != "plain":
		return "", misuseError{"--issuer is missing: write the bridge's issuer, such as https://login.example.be, or name its configuration by --config"}
	case issuer == "":
		return known.issuer, nil
	case known.issuer != "" && issuer != known.issuer:
		return "", misuseError{fmt.Sprintf("--issuer %s is not the configuration's, which is %s; leave it out", issuer, known.issuer)}
	}
	if problem := config.CheckIssuer(issuer); problem != "" {
		return "", misuseError{"--issuer " + problem}
	}
	return issuer, nil
}

// fill says what nobody has said.
func (w *wish) fill(e *product.Entry, chosen product.Product) {
	usual := func(field *string, text string) {
		if *field == "" {
			*field = text
		}
	}
	if chosen.Name == "plain" {
		usual(&e.ID, "client-"+strings.ToLower(rand.Text()[:8]))
	}
	usual(&e.ID, chosen.Name)
	usual(&e.Name, "The application")
	usual(&e.Home, "https://www.example.com/")
	if len(e.RedirectURIs) == 0 {
		e.RedirectURIs = []string{"https://www.example.com/callback"}
	}
}

// newSecret draws 32 bytes, as base64url.
func newSecret() (secret, hash string) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	secret = base64.RawURLEncoding.EncodeToString(raw)
	sum := sha256.Sum256([]byte(secret))
	return secret, config.HashPrefix + hex.EncodeToString(sum[:])
}

// written is the entry as it is written, if a configuration would take it, and as it is read.
func written(e product.Entry, sessions bool) ([]byte, *client.Client, error) {
	text, err := e.YAML()
	if err != nil {
		return nil, nil, err
	}
	if bytes.Contains(text, []byte("${")) {
		return nil, nil, misuseError{"a value holds ${, which the configuration would look for in the environment; write the value itself"}
	}
	clients, err := config.ParseClients("client", text, func(string) (string, bool) { return "", false }, sessions)
	if invalid, ok := errors.AsType[*config.InvalidError](err); ok {
		return nil, nil, misuseError{said(invalid.Problems)}
	}
	if err != nil {
		return nil, nil, err
	}
	return text, &clients[0], nil
}

// said is what is wrong, in the words of the flags.
func said(problems []config.Problem) string {
	lines := make([]string, len(problems))
	for i, p := range problems {
		key := strings.TrimPrefix(p.Path, "clients[0].")
		key, _, _ = strings.Cut(key, "[")
		lines[i] = "--" + flagOf(key) + " " + p.Text
	}
	return strings.Join(lines, "\n")
}
