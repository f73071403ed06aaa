package claims

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"itsme-bridge/provider/client"
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
	mac := hmac.New(sha256.New, salt)
	mac.Write(who)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
