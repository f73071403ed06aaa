package claims

import (
	"encoding/base64"
	"encoding/binary"

	"itsme-bridge/provider/client"
	"itsme-bridge/storage"
)

// Subject is the sub of a person for one client. A pairwise sub is an HMAC
// over sector and userId, so that clients of different sectors cannot compare
// notes (OpenID Connect Core §8.1); a public one is CM's userId itself.
func Subject(salt []byte, t *client.Terms, userID string) string {
	if t.Subject == client.Public {
		return userID
	}
	who := make([]byte, 0, 8+len(t.Sector)+len(userID))
	who = binary.BigEndian.AppendUint64(who, uint64(len(t.Sector))) // it keeps sector and userId apart
	who = append(append(who, t.Sector...), userID...)
	mac := storage.HMAC(salt, who)
	return string(base64.RawURLEncoding.AppendEncode(make([]byte, 0, 64), mac[:])) // of a size that needs no heap
}
