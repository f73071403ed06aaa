package product

import (
	"slices"

	"itsme-bridge/provider/client"
)

// Product is something that people log in to, or by way of.
type Product struct {
	Name  string // as in --for and in an entry's for
	Title string // as its makers write it

	Asks            []Question // what only its operator knows
	Home            string     // where people go when nothing else is left, as a template over the answers; empty: the product's address
	Redirect        string     // the redirect URI, likewise; empty: the operator says it
	FurtherRedirect string     // another one that it may send as well, likewise
	ChoosesRedirect bool       // the application chooses the path of its redirect URI, and ours is a proposal
	PostLogout      string     // where a logout leads back to it, likewise; empty: nothing of its own

	JWKS string // where it keeps its public keys, likewise; empty: its operator knows

	Sends Sends
	Reads Reads
	Needs Needs

	Guide string // from the project's root; empty: none
}

// Question is a flag of client new that a product's URLs are made of.
type Question struct {
	Flag  string // such as url
	Text  string // what it is, with an example
	Usual string // the answer of who says nothing; empty: it must be said
}

// Sends is what the product's requests are like, once it is set up by what we print.
type Sends struct {
	Methods       []client.AuthMethod // how it can authenticate, the one that our instructions choose first
	PKCE          Can
	Nonce         Can
	ResponseTypes []string // none: code
	Instead       string   // the response type that it can be set up to ask for instead; empty: none
	Refreshes     bool     // it uses refresh tokens
	Pushes        Can      // PAR (RFC 9126)
	SignsRequests Can      // request objects (RFC 9101)
	DPoP          Can      // RFC 9449
}

// Can is whether a product does something.
type Can int

// Whether a product does something: never, once its operator has said so, or by itself.
const (
	Never Can = iota
	WhenTold
	ByItself
)

// Reads is where the product finds out about a person.
type Reads struct {
	Claims         Source
	SignedUserinfo Can      // whether it takes userinfo as a JWT (OpenID Connect Core §5.3.2)
	FlatAddress    bool     // it maps only claims of the first level: the parts of address must be claims of their own
	Algorithms     []string // of ID tokens that it verifies; none: RS256 and all others that the bridge signs with
	ES256          string   // what to do there for ID tokens signed with ES256, where it verifies them; empty: nothing
}

// Source is what claims are read from.
type Source int

// The sources of claims.
const (
	FromEither   Source = iota // from the ID token, and from userinfo what is missing there
	FromIDToken                // from the ID token alone
	FromUserinfo               // from userinfo
)

// Needs is what else must be so for the product to log anybody in.
type Needs struct {
	Scopes          []string // it refuses people without their claims
	Internet        bool     // its servers ask the issuer, from the Internet and by https
	UsualPort       bool     // and there on no port but 443
	VerifiedEmail   string   // what it does where the entry does not assert that addresses are verified; empty: it lets people in
	ClaimsInIDToken string   // why id_token_claims must be true although it reads userinfo; empty: it need not
	WithoutIssuer   string   // why authorization responses must not have iss; empty: they may
	RestartsExpired bool     // it begins a login anew after authentication_expired
	BackChannel     string   // where it hears of logouts, as a template; empty: it does not
	LogoutByServer  bool     // its server calls the logout endpoint by itself
}

// All are the products in the order of the table.
func All() []Product { return table() }

// Find is the product of a name.
func Find(name string) (Product, bool) {
	all := table()
	i := slices.IndexFunc(all, func(p Product) bool { return p.Name == name })
	if i < 0 {
		return Product{}, false
	}
	return all[i], true
}

// Names are the names of all products, in the order of the table.
func Names() []string {
	var names []string
	for _, p := range table() {
		names = append(names, p.Name)
	}
	return names
}

// IsPublic reports whether the product can keep no secret.
func (p Product) IsPublic() bool { return p.Sends.Methods[0] == client.None }
