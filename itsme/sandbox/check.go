package sandbox

import (
	"encoding/json"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// request is the body of POST /transactions.
type request struct {
	Token       string
	Service     string
	Scopes      []string
	Locale      string
	RedirectURL string
	PhoneNumber string
}

// rule is one thing that CM asks of a request, and what it says otherwise.
type rule struct {
	message string
	holds   func(request) bool
}

var rules = []rule{
	{"token is required", func(r request) bool { return r.Token != "" }},
	{"token is not a GUID", func(r request) bool { return guid.MatchString(r.Token) }},
	{"service must be login or register", func(r request) bool { return slices.Contains([]string{"login", "register"}, r.Service) }},
	{"scopes holds an unknown scope", func(r request) bool { return !slices.ContainsFunc(r.Scopes, isUnknownScope) }},
	{"locale must be en, nl, fr or de", func(r request) bool {
		return slices.Contains([]string{"", "en", "nl", "fr", "de"}, r.Locale)
	}},
	{"redirectUrl is required", func(r request) bool { return r.RedirectURL != "" }},
	{"redirectUrl must be an absolute https URL", func(r request) bool { return isRedirectURL(r.RedirectURL) }},
	{"phoneNumber must be in E.164 format", func(r request) bool { return r.PhoneNumber == "" || e164.MatchString(r.PhoneNumber) }},
}

var (
	guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
)

func isUnknownScope(scope string) bool {
	return !slices.Contains([]string{"profile", "email", "phone", "address"}, scope)
}

// isRedirectURL accepts https, and http on loopback so that the simulator works at a desk.
func isRedirectURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return false
	}
	address := net.ParseIP(u.Hostname())
	loopback := u.Hostname() == "localhost" || address != nil && address.IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && loopback
}

// readRequest reads a body and says what CM would find wrong with it.
func (s *Server) readRequest(r *http.Request) (asked request, problem string) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	if err != nil {
		return request{}, "the body cannot be read"
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return request{}, "Content-Type must be application/json"
	}
	asked, problem = decode(body)
	if problem != "" {
		return request{}, problem
	}
	for _, rule := range rules {
		if !rule.holds(asked) {
			return asked, rule.message
		}
	}
	if len(s.options.Tokens) > 0 && !slices.ContainsFunc(s.options.Tokens, func(t string) bool { return strings.EqualFold(t, asked.Token) }) {
		return asked, "token is unknown"
	}
	return asked, ""
}

// decode reads the members of a body by their exact names. Others are ignored.
func decode(body []byte) (asked request, problem string) {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil || members == nil {
		return request{}, "the body is not a JSON object"
	}
	for name, target := range map[string]any{
		"token": &asked.Token, "service": &asked.Service, "scopes": &asked.Scopes,
		"locale": &asked.Locale, "redirectUrl": &asked.RedirectURL, "phoneNumber": &asked.PhoneNumber,
	} {
		if value, ok := members[name]; ok && json.Unmarshal(value, target) != nil {
			problem = name + " has the wrong type"
		}
	}
	return asked, problem
}
