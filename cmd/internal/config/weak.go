package config

import (
	"encoding/base64"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"

	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/provider/ceilings"
	"itsme-bridge/provider/client"
)

// Some settings are allowed, and open what nobody may have meant to open. They start,
// with a word of what that is. On loopback alone nobody else can be harmed.

// doubtLimits: without these two nothing stops anybody; per_client only asks for a click.
func (about situation) doubtLimits(s document.Section, l ceilings.Limits) {
	if about.local || l.PerAddress > 0 || l.Total > 0 {
		return
	}
	s.Value("total").Warn("is 0, and per_address is, too, so that nothing stops whoever opens links by the thousand: each starts a transaction, which CM may bill; set one of them")
}

// doubtHome: where a login is known to nobody, its page leads to where all clients are at
// home, or else to the operator.
func (about situation) doubtHome(s document.Section, clients []client.Client) {
	elsewhere := func(c client.Client) bool { return c.Home != clients[0].Home }
	if about.local || s.Has("home") || !slices.ContainsFunc(clients, elsewhere) {
		return
	}
	s.Value("home").Warn("is not set, and the clients are at home at several addresses: a page about a login that nobody knows any more has no link to go on by; write where you are at home, and pages.name with it")
}

// doubtSecret is for a secret that is long enough, and that somebody has thought of.
func (about situation) doubtSecret(text string, at document.Value) {
	if !about.local && thoughtOf(text) {
		at.Warn("looks as if somebody had thought of it (words, repetitions, sequences), and whoever thinks of the same can use it; make a random one, for example with: openssl rand -hex 32")
	}
}

// thoughtOf reports whether half of a text is what people write where random
// characters should be. Of the encoding of a text, the text counts, too.
func thoughtOf(text string) bool {
	if written(text, true) {
		return true
	}
	for _, decode := range []func(string) ([]byte, error){
		hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString, base64.URLEncoding.DecodeString, base64.RawURLEncoding.DecodeString,
	} {
		plain, err := decode(text)
		if err != nil {
			continue
		}
		if isText := strings.Trim(string(plain), printableASCII) == ""; written(string(plain), isText) {
			return true
		}
	}
	return false
}

// written is thoughtOf for the text as it is; of bytes that are no text, only what
// comes again counts. In random base64 hardly any four characters follow each other,
// or five come again, so that half of a text is never reached by chance.
func written(text string, isText bool) bool {
	text = text[:min(len(text), 500)]
	if isText {
		text = strings.ToLower(text)
	}
	covered := 0
	for i := 0; i < len(text); {
		n := again(text, i)
		if isText {
			n = max(n, sequence(text[i:]), word(text[i:]))
		}
		covered += n
		i += max(n, 1)
	}
	return 2*covered >= len(text)
}

const printableASCII = ` !"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_` + "`abcdefghijklmnopqrstuvwxyz{|}~"

// sequence is the length of 1234, dcba or aaaa at the beginning of a text; 0 below four.
func sequence(text string) int {
	longest := 0
	for _, step := range []int{-1, 0, 1} {
		n := 1
		for n < len(text) && int(text[n])-int(text[n-1]) == step {
			n++
		}
		longest = max(longest, n)
	}
	if longest < 4 {
		return 0
	}
	return longest
}

// again is the length of what begins at a place and has stood before it; 0 below five.
func again(text string, at int) int {
	longest := 0
	for from := range at {
		n := 0
		for at+n < len(text) && text[from+n] == text[at+n] {
			n++
		}
		longest = max(longest, n)
	}
	if longest < 5 {
		return 0
	}
	return longest
}

// word is the length of a word of secrets that people think of; 0 without one.
func word(text string) int {
	for _, w := range []string{
		"password", "passwort", "passphrase", "wachtwoord", "motdepasse", "geheim", "secret", "changeme", "change-me", "letmein", "welcome", "welkom", "bienvenue",
		"qwertyuiop", "qwertzuiop", "azertyuiop", "qwerty", "azerty", "asdfghjkl", "zxcvbnm", "itsme", "bridge", "keycloak", "client", "master", "server", "admin",
		"default", "example", "production", "test", "salt", "supersecret", "security",
	} {
		if strings.HasPrefix(text, w) {
			return len(w)
		}
	}
	return 0
}

// special addresses that a listed range may hold without anybody having meant so.
func opened() []struct{ prefix, what string } {
	return []struct{ prefix, what string }{
		{"169.254.169.254/32", "the metadata service of most clouds, which hands out credentials"},
		{"fd00:ec2::254/128", "the metadata service of AWS, which hands out credentials"},
		{"168.63.129.16/32", "the platform's own address inside Azure"},
		{"100.100.100.200/32", "the metadata service of Alibaba Cloud"},
		{"127.0.0.0/8", "this machine itself"},
		{"::1/128", "this machine itself"},
		{"0.0.0.0/8", "this machine itself"},
		{"169.254.0.0/16", "link-local addresses"},
		{"fe80::/10", "link-local addresses"},
		{"64:ff9b::a9fe:a9fe/128", "the metadata service of most clouds, by NAT64"},
	}
}

// doubtReachable: whoever may write a client's entry, or moves the name in it, chooses what is asked there.
func (about situation) doubtReachable(item document.Value, listed netip.Prefix) {
	if about.local {
		return
	}
	for _, special := range opened() {
		if netip.MustParsePrefix(special.prefix).Overlaps(listed) {
			item.Warn("%s holds %s: the names in jwks_uri, request_uris and backchannel_logout_uri may then lead the bridge there; list only the hosts that are meant",
				item.Quoted(), special.what)
			return
		}
	}
}

// doubtProxy: a range that nobody's proxies fill. The ranges that content delivery networks publish are smaller.
func doubtProxy(item document.Value, trusted netip.Prefix) {
	const least4, least6 = 12, 29
	least := least6
	if trusted.Addr().Is4() {
		least = least4
	}
	if trusted.Bits() >= least || private(trusted) {
		return
	}
	item.Warn("%s is more than anybody's proxies: whoever sends from there writes in X-Forwarded-For which address counts for limits.per_address; list the proxies' own",
		item.Quoted())
}

// private reports whether a range lies in a network that is nobody's in the world.
func private(p netip.Prefix) bool {
	for _, network := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "fc00::/7", "fe80::/10"} {
		if outer := netip.MustParsePrefix(network); outer.Bits() <= p.Bits() && outer.Contains(p.Addr()) {
			return true
		}
	}
	return false
}
