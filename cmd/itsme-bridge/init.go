package main

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/cmd/internal/config/reference"
)

// beginning is what a first configuration is made from.
type beginning struct {
	folder, issuer, listen, proxies, operations, redis, itsme string
	token                                                     string // of CM
	madeUp                                                    bool   // the token is: a simulator takes any
}

// longestToken is more bytes than any merchant token has.
const longestToken = 4096

func (p *process) initCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "init [--issuer URL] [--dir DIR] …",
		Short: "write a first configuration, with a new master key and salt, each in a file of its own",
		Long: "Write a first configuration: config.yaml, and beside it master-key, salt and cm-token, which only\n" +
			"you can read, and config.schema.json, for editors.\n" +
			"What is there already is never overwritten. Without --issuer it is for this machine alone, and works with\n" +
			"Redis on its usual port and the simulator of CM's API, itsme-sandbox.",
		Example: examples("itsme-bridge init --dir try",
			"itsme-bridge init --issuer https://login.example.be --dir bridge --token-stdin < merchant-token",
			"itsme-bridge init --issuer https://login.example.be --dir pod --listen 0.0.0.0:8080 --trusted-proxies 10.0.0.0/8 --redis redis.example.be:6379"),
		Args: takes(),
	}
	var b beginning
	flags := c.Flags()
	flags.StringVar(&b.folder, "dir", ".", "the folder `DIR` to write to; it is made if need be")
	_ = c.MarkFlagDirname("dir") // the flag is there
	flags.StringVar(&b.issuer, "issuer", usualIssuer, "the `URL` that clients will know the bridge by")
	flags.StringVar(&b.listen, "listen", "", "where to listen, `HOST:PORT`; without it as an issuer on loopback says, or "+usualListen)
	flags.StringVar(&b.proxies, "trusted-proxies", "", "the `LIST` of proxies in front, as addresses or ranges with commas between; without it those on this machine")
	flags.StringVar(&b.operations, "operations", config.UsualOperations, "where probes and metrics are, `HOST:PORT`")
	flags.StringVar(&b.redis, "redis", "127.0.0.1:6379", "where Redis is, `HOST:PORT`")
	flags.StringVar(&b.itsme, "itsme", "", "CM's API: production, sandbox or the `URL` of a simulator; without it production, or the simulator for an issuer on loopback")
	_ = c.RegisterFlagCompletionFunc("itsme", cobra.FixedCompletions([]string{"production", "sandbox"}, cobra.ShellCompDirectiveNoFileComp)) // likewise
	stdin := flags.Bool("token-stdin", false, "read CM's merchant token from standard input; without it the file cm-token is left empty, for you to fill")
	c.RunE = func(*cobra.Command, []string) error {
		if *stdin {
			text, err := io.ReadAll(io.LimitReader(p.stdin, longestToken+1))
			if err != nil {
				return err
			}
			if len(text) > longestToken {
				return misuseError{"--token-stdin: what came by standard input is too long for a merchant token"}
			}
			if b.token = strings.TrimSpace(string(text)); b.token == "" {
				return misuseError{"--token-stdin: nothing came by standard input; write the merchant token there"}
			}
		}
		return p.init(b)
	}
	return c
}

// What help says of the reference, which takes longer to read than all other commands
// take to begin. A test holds them to it.
const (
	usualIssuer = "http://127.0.0.1:8080"
	usualListen = "127.0.0.1:8080"
)

// usually is the value of a setting in the reference.
func usually(path string) string {
	e, _ := reference.Find(path)
	return e.Value
}

// init writes a first configuration with its secrets, all or nothing.
func (p *process) init(b beginning) error {
	b.complete()
	master, salt := random(), random()
	settings := b.settings(
		reference.Setting{Path: "master_key.current_file", Value: "master-key"},
		reference.Setting{Path: "subjects.salt_file", Value: "salt"},
		reference.Setting{Path: "subjects.fingerprint", Value: strconv.Quote(config.Fingerprint(document.NewSecret(salt)))},
		reference.Setting{Path: "itsme.token_file", Value: "cm-token"},
	)
	if err := b.tryOut(master, salt, settings); err != nil {
		return err
	}
	text, err := reference.First(settings...)
	if err != nil {
		return err
	}
	schema, err := config.Schema()
	if err != nil {
		return err
	}
	files := []newFile{
		{"config.yaml", "the configuration", head + text},
		{"master-key", "seals what is in Redis", master + "\n"},
		{"salt", "makes people's subjects: another one makes everybody look like a new user, so keep a backup", salt + "\n"},
		{"cm-token", b.ofToken(), b.token},
		{"config.schema.json", "what editors complete and check config.yaml by", string(schema) + "\n"},
	}
	if err := writeAll(b.folder, "--dir", files); err != nil {
		return err
	}
	p.tellBeginning(b, files)
	return nil
}

const head = `# yaml-language-server: $schema=config.schema.json
#
# The configuration of itsme-bridge. Its reference says what else can be set, with every default: config.yaml of the sources.
# File names begin in the folder of this file.

`

// complete fills in what follows from the issuer.
func (b *beginning) complete() {
	local := false
	if u, err := url.Parse(b.issuer); err == nil && u.Scheme == "http" {
		local = true
		if b.listen == "" {
			b.listen = u.Host
			if u.Port() == "" {
				b.listen = net.JoinHostPort(u.Hostname(), "80")
			}
		}
	}
	if b.listen == "" {
		b.listen = usualListen
	}
	host, _, _ := net.SplitHostPort(b.listen)
	here := host == "localhost" || net.ParseIP(host).IsLoopback()
	switch {
	case b.proxies != "": // perhaps as the file has it
		b.proxies = cmp.Or(strings.Trim(b.proxies, "[] "), "[]")
	case !here: // to be said
	case local:
		b.proxies = "[]"
	default:
		b.proxies = "127.0.0.1,::1"
	}
	if b.itsme == "" {
		b.itsme = "production"
		if local {
			b.itsme = usually("itsme.url")
		}
	}
	if b.token == "" && strings.HasPrefix(b.itsme, "http://") { // the simulator takes any
		b.token, b.madeUp = guid(), true
	}
}

// settings are those of the file, with the ones that name secrets.
func (b *beginning) settings(master, salt, fingerprint, token reference.Setting) []reference.Setting {
	list := []reference.Setting{
		{Path: "issuer", Value: yamlText(b.issuer)},
		{Path: "listen", Value: yamlText(b.listen)},
	}
	switch b.proxies {
	case "": // the reader asks for it
	case "[]":
		list = append(list, reference.Setting{Path: "trusted_proxies", Value: "[]"})
	default:
		list = append(list, reference.Setting{Path: "trusted_proxies", Value: yamlList(strings.Split(b.proxies, ","))})
	}
	return append(
		list,
		reference.Setting{Path: "operations.listen", Value: yamlText(b.operations)},
		reference.Setting{Path: "redis.mode", Value: "single"},
		reference.Setting{Path: "redis.addresses", Value: yamlList([]string{b.redis})},
		reference.Setting{Path: "redis.username"},
		reference.Setting{Path: "redis.password_file"},
		reference.Setting{Path: "redis.tls"},
		master, salt, fingerprint,
		reference.Setting{Path: "itsme.url", Value: yamlText(b.itsme)},
		token,
		reference.Setting{Path: "itsme.proxy_file"},
		reference.Setting{Path: "clients", Value: "[]"},
	)
}

// ofToken says what is in the token's file.
func (b *beginning) ofToken() string {
	switch {
	case b.token == "":
		return "EMPTY, for the merchant token that CM gave you"
	case b.madeUp:
		return "a merchant token that is made up, which the simulator takes"
	default:
		return "CM's merchant token"
	}
}

// tryOut reads the configuration before anything is written, with its secrets in it.
func (b *beginning) tryOut(master, salt string, settings []reference.Setting) error {
	token := b.token
	if token == "" {
		token = guid() // somebody puts the right one into the file
	}
	inline := map[string]reference.Setting{
		"master_key.current_file": {Path: "master_key.current", Value: master},
		"subjects.salt_file":      {Path: "subjects.salt", Value: salt},
		"itsme.token_file":        {Path: "itsme.token", Value: yamlText(token)},
	}
	tried := make([]reference.Setting, len(settings))
	for i, s := range settings {
		tried[i] = s
		if other, ok := inline[s.Path]; ok {
			tried[i] = other
		}
	}
	text, err := reference.First(tried...)
	if err != nil {
		return err
	}
	_, err = config.Parse("config.yaml", []byte(text), func(string) (string, bool) { return "", false })
	if invalid, ok := errors.AsType[*config.InvalidError](err); ok {
		return misuseError{inFlags(invalid.Problems)}
	}
	return err
}

// inFlags is what is wrong, in the words of init's flags.
func inFlags(problems []config.Problem) string {
	flags := map[string]string{ //nolint:gosec // G101: names of flags
		"operations.listen": "--operations", "redis.addresses": "--redis", "itsme.url": "--itsme", "itsme.token": "--token-stdin",
		"trusted_proxies": "--trusted-proxies",
	}
	lines := make([]string, len(problems))
	for i, problem := range problems {
		path, _, _ := strings.Cut(problem.Path, "[")
		flag, ok := flags[path]
		if !ok {
			flag = "--" + path
		}
		lines[i] = flag + " " + problem.Text
	}
	return strings.Join(lines, "\n")
}

// tellBeginning says what was written, and what to do next.
func (p *process) tellBeginning(b beginning, files []newFile) {
	fmt.Fprintf(p.stdout, "Written to %s, for you alone to read:\n\n", b.folder)
	for _, f := range files {
		fmt.Fprintf(p.stdout, "  %-18s %s\n", f.name, f.what)
	}
	at := shellWord(filepath.Join(b.folder, "config.yaml"))
	fmt.Fprint(p.stdout, "\nNext:\n\n")
	if b.token == "" {
		fmt.Fprintf(p.stdout, "  put CM's merchant token into %s\n", shellWord(filepath.Join(b.folder, "cm-token")))
	}
	if strings.HasPrefix(b.itsme, "http://") {
		fmt.Fprint(p.stdout, "  start Redis and the simulator of CM's API: redis-server, itsme-sandbox\n")
	}
	fmt.Fprint(p.stdout, "  make a client (--help names all products), keep its secret, which is shown once, and put the YAML in the place of \"clients: []\":\n")
	fmt.Fprintf(p.stdout, "    itsme-bridge client new --for keycloak --config %s --name 'The shop' --url https://sso.example.be --realm main\n", at)
	fmt.Fprint(p.stdout, "  see whether all is well, and run it:\n")
	fmt.Fprintf(p.stdout, "    itsme-bridge check --config %[1]s\n    itsme-bridge serve --config %[1]s\n", at)
}

// random is 32 random bytes, as openssl rand -base64 32 prints them.
func random() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	return base64.StdEncoding.EncodeToString(raw)
}

// guid is a random one (RFC 9562 §5.4).
func guid() string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails
	raw[6], raw[8] = raw[6]&0x0f|0x40, raw[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:])
}
