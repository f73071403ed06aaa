package storage_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2/server"

	"itsme-bridge/storage"
)

// A farSide is found in every mode, and then does not do what Redis would.
type farSide int

const (
	takesAndIsSilent farSide = iota // it takes commands, and answers none
	takesNothing                    // it takes no command
	isNotReached                    // nobody gets a connection
)

// lost opens a store on a far side, in one of the modes. Pipes are its network.
func lost(t *testing.T, mode string, far farSide, o storage.Options) *storage.Store {
	t.Helper()
	o.Mode, o.Addresses, o.MasterName = mode, []string{"entry:1"}, "main"
	var asked atomic.Bool
	end := t.Context()
	o.Dial = func(ctx context.Context, _, address string) (net.Conn, error) {
		sentinel := mode == "sentinel" && address == "entry:1"
		node := mode == "cluster" && !asked.Swap(true) // the one that is asked which nodes there are
		if far == isNotReached && !sentinel {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		ours, theirs := net.Pipe()
		context.AfterFunc(end, func() { theirs.Close() })
		if node && far == takesNothing {
			theirs = &attentiveOnce{Conn: theirs, end: end.Done()}
		}
		if sentinel || node || far == takesAndIsSilent {
			answering(t, theirs)
		}
		return ours, nil
	}
	s, err := storage.Open(o, storage.NewKeyring(storage.NewKey()))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// attentiveOnce is a connection that is read from once.
type attentiveOnce struct {
	net.Conn
	read atomic.Bool
	end  <-chan struct{}
}

func (c *attentiveOnce) Read(b []byte) (int, error) {
	if c.read.Swap(true) {
		<-c.end
		return 0, net.ErrClosed
	}
	return c.Conn.Read(b)
}

// answering answers what a sentinel and a Cluster are asked for, and nothing else.
func answering(t *testing.T, connection net.Conn) {
	t.Helper()
	s := server.NewServerConn()
	for command, answer := range map[string]func(c *server.Peer, words []string){
		"SENTINEL": func(c *server.Peer, words []string) {
			if words[0] == "sentinels" {
				c.WriteLen(0)
				return
			}
			c.WriteStrings([]string{"redis", "1"})
		},
		"SUBSCRIBE": func(c *server.Peer, words []string) {
			for i, channel := range words {
				c.WriteLen(3)
				c.WriteBulk("subscribe")
				c.WriteBulk(channel)
				c.WriteInt(i + 1)
			}
		},
		"CLUSTER": func(c *server.Peer, _ []string) {
			c.WriteRaw("*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$5\r\nentry\r\n:1\r\n") // it has all slots
		},
		"EVAL": func(*server.Peer, []string) {},
		"GET":  func(*server.Peer, []string) {},
		"PING": func(*server.Peer, []string) {},
	} {
		if err := s.Register(command, func(c *server.Peer, _ string, words []string) { answer(c, words) }); err != nil {
			t.Fatal(err)
		}
	}
	s.ServeConn(connection)
}

// Each wait for Redis has an end of its own, in every mode, and what go-redis might
// send again by itself it does not wait for twice.
func TestTimeoutsInEveryMode(t *testing.T) {
	const limit = 7 * time.Second
	for _, row := range []struct {
		name   string
		far    farSide
		change func(*storage.Options)
		within time.Duration // of the caller
	}{
		{"dial", isNotReached, func(o *storage.Options) { o.DialTimeout = limit }, time.Hour},
		{"read", takesAndIsSilent, func(o *storage.Options) { o.ReadTimeout = limit }, time.Hour},
		{"write", takesNothing, func(o *storage.Options) { o.WriteTimeout = limit }, time.Hour},
		{"the caller's, to dial", isNotReached, func(*storage.Options) {}, limit},
		{"the caller's, to read", takesAndIsSilent, func(*storage.Options) {}, limit},
		{"the caller's, to write", takesNothing, func(*storage.Options) {}, limit},
	} {
		for _, mode := range modes() {
			t.Run(row.name+"/"+mode, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					const long = 2 * time.Hour
					o := storage.Options{DialTimeout: long, ReadTimeout: long, WriteTimeout: long, PoolTimeout: long}
					row.change(&o)
					s := lost(t, mode, row.far, o)
					ctx, cancel := context.WithTimeout(t.Context(), row.within)
					defer cancel()
					began := time.Now()
					if err := storage.SendOnce(ctx, s); err == nil {
						t.Error("it was answered")
					}
					if took := time.Since(began); took != limit {
						t.Errorf("it took %v", took)
					}
					s.Close()
					time.Sleep(2 * long) // go-redis goes on dialling for who has given up
				})
			})
		}
	}
}

// One pool of the configured size serves single commands and pipelines, in every mode.
func TestThePoolInEveryMode(t *testing.T) {
	for _, mode := range modes() {
		t.Run(mode, func(t *testing.T) {
			s, err := storage.Open(storage.Options{
				Mode: mode, Addresses: []string{"redis:1"}, MasterName: "main", PoolSize: 5, PoolTimeout: 7 * time.Second,
			}, storage.NewKeyring(storage.NewKey()))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if got, want := storage.PoolOf(s), (storage.Pool{Size: 5, Pipelines: -1, Timeout: 7 * time.Second}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}
