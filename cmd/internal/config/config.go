package config

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/cmd/internal/product"
	"itsme-bridge/itsme"
	"itsme-bridge/provider"
	"itsme-bridge/provider/pages"
)

// Problem is something wrong, or worth knowing, at one place of a file.
type Problem = document.Problem

// Config is a whole configuration without a problem. It prints nothing of itself.
type Config struct {
	Provider   provider.Config // without its salt
	Salt       document.Secret
	Server     Server
	Operations Operations
	Log        Log
	Tracing    Tracing
	Audit      Audit
	Redis      Redis
	MasterKey  MasterKey
	Upstream   itsme.Config
	Signing    Signing
	Outbound   Outbound
	Looks      pages.Looks
	Clients    Clients

	local    bool                       // issuer and listener are on loopback
	products map[string]product.Product // by client id
	asked    []Asked
	places   map[string]Problem // by path
	warnings []Problem
	files    []document.NamedFile
	examples []Problem
	text     [sha256.Size]byte
}

// NamedFile is a file that a configuration names, at its place.
type NamedFile = document.NamedFile

// Files are those that the configuration names.
func (c Config) Files() []NamedFile { return c.files }

// Examples are the places of secrets that stand in config.yaml, where everybody can read
// them. There are some only where issuer and listen are on loopback.
func (c Config) Examples() []Problem { return c.examples }

// Text is a hash of the file's text, by which two readings can be compared. The text may
// hold secrets: give the hash to nobody.
func (c Config) Text() [sha256.Size]byte { return c.text }

// Place is the place of listen, operations.listen or audit.to in the file, for what is
// wrong with it only once it is listened on or opened.
func (c Config) Place(path, format string, args ...any) Problem {
	p := c.places[path]
	p.Path, p.Text = path, fmt.Sprintf(format, args...)
	return p
}

// Asked are the addresses of clients' own that the bridge will ask, by a name that
// the network has to resolve.
func (c Config) Asked() []Asked { return c.asked }

// Product is what a client's entry is for, if it says so.
func (c Config) Product(clientID string) (product.Product, bool) {
	p, ok := c.products[clientID]
	return p, ok
}

// Warnings are what may be meant so, and is better known.
func (c Config) Warnings() []Problem { return c.warnings }

// Format hides everything: several fields hold secrets.
func (Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "config.Config[secret]") }

// InvalidError is everything that is wrong with a configuration, in the order of its lines.
type InvalidError struct{ Problems []Problem }

// Error is one problem a line.
func (e *InvalidError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Load reads a configuration file. environment answers ${NAME}. The error is an
// *InvalidError, or says why the file cannot be read.
func Load(path string, environment func(string) (string, bool)) (*Config, error) {
	data, err := os.ReadFile(path) //nolint:gosec // G304: the operator names the file
	if err != nil {
		return nil, err // it names the path
	}
	d := document.Parse(path, data, environment)
	c, err := read(d)
	if err != nil {
		return nil, err
	}
	c.text = sha256.Sum256(data)
	if mode, shared := document.Shared(path); shared && d.Inline() && !c.local {
		c.warnings = append(c.warnings, Problem{File: path, Line: 1, Text: fmt.Sprintf(
			"holds secrets, and other users can read it (mode %04o); chmod 600 it, or name files or variables instead", mode)})
	}
	return c, nil
}

// Parse reads a configuration. The name is for messages, and its folder is where
// relative file names begin.
func Parse(name string, data []byte, environment func(string) (string, bool)) (*Config, error) {
	return read(document.Parse(name, data, environment))
}

// LoadOperations is operations.listen of a configuration file, whatever is wrong with
// the rest of it; empty: off. The error is as of [Load].
func LoadOperations(path string, environment func(string) (string, bool)) (listen string, err error) {
	data, err := os.ReadFile(path) //nolint:gosec // G304: the operator names the file
	if err != nil {
		return "", err // it names the path
	}
	d := document.Parse(path, data, environment)
	operations := readOperations(d.Root().Section("operations"), "")
	if problems := slices.DeleteFunc(d.Problems(), func(p Problem) bool { return p.Path != "" && p.Path != "operations.listen" }); len(problems) > 0 {
		return "", &InvalidError{problems}
	}
	return operations.Listen, nil
}

// ClientIDs are the ids of the clients in a configuration file, as far as they can be
// read, for whoever types one.
func ClientIDs(path string) []string {
	data, err := os.ReadFile(path) //nolint:gosec // G304: the operator names the file
	if err != nil {
		return nil
	}
	d := document.Parse(path, data, func(string) (string, bool) { return "", false })
	var ids []string
	for _, s := range d.Root().Sections("clients") {
		if id := s.Value("id").Text(); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// ParseClients reads a file that holds clients and nothing else. They get what
// the defaults of a configuration are; sessions says whether browsers stay logged in.
func ParseClients(name string, data []byte, environment func(string) (string, bool), sessions bool) (Clients, error) {
	d := document.Parse(name, data, environment)
	clients := readClients(d.Root(), defaults{deadline: usualLogin}, situation{local: true, sessions: sessions, outbound: Outbound{Reachable: thisMachine()}})
	if problems := d.Problems(); len(problems) > 0 {
		return nil, &InvalidError{problems}
	}
	return clients, nil
}

// situation is what one part of the file decides for others.
type situation struct {
	local    bool     // issuer and listener are on loopback: nobody else can be harmed
	outbound Outbound // what the bridge may reach
	sessions bool     // browsers stay logged in
	issuer   string
	products map[string]product.Product // filled with what each client's entry is for; nil: nobody wants to know
	asked    *[]Asked                   // the addresses of clients that the bridge will ask; nil: nobody wants to know
	looks    map[string]pages.Look      // filled with the looks of clients that have one; nil: nobody wants to know
	examples *[]Problem                 // where secrets of config.yaml stand; nil: nobody wants to know
}

func read(d *document.Document) (*Config, error) {
	root, c := d.Root(), new(Config)
	var about situation
	c.Provider.Issuer, about.local = readIssuer(root.Value("issuer"))
	if listen := readListen(root.Value("listen"), ""); listen != "" && everywhere(listen) {
		about.local = false
	}
	c.local, c.products = about.local, map[string]product.Product{}
	about.issuer, about.products, about.examples = c.Provider.Issuer, c.products, &c.examples
	c.places = map[string]Problem{
		"listen": root.Value("listen").Problem(""), "operations.listen": root.Section("operations").Value("listen").Problem(""),
		"audit.to": root.Section("audit").Value("to").Problem(""),
	}
	c.Server = readServer(root)
	c.Provider.TrustedProxies = readTrustedProxies(root)
	c.Operations = readOperations(root.Section("operations"), c.Server.Listen)
	c.Log = readLog(root.Section("log"))
	c.Tracing = readTracing(root.Section("tracing"))
	c.Audit = readAudit(root.Section("audit"))
	c.Redis = readRedis(root.Section("redis"), about)
	c.MasterKey = readMasterKey(root.Section("master_key"), about)
	c.Salt = readSubjects(root.Section("subjects"), about)
	c.Upstream = readUpstream(root.Section("itsme"), about)
	c.Provider.ReturnShape = readReturnShape(root.Section("itsme"))
	readLifetimes(root, &c.Provider, c.Upstream)
	about.doubtLimits(root.Section("limits"), c.Provider.Limits)
	c.Signing = readSigning(root.Section("keys"), max(c.Provider.AccessToken, c.Provider.IDToken))
	c.Provider.Session = readSession(root.Section("session"))
	c.Looks = pages.Looks{Operator: readOperatorLook(root.Section("pages")), Clients: map[string]pages.Look{}}
	about.looks = c.Looks.Clients
	c.Outbound = readOutbound(root.Section("outbound"), about)
	about.outbound, about.sessions, about.asked = c.Outbound, c.Provider.Session.TTL > 0, &c.asked
	c.Clients = readClients(root, readDefaults(root), about)
	about.doubtHome(root.Section("pages"), c.Clients)
	checkTogether(root, c)
	if problems := d.Problems(); len(problems) > 0 {
		return nil, &InvalidError{problems}
	}
	c.warnings, c.files = d.Warnings(), d.Files()
	return c, nil
}

// checkTogether is what sections ask of each other.
func checkTogether(root document.Section, c *Config) {
	lease := root.Section("lifetimes").Value("lease")
	// A second more, since a return that finds too little of its lease left does not ask CM.
	if least := c.Upstream.Timeout + writeBudget; c.Provider.Lease < least+time.Second {
		lease.Wrong("%s is not longer than itsme.timeout (%s) and the %s for writing to Redis together; write at least %s",
			document.Duration(c.Provider.Lease), document.Duration(c.Upstream.Timeout), document.Duration(writeBudget),
			document.Duration(least+time.Second))
	}
	timeouts := root.Section("timeouts")
	if c.Server.Timeouts.Write <= c.Provider.Lease {
		timeouts.Value("write").Wrong("%s is not longer than lifetimes.lease (%s), so that a return could be cut off; write more",
			document.Duration(c.Server.Timeouts.Write), document.Duration(c.Provider.Lease))
	}
	if c.Server.Timeouts.Drain <= c.Provider.Lease {
		timeouts.Value("drain").Wrong("%s is not longer than lifetimes.lease (%s), so that an identity could be lost; write more",
			document.Duration(c.Server.Timeouts.Drain), document.Duration(c.Provider.Lease))
	}
	if strings.HasPrefix(c.Provider.Issuer, "https:") && c.Server.Certificate == (CertificateFiles{}) && len(c.Provider.TrustedProxies) == 0 {
		root.Value("trusted_proxies").Warn("the issuer is https and this listener is not, so a proxy stands between; " +
			"without its address here everybody counts as one address for limits.per_address")
	}
	checkPushed(root.Section("lifetimes").Value("pushed_request"), c.Provider.PushedRequest, c.Clients)
	c.Signing.suits(root.Section("keys"), c.Clients, root)
}
