package config

import (
	"time"

	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/session"
)

// longestSession is less than any key's usual afterlife (keys.keep), so that an ID
// token from the beginning of a session is still known as ours at its end.
const longestSession = 24 * time.Hour

func readSession(s document.Section) session.Policy {
	share := s.Value("share")
	policy := session.Policy{TTL: s.Value("ttl").Duration(0, 0, longestSession), Share: share.Flag(false)}
	if policy.TTL == 0 && policy.Share {
		share.Wrong("is of no use without session.ttl: there is nothing to share; set it, or leave this out")
	}
	return policy
}

// readLogout reads where a client's people go after a logout, where it hears of one,
// and whether its server may ask for one.
func readLogout(s document.Section, c *client.Client, about situation) {
	c.PostLogoutRedirectURIs = readURIs(s.Value("post_logout_redirect_uris"), webOrNative(), redirection())
	v := s.Value("backchannel_logout_uri")
	if u, ok := address(v, about.outbound.asked()); ok {
		c.BackChannelLogoutURI = v.Text()
		about.mayAsk(v, u)
	}
	server := s.Value("logout_by_server")
	c.LogoutByServer = server.Flag(false)
	if !about.sessions {
		const useless = "is of no use without session.ttl: there is nothing that could end; set that, or leave this out"
		if v.There() {
			v.Wrong(useless)
		}
		if c.LogoutByServer {
			server.Wrong(useless)
		}
	}
}
