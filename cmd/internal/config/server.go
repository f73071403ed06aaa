package config

import (
	"net"
	"net/netip"
	"strconv"
	"time"

	"itsme-bridge/cmd/internal/config/document"
)

// Server says where and how the public listener serves.
type Server struct {
	Listen      string           // host:port
	Certificate CertificateFiles // none: plain http
	Timeouts    Timeouts
}

// Timeouts bound every phase of a request, and of the end.
type Timeouts struct {
	ReadHeader time.Duration // to send the header of a request
	Read       time.Duration // to send a whole request
	Write      time.Duration // from the header of a request to the end of its answer
	Idle       time.Duration // between two requests of a connection
	DrainDelay time.Duration // from "not ready" to "not listening": for load balancers to notice
	Drain      time.Duration // for requests that have begun
}

// Operations says where operators and their machines look.
type Operations struct {
	Listen string // host:port; empty: nowhere
	PProf  bool
}

func readServer(root document.Section) Server {
	root.Missing("listen", "write host:port, such as 127.0.0.1:8080 behind a proxy on this machine, or 0.0.0.0:8080")
	tls := root.Section("tls")
	s := Server{Listen: readListen(root.Value("listen"), ""), Certificate: readCertificate(tls)}
	if tls.There() && s.Certificate == (CertificateFiles{}) {
		tls.Missing("cert_file", "write the path of the certificate, with those between it and the root")
		tls.Missing("key_file", "write the path of the certificate's private key")
	}
	timeouts := root.Section("timeouts")
	duration := func(key string, fallback, least time.Duration) time.Duration {
		return timeouts.Value(key).Duration(fallback, least, time.Hour)
	}
	s.Timeouts = Timeouts{
		ReadHeader: duration("read_header", 10*time.Second, time.Second),
		Read:       duration("read", 20*time.Second, time.Second),
		Write:      duration("write", 30*time.Second, time.Second),
		Idle:       duration("idle", 2*time.Minute, time.Second),
		DrainDelay: duration("drain_delay", 5*time.Second, 0),
		Drain:      duration("drain", 25*time.Second, time.Second),
	}
	return s
}

// readListen reads host:port. An empty host is every address of this machine.
func readListen(v document.Value, fallback string) string {
	text, ok := v.Read()
	if !ok {
		return fallback
	}
	host, port, err := net.SplitHostPort(text)
	number, problem := strconv.Atoi(port)
	if err != nil || problem != nil || number < 1 || number > 65535 {
		v.Wrong("%s is not host:port; write such as 127.0.0.1:8080, or 0.0.0.0:8080 for every address", v.Quoted())
		return fallback
	}
	if _, err := netip.ParseAddr(host); err != nil && host != "" && host != "localhost" {
		v.Wrong("%s does not begin with an IP address; write one, or localhost", v.Quoted())
		return fallback
	}
	return text
}

// everywhere reports whether others than this machine can reach an address.
func everywhere(listen string) bool {
	host, _, _ := net.SplitHostPort(listen)
	return !isLoopback(host)
}

// widest is the shortest prefix that may be trusted: more would be half the world.
func widest(ip netip.Addr) int {
	if ip.Is4() {
		return 8
	}
	return 16
}

// readTrustedProxies insists on an answer where others can reach us: who counts
// as an address of its own depends on it.
func readTrustedProxies(root document.Section) []string {
	v := root.Value("trusted_proxies")
	if listen := readListen(root.Value("listen"), ""); !v.There() && listen != "" && everywhere(listen) {
		v.Wrong("is missing, and the listener is not on loopback; " +
			"list the proxies whose X-Forwarded-For counts, such as [10.0.0.0/8], or write [] if there is none")
	}
	proxies := make([]string, 0)
	for _, item := range v.Items() {
		prefix, ok := readRange(item)
		switch {
		case !ok: // complained of
		case prefix.Bits() < widest(prefix.Addr()):
			item.Wrong("%s trusts everybody, so that anybody could choose his address; write the proxies' own", item.Quoted())
		default:
			doubtProxy(item, prefix)
			proxies = append(proxies, item.Text())
		}
	}
	return proxies
}

// readRange reads a range of addresses, or one address.
func readRange(v document.Value) (prefix netip.Prefix, ok bool) {
	text := v.Text()
	if text == "" {
		return prefix, false // complained of
	}
	prefix, err := netip.ParsePrefix(text)
	if ip, problem := netip.ParseAddr(text); problem == nil && ip.Zone() == "" {
		prefix, err = netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	switch {
	case err != nil:
		v.Wrong("%s is neither an IP address nor a range; write such as 10.0.0.7 or 10.0.0.0/8", v.Quoted())
	case prefix.Addr().Is4In6():
		v.Wrong("%s is an IPv4 range in IPv6's clothes; write it as IPv4", v.Quoted())
	default:
		return prefix, true
	}
	return prefix, false
}

// UsualOperations is where operators look, unless the configuration says otherwise.
const UsualOperations = "127.0.0.1:9090"

func readOperations(s document.Section, public string) Operations {
	listen := s.Value("listen")
	o := Operations{PProf: s.Value("pprof").Flag(false)}
	if listen.Text() != "off" {
		o.Listen = readListen(listen, UsualOperations)
	}
	if o.Listen != "" && o.Listen == public {
		listen.Wrong("is the address of the public listener; write another, or off")
	}
	if o.PProf && o.Listen != "" && everywhere(o.Listen) {
		s.Value("pprof").Warn("whoever reaches %s can read this process's memory by pprof; keep it on loopback", o.Listen)
	}
	return o
}
