package remote_test

import (
	"net/netip"
	"testing"

	"itsme-bridge/provider/remote"
)

func TestWhichAddressesArePublic(t *testing.T) {
	for _, row := range []struct {
		address string
		want    bool
	}{
		{"0.0.0.0", false},
		{"0.255.255.255", false},
		{"1.0.0.0", true},
		{"9.255.255.255", true},
		{"10.0.0.0", false},
		{"10.255.255.255", false},
		{"11.0.0.0", true},
		{"100.63.255.255", true},
		{"100.64.0.0", false},
		{"100.100.100.200", false},
		{"100.127.255.255", false},
		{"100.128.0.0", true},
		{"126.255.255.255", true},
		{"127.0.0.1", false},
		{"127.255.255.255", false},
		{"128.0.0.0", true},
		{"168.63.129.15", true},
		{"168.63.129.16", false},
		{"168.63.129.17", true},
		{"169.253.255.255", true},
		{"169.254.0.0", false},
		{"169.254.169.254", false},
		{"169.255.0.0", true},
		{"172.15.255.255", true},
		{"172.16.0.0", false},
		{"172.31.255.255", false},
		{"172.32.0.0", true},
		{"192.0.0.0", false},
		{"192.0.0.192", false},
		{"192.0.1.0", true},
		{"192.0.2.1", false},
		{"192.0.3.0", true},
		{"192.88.98.255", true},
		{"192.88.99.1", false},
		{"192.88.100.0", true},
		{"192.167.255.255", true},
		{"192.168.0.0", false},
		{"192.168.255.255", false},
		{"192.169.0.0", true},
		{"198.17.255.255", true},
		{"198.18.0.0", false},
		{"198.19.255.255", false},
		{"198.20.0.0", true},
		{"198.51.100.1", false},
		{"198.51.101.0", true},
		{"203.0.113.1", false},
		{"203.0.114.0", true},
		{"223.255.255.255", true},
		{"224.0.0.1", false},
		{"239.255.255.255", false},
		{"240.0.0.1", false},
		{"255.255.255.255", false},

		{"::", false},
		{"::1", false},
		{"::7f00:1", false},
		{"::0808:0808", false},
		{"::ffff:127.0.0.1", false},
		{"::ffff:10.0.0.1", false},
		{"::ffff:169.254.169.254", false},
		{"::ffff:8.8.8.8", true},
		{"::ffff:0:7f00:1", false},
		{"::ffff:0:808:808", false},
		{"64:ff9b::127.0.0.1", false},
		{"64:ff9b::10.1.2.3", false},
		{"64:ff9b::169.254.169.254", false},
		{"64:ff9b::8.8.8.8", true},
		{"64:ff9b:0:0:0:1:808:808", false},
		{"64:ff9b:1::808:808", false},
		{"64:ff9b:1::a00:1", false},
		{"100::1", false},
		{"100:0:0:1::1", false},
		{"1fff:ffff::1", false},
		{"2000::1", true},
		{"2001::1", false},
		{"2001:0:4136:e378:8000:63bf:3fff:fdd2", false},
		{"2001:2::1", false},
		{"2001:10::1", false},
		{"2001:20::1", false},
		{"2001:1ff:ffff::1", false},
		{"2001:200::1", true},
		{"2001:4860:4860::8888", true},
		{"2001:db7::1", true},
		{"2001:db8::1", false},
		{"2001:db9::1", true},
		{"2001:ffff::1", true},
		{"2002:7f00:1::1", false},
		{"2002:808:808::1", false},
		{"2003::1", true},
		{"2606:4700::1", true},
		{"2a00:1450::1", true},
		{"3ffe::1", true},
		{"3fff::1", false},
		{"3fff:1000::1", true},
		{"4000::1", false},
		{"5f00::1", false},
		{"fc00::1", false},
		{"fd00:ec2::254", false},
		{"fdff::1", false},
		{"fe80::1", false},
		{"fe80::1%eth0", false},
		{"febf::1", false},
		{"fec0::1", false},
		{"ff02::1", false},
		{"ff0e::1", false},
	} {
		if got := remote.Admits(nil, false, netip.MustParseAddr(row.address)); got != row.want {
			t.Errorf("%s: %t, want %t", row.address, got, row.want)
		}
		if remote.Admits(nil, true, netip.MustParseAddr(row.address)) {
			t.Errorf("%s: http", row.address)
		}
	}
}

func TestWhatIsListedIsReachable(t *testing.T) {
	listed := []netip.Prefix{
		netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("8.8.8.8/32"),
		netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("::1/128"),
	}
	for _, row := range []struct {
		address     string
		https, http bool
	}{
		{"10.1.2.3", true, false},
		{"::ffff:10.1.2.3", true, false},
		{"64:ff9b::10.1.2.3", false, false}, // another network's 10.1.2.3
		{"10.2.2.3", false, false},
		{"127.0.0.1", true, true},
		{"::ffff:127.0.0.1", true, true},
		{"64:ff9b::127.0.0.1", false, false},
		{"127.0.0.2", false, false},
		{"::1", true, true},
		{"8.8.8.8", true, false},
		{"1.1.1.1", true, false},
		{"fe80::1%eth0", true, false},
	} {
		address := netip.MustParseAddr(row.address)
		if got := remote.Admits(listed, false, address); got != row.https {
			t.Errorf("%s by https: %t", row.address, got)
		}
		if got := remote.Admits(listed, true, address); got != row.http {
			t.Errorf("%s by http: %t", row.address, got)
		}
	}
}

func TestWhatIsNoAddressIsNotDialled(t *testing.T) {
	for address, want := range map[string]bool{"1.1.1.1:443": true, "1.1.1.1": false, "localhost:443": false, "": false, "/run/socket": false} {
		if got := remote.Dial(address) == nil; got != want {
			t.Errorf("%q: %t", address, got)
		}
	}
}

func TestNamesLeadNowhereElse(t *testing.T) {
	here := []string{"127.0.0.1"}
	for _, row := range []struct {
		name    string
		answers [][]string
		want    error // of the second exchange
	}{
		{"as listed", [][]string{here}, nil},
		{"private", [][]string{here, {"10.0.0.1"}}, remote.ErrForbidden},
		{"metadata", [][]string{here, {"169.254.169.254"}}, remote.ErrForbidden},
		{"rebound within loopback", [][]string{here, {"127.0.0.2"}}, remote.ErrForbidden},
		{"asked once", [][]string{here, here, {"127.0.0.2"}}, nil},
		{"one of several", [][]string{here, {"127.0.0.2", "127.0.0.1"}}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := secure(t, saying("x"))
			o := h.options()
			o.Reachable = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
			o.Resolver = example(row.answers...)
			client := remote.New(o)
			if _, _, err := client.Fetch(t.Context(), h.named("example.com")+path, "*/*", 64); err != nil {
				t.Fatal(err)
			}
			_, _, err := client.Fetch(t.Context(), h.named("example.com")+path, "*/*", 64)
			if row.want == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, row.want, "example.com: neither a public address nor one that is listed as reachable")
			h.want(t, 1)
		})
	}
}

func TestUnknownName(t *testing.T) {
	_, err := fetch(t, remote.Options{Resolver: example()}, "https://nowhere.example"+path)
	wantError(t, err, remote.ErrUnanswered, "nowhere.example: host name not found")
}

func TestNothingSpecialUnlessListed(t *testing.T) {
	h := secure(t, saying("x"))
	o := h.options()
	o.Reachable = nil
	for _, name := range []string{"127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::", "localhost"} {
		_, err := fetch(t, o, h.named(name)+path)
		wantError(t, err, remote.ErrForbidden, name)
	}
	h.want(t, 0)
}
