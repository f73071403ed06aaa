package keys

import "encoding/json"

// Slack is how far clocks may lie apart.
const Slack = slack

// Thumbprint is RFC 7638.
var Thumbprint = thumbprint

// Named is a key for the rules, which look at nothing but its name and its times.
func Named(a Algorithm, id string) Key {
	return Key{algorithm: a, id: id, public: json.RawMessage(`{"kid":"` + id + `"}`), private: hide([]byte("private half of " + id))}
}

// Whole says that the private half is there.
func (k Key) Whole() bool { return k.private != nil }
